import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { FlowstoreError } from '../../errors.js'
import type { Log } from '../../log.js'
import { installProgress, pipHint, pipReason } from '../../packages/installer-output.js'
import type { PipRun } from '../../packages/pip.js'
import { runTool } from '../../packages/machine/run-tool.js'
import type { Uv } from '../../packages/machine/virtual-environment.js'
import { normalizedName } from '../../packages/requirement.js'
import { LIKE_PIP, UV_VARIABLES, uvArguments } from '../../packages/uv.js'
import type { RequirementFiles } from '../plan/install-packages.js'
import { sitePackages, UnknownBase, type BaseFacts } from './base-facts.js'
import { unrecordedPackages } from './unrecorded-packages.js'

/** Packages to install beside those of a base image. */
export interface Installation {
  readonly base: BaseFacts
  /** The name of the base image for messages. */
  readonly reference: string
  readonly runs: readonly PipRun[]
  /** The requirement files of the runs. */
  readonly files: RequirementFiles
  /** What uv calls the platform. */
  readonly platform: string
  /** An interpreter of the base's `major.minor`. */
  readonly python: string
  readonly uv: Uv
  readonly env: Readonly<Record<string, string | undefined>>
  /** An empty folder; it becomes the root folder of the image. */
  readonly root: string
}

/** What an installation changed. */
export interface Installed {
  /** Every distribution of the image: its normalized name, to its version. */
  readonly packages: Readonly<Record<string, string>>
  /** The folders `*.dist-info` of the base that were replaced. */
  readonly replaced: readonly string[]
}

/**
 * Installs packages into a folder as uv would install them in the image. The folder first gets the metadata of the
 * packages that the base image has, so uv keeps or replaces them as it would there.
 *
 * @throws FlowstoreError DEPENDENCY_INSTALL; UnknownBase for a package of the base that can't be replaced
 */
export async function installPackages(installation: Installation, log: Log): Promise<Installed> {
  const { base, root } = installation
  const site = join(root, sitePackages(base.python))
  await mkdir(site, { recursive: true })
  for (const [path, text] of Object.entries(base.distributions)) {
    await mkdir(dirname(join(site, path)), { recursive: true })
    await writeFile(join(site, path), text)
  }
  await runUv(installation, log)
  // uv's lock of the folder.
  await rm(join(root, base.python.prefix, '.lock'), { force: true })
  const found = await distributionsIn(site)
  const present = new Set(found.map(({ folder }) => folder))
  const old = [...new Set(Object.keys(base.distributions).map(path => posix.dirname(path)))]
  const unrecorded = unrecordedPackages(base)
  for (const { folder, name } of found) {
    const known = unrecorded[normalizedName(name)]
    if (known === undefined || old.includes(folder)) continue
    throw new UnknownBase(
      `the base image has ${[name, known].filter(Boolean).join(' ')} without a list of its files, and it has to be replaced`
    )
  }
  for (const folder of old) await rm(join(site, folder), { recursive: true, force: true })
  return {
    packages: Object.fromEntries([
      ...Object.entries(unrecorded).filter(([, version]) => version !== ''),
      ...found.map(({ name, version }) => [normalizedName(name), version] as const)
    ]),
    replaced: old.filter(folder => !present.has(folder))
  }
}

async function runUv(
  { base, reference, runs, files, platform, python, uv, env, root }: Installation,
  log: Log
): Promise<void> {
  const folder = join(root, '..', 'requirements')
  const working = join(folder, files.folder)
  await mkdir(working, { recursive: true })
  const pathOf = (name: string) => join(working, name)
  const texts = [
    ...files.texts,
    ...runs
      .flatMap(run => [...run.texts])
      .map(([name, text]) => [posix.join(files.folder, name), text] as const)
  ]
  for (const [name, text] of texts) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  const install = [
    ...['pip', 'install', '--no-progress', '--python', python],
    ...['--prefix', join(root, base.python.prefix), '--link-mode', 'copy'],
    ...['--python-version', base.python.version, '--python-platform', platform],
    ...['--only-binary', ':all:'],
    ...LIKE_PIP
  ]
  for (const args of runs.flatMap(run => uvArguments(run, pathOf))) {
    const { exitCode, stdout, stderr } = await runTool(
      uv.program,
      [...install, ...args],
      working,
      { env },
      { ...UV_VARIABLES, ...uv.variables },
      line => {
        log.debug(line)
        const doing = installProgress(line)
        if (doing !== undefined) log.progress(`installing packages: ${doing}`)
      }
    )
    if (exitCode === 0) continue
    const detail = pipReason(stdout + stderr)
    throw new FlowstoreError(
      'DEPENDENCY_INSTALL',
      `the flows' dependencies can't be installed for ${reference} (Python ${base.python.version}, ${platform}) from wheels`,
      { detail, hint: wheelHint(detail) ?? pipHint(detail) }
    )
  }
}

/** The hint for a package that has no wheel. */
const wheelHint = (detail: string): string | undefined =>
  /no usable wheels|no wheels? |no-binary|only-binary|building (?:from )?source/i.test(detail)
    ? 'A package has no wheel for this platform. A daemon can build it in the image: set builder: daemon.'
    : undefined

interface Distribution {
  readonly folder: string
  readonly name: string
  readonly version: string
}

async function distributionsIn(site: string): Promise<readonly Distribution[]> {
  const names = await readdir(site)
  const folders = names.filter(name => name.endsWith('.dist-info'))
  return Promise.all(
    folders.map(async folder => {
      const text = await readFile(join(site, folder, 'METADATA'), 'utf8')
      return { folder, ...nameAndVersion(text) }
    })
  )
}

/** The name and the version in the metadata of a distribution (core metadata 2.1). */
export function nameAndVersion(metadata: string): { name: string; version: string } {
  const field = (name: string) => new RegExp(`^${name}: *(.+)$`, 'im').exec(metadata)?.[1]?.trim()
  return { name: field('Name') ?? '', version: field('Version') ?? '' }
}
