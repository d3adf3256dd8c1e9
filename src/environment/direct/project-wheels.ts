import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { FlowstoreError } from '../../errors.js'
import type { Log } from '../../log.js'
import { buildSystem, type BuildSystem } from '../../packages/build-system.js'
import { pipHint, pipReason } from '../../packages/installer-output.js'
import { runTool } from '../../packages/machine/run-tool.js'
import { programOf, type Uv } from '../../packages/machine/virtual-environment.js'
import type { PipRun } from '../../packages/pip.js'
import { LIKE_PIP, UV_VARIABLES } from '../../packages/uv.js'
import { PACKAGE_ROOT } from '../../paths.js'
import { cellArguments, isCell, isolationOf } from '../../python/cell.js'
import { moduleEnvironment } from '../../python/module-environment.js'
import { copySources } from '../../sources/staging.js'
import { rootBelowTop, type Sources } from '../../sources/sources.js'
import { ifThere } from '../../util/files.js'
import { runProcess, type ProcessResult } from '../../util/process.js'
import * as z from '../../util/schema.js'

/** Projects of the repository, and what builds their wheels. */
export interface ProjectWheelsOptions {
  /** Folders, relative to the root of the sources. */
  readonly projects: readonly string[]
  readonly sources: Sources
  /** An interpreter of the image's `major.minor`. */
  readonly python: string
  readonly uv: Uv
  /** Variables of the machine. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Files that the build must not read, absolute. */
  readonly secretPaths: readonly string[]
  /** A folder that does not exist. */
  readonly folder: string
}

/** Why a wheel of a project can't go into an image that is not started: a clause. */
export class NotPure extends Error {}

/** Folders that a build may write to. */
const WRITABLE = ['sources', 'wheels', 'home', 'tmp']

/** No archive can hold an earlier time than 1980. */
const EARLIEST = '315532800'

/**
 * Builds the wheels of projects of the repository, each in a cell on a Linux machine that allows it: the build reaches no
 * network and no file of the machine but its own. Only its build requirements are installed before, as wheels.
 *
 * @returns the run that installs the wheels
 * @throws FlowstoreError DEPENDENCY_INSTALL; NotPure for a wheel that is only for one platform
 */
export async function projectWheels(options: ProjectWheelsOptions, log: Log): Promise<PipRun> {
  const { projects, sources, folder } = options
  for (const name of WRITABLE) await mkdir(join(folder, name), { recursive: true })
  const top = join(folder, 'sources')
  const root = join(top, rootBelowTop(sources))
  await copySources(sources, root, top)
  const pins: string[] = []
  for (const [index, project] of projects.entries()) {
    const builder = new ProjectBuilder(options, { ...sources, root }, project, String(index), log)
    pins.push(await builder.build())
  }
  const file = 'flowstore-projects.txt'
  const wheels = projects.map((_project, index) => join(folder, 'wheels', String(index)))
  return {
    file,
    args: ['--no-deps', '--no-index', '--reinstall', ...wheels.flatMap(each => ['-f', each])],
    texts: new Map([[file, `${pins.join('\n')}\n`]])
  }
}

/** Milliseconds for each step of the build of a project, which is pure Python. */
const LIMIT = 600_000

/** Builds the wheel of one project. */
class ProjectBuilder {
  private readonly output: string
  private readonly environment: string

  constructor(
    private readonly options: ProjectWheelsOptions,
    private readonly sources: Sources,
    private readonly project: string,
    name: string,
    private readonly log: Log
  ) {
    this.output = join(options.folder, 'wheels', name)
    this.environment = join(options.folder, 'environments', name)
  }

  /** Builds it; gives the requirement `name==version` for the wheel. */
  async build(): Promise<string> {
    const { python } = this.options
    const file = posix.join(this.project, 'pyproject.toml')
    const system = buildSystem(await readFile(join(this.sources.root, file), 'utf8'), file)
    await mkdir(this.output)
    const { exitCode, stdout, stderr } = await this.run(python, [
      ...['-m', 'venv', '--without-pip', this.environment]
    ])
    if (exitCode !== 0) throw this.failure(stdout + stderr)
    await this.install(system.requires)
    await this.runBackend(system, 'ask')
    const needed = await this.neededPackages()
    if (needed.length > 0) {
      await this.install(needed)
      await this.runBackend(system, 'build')
    }
    const names = await readdir(this.output)
    const wheel = names.find(name => name.endsWith('.whl')) ?? ''
    const [, name, version, tag] =
      /^([^-]+)-([^-]+)(?:-\d[^-]*)?-[^-]+-([^-]+-[^-]+)\.whl$/.exec(wheel) ?? []
    if (name === undefined || version === undefined)
      throw this.failure('The build has made no wheel.')
    if (tag !== 'none-any') {
      throw new NotPure(`the project '${this.project}' has code that is compiled for one platform`)
    }
    return `${name}==${version}`
  }

  private async install(requirements: readonly string[]): Promise<void> {
    if (requirements.length === 0) return
    const { uv, env, folder } = this.options
    const file = join(folder, 'build-requirements.txt')
    await writeFile(file, `${requirements.join('\n')}\n`)
    const { exitCode, stdout, stderr } = await runTool(
      uv.program,
      [
        ...['pip', 'install', '--no-progress', '--python', programOf(this.environment, 'python')],
        ...['--only-binary', ':all:', ...LIKE_PIP, '-r', file]
      ],
      folder,
      { env },
      { ...UV_VARIABLES, ...uv.variables },
      line => {
        this.log.debug(line)
      }
    )
    if (exitCode !== 0) throw this.failure(stdout + stderr)
  }

  private async runBackend({ backend, paths }: BuildSystem, mode: 'ask' | 'build'): Promise<void> {
    const { folder, env, secretPaths } = this.options
    const script = await readFile(join(PACKAGE_ROOT, 'python', 'build_wheel.py'), 'utf8')
    const project = join(this.sources.root, this.project)
    const args = ['-I', '-c', script, mode, backend, project, this.output, ...paths]
    const cell = {
      ...{ keepsNetwork: false, folder, writable: WRITABLE, temporary: 'tmp' },
      ...{ sources: this.sources, env, secretPaths, pythonPath: '' }
    }
    this.log.progress(`building ${this.project}`)
    const { exitCode, stdout, stderr } = await this.run(
      programOf(this.environment, 'python'),
      process.platform === 'linux' ? await cellArguments(cell, args) : args
    )
    const held = isCell(isolationOf(/cell (.*)/.exec(stdout.split('\n')[0] ?? '')?.[1] ?? ''))
    if (mode === 'ask') {
      this.log.info(
        `Building the project '${this.project}' ${held ? 'in a cell' : 'without a cell'}`
      )
    }
    this.log.debug(stdout + stderr)
    if (exitCode !== 0) throw this.failure(stdout + stderr)
  }

  /** Runs a step of the build, within its limit. */
  private async run(program: string, args: readonly string[]): Promise<ProcessResult> {
    const { folder } = this.options
    try {
      return await runProcess(program, args, { cwd: folder, env: this.variables(), timeout: LIMIT })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ETIMEDOUT') throw error
      throw new FlowstoreError(
        'DEPENDENCY_INSTALL',
        `the build of the project '${this.project}' did not end within ${LIMIT / 60_000} minutes`,
        {
          hint: 'Its build backend hangs or does too much: try `python -m build` there.',
          cause: error
        }
      )
    }
  }

  /** Build requirements that only the backend knows. */
  private async neededPackages(): Promise<readonly string[]> {
    const text = await ifThere(readFile(join(this.output, 'requires.json'), 'utf8'))
    return text === undefined ? [] : z.array(z.string()).parse(JSON.parse(text))
  }

  private variables(): Record<string, string> {
    const { env, folder } = this.options
    return moduleEnvironment(env, { SOURCE_DATE_EPOCH: EARLIEST }, join(folder, 'home'))
  }

  private failure(output: string): FlowstoreError {
    const detail = pipReason(output)
    return new FlowstoreError(
      'DEPENDENCY_INSTALL',
      `the project '${this.project}' can't be built into a wheel`,
      { detail, hint: pipHint(detail) }
    )
  }
}
