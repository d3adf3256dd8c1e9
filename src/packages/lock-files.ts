import { copyFile, mkdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { basename, dirname, join, posix, relative, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parse, stringify, type TomlTable } from 'smol-toml'
import * as z from '../util/schema.js'
import { temporaryFolder } from '../util/temporary.js'
import { FlowstoreError } from '../errors.js'
import { logicalLines } from './pip.js'
import { runTool, toolProgram, UV, type Machine, type Need, type Tool } from './tools.js'

/** A file as it was given: relative to the working directory with `/`, and the directory. */
interface Given {
  readonly file: string
  readonly cwd: string
}

const POETRY: Tool = {
  name: 'poetry',
  requirements: ['poetry==2.1.4', 'poetry-plugin-export==1.9.0'],
  // With the pip that 3.9 brings the resolution takes a quarter of an hour.
  pythons: ['3.10', '3.11', '3.12', '3.13']
}

/** The one index that needs no saying; to say it would override the machine's own mirror. */
const PYPI = /^https:\/\/pypi\.org\/simple\/?$/

const indexLines = (urls: readonly string[]): string[] => {
  const others = urls.filter(url => !PYPI.test(url))
  return others.map((url, index) =>
    index === 0 && others.length === urls.length ? `--index-url ${url}` : `--extra-index-url ${url}`
  )
}

const wrong = ({ file }: Given, what: string, hint?: string): FlowstoreError =>
  new FlowstoreError('INVALID_OPTION', `the requirements file '${file}' ${what}`, { file, hint })

const needFor = (given: Given, tool: Tool): Need => ({
  what: `to export ${given.file}`,
  hint: `Have ${tool.name} on PATH, or give a requirements file.`,
  ...given
})

async function exported(
  program: string,
  args: readonly string[],
  folder: string,
  given: Given,
  machine: Machine
): Promise<string[]> {
  const { exitCode, stdout, stderr } = await runTool(program, args, folder, machine)
  machine.log.debug(stderr)
  if (exitCode !== 0) {
    const detail = (stderr.trim() || stdout.trim()).split(/\r?\n/).slice(-15).join('\n')
    throw new FlowstoreError('DEPENDENCY_INSTALL', `${given.file} can't be exported`, {
      file: given.file,
      detail
    })
  }
  return logicalLines(stdout)
    .map(line => line.replace(/\s+(?=--hash)/g, ' '))
    .filter(line => !PYPI.test(/^(?:-i|--index-url)[\s=]+(\S+)$/.exec(line)?.[1] ?? ''))
}

/** A path below a folder as the working directory has it, such as `./libs/tools`. */
function localPath(path: string, folder: string, cwd: string): string {
  const found = relative(cwd, resolve(folder, path)).replaceAll(sep, '/')
  return found.startsWith('../') || found === '..' ? found : `./${found}`
}

async function fromUv(given: Given, machine: Machine): Promise<string[]> {
  const folder = resolve(given.cwd, dirname(given.file))
  const program = await toolProgram(UV, ['--version'], needFor(given, UV), machine)
  const lines = await exported(
    program,
    [
      ...['export', '--frozen', '--no-dev', '--no-emit-project', '--no-header', '--no-annotate'],
      ...['--format', 'requirements-txt', '--quiet']
    ],
    folder,
    given,
    machine
  )
  const document = parseToml(await readFile(resolve(given.cwd, given.file), 'utf8'), given)
  const packages = Array.isArray(document['package']) ? document['package'] : []
  const registries = packages
    .map(entry => table(table(entry)['source'])['registry'])
    .filter(url => typeof url === 'string' && /^https?:/.test(url))
  // The export leaves them out.
  const indexes = indexLines([...new Set(registries as string[])])
  const requirements = lines.map(line =>
    line.replace(
      /^(-e )?(\.\.?(?:\/[^\s;]*)?)(?=\s|;|$)/,
      (_all, editable: string | undefined, path: string) =>
        `${editable ?? ''}${localPath(path, folder, given.cwd)}`
    )
  )
  return [...indexes, ...requirements]
}

const table = (value: unknown): TomlTable =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as TomlTable) : {}

function parseToml(text: string, given: Given): TomlTable {
  try {
    return parse(text)
  } catch (error) {
    throw wrong(given, `is no TOML: ${(error as Error).message.split('\n')[0] ?? ''}`)
  }
}

async function fromPoetry(given: Given, machine: Machine): Promise<string[]> {
  const folder = resolve(given.cwd, dirname(given.file))
  const project = posix.join(posix.dirname(given.file), 'pyproject.toml')
  const text = await readFile(join(folder, 'pyproject.toml'), 'utf8').catch((error: unknown) => {
    throw new FlowstoreError('FILE_NOT_FOUND', `'${given.file}' has no pyproject.toml beside it`, {
      hint: 'poetry exports a lock file together with the project it was made for.',
      cause: error
    })
  })
  const document = parseToml(text, { ...given, file: project })
  // poetry would install the plugins that a project asks for, and so run their code on this machine.
  delete table(table(document['tool'])['poetry'])['requires-plugins']
  const temporary = await temporaryFolder()
  const top = await realpath(temporary.path)
  // Deep, so that paths such as ../../libs can be told from those of the machine.
  const copy = join(top, ...Array<string>(8).fill('-'))
  try {
    await mkdir(copy, { recursive: true })
    await writeFile(join(copy, 'pyproject.toml'), stringify(document))
    await copyFile(join(folder, 'poetry.lock'), join(copy, 'poetry.lock'))
    const program = await toolProgram(POETRY, ['export', '--help'], needFor(given, POETRY), machine)
    const lines = await exported(
      program,
      ['export', '--format', 'requirements.txt', '--only', 'main', '--no-interaction'],
      copy,
      given,
      machine
    )
    const below = pathToFileURL(top).href
    return lines.map(line => {
      const at = line.indexOf(below)
      if (at === -1) return line
      const [url = '', ...marker] = line.slice(at).split(/\s+;\s*/)
      const path = relative(copy, fileURLToPath(url))
      const editable = line.startsWith('-e ') ? '-e ' : ''
      const extras = /^[\w.-]+(\[[^\]]+\]) @/.exec(line)?.[1] ?? ''
      return [`${editable}${localPath(path, folder, given.cwd)}${extras}`, ...marker].join(' ; ')
    })
  } finally {
    await temporary.remove()
  }
}

const pipfileLock = z.object({
  _meta: z.object({
    sources: z
      .array(z.object({ url: z.string(), verify_ssl: z.boolean().default(true) }))
      .default([])
  }),
  default: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      extras: z.array(z.string()).default([]),
      markers: z.string().optional(),
      hashes: z.array(z.string()).default([]),
      git: z.string().optional(),
      ref: z.string().optional(),
      subdirectory: z.string().optional(),
      path: z.string().optional(),
      file: z.string().optional(),
      editable: z.boolean().default(false)
    })
  )
})

type Locked = z.infer<typeof pipfileLock>['default'][string]

function pipfileLine(name: string, locked: Locked, folder: string, given: Given): string {
  const { extras, git, ref, subdirectory, markers, hashes } = locked
  const named = extras.length === 0 ? name : `${name}[${extras.join(',')}]`
  const marker = markers === undefined ? '' : ` ; ${markers}`
  const at = locked.path ?? locked.file
  if (git !== undefined) {
    const url = /^[a-z]+\+/.test(git) ? git : `git+${git}`
    const inside = subdirectory === undefined ? '' : `#subdirectory=${subdirectory}`
    return `${named} @ ${url}${ref === undefined ? '' : `@${ref}`}${inside}${marker}`
  }
  if (at !== undefined && /^[a-z+]+:/i.test(at)) return `${named} @ ${at}${marker}`
  if (at !== undefined) {
    const path = localPath(at, folder, given.cwd)
    const with_ = extras.length === 0 ? path : `${path}[${extras.join(',')}]`
    return `${locked.editable ? '-e ' : ''}${with_}${marker}`
  }
  if (locked.version === undefined) {
    throw wrong(given, `locks '${name}' in a way that flowstore doesn't know`)
  }
  const version = locked.version === '*' ? '' : locked.version
  return [`${named}${version}${marker}`, ...hashes.map(hash => `--hash=${hash}`)].join(' ')
}

function fromPipfile(text: string, given: Given): string[] {
  const folder = resolve(given.cwd, dirname(given.file))
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    throw wrong(given, `is no JSON: ${(error as Error).message}`)
  }
  const parsed = pipfileLock.safeParse(document)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw wrong(
      given,
      `is no Pipfile.lock: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`
    )
  }
  const { _meta, default: packages } = parsed.data
  return [
    ...indexLines(_meta.sources.map(({ url }) => url)),
    ..._meta.sources.flatMap(({ url, verify_ssl }) =>
      verify_ssl ? [] : [`--trusted-host ${/^\w+:\/\/(?:[^@/]*@)?([^/]+)/.exec(url)?.[1] ?? ''}`]
    ),
    ...Object.entries(packages).map(([name, locked]) => pipfileLine(name, locked, folder, given))
  ]
}

/** The name that a requirement line starts with, as indexes compare names. */
const normalName = (line: string): string =>
  (/^[\w.-]+/.exec(line)?.[0] ?? '').toLowerCase().replace(/[-_.]+/g, '-')

function fromPyproject(text: string, given: Given): string[] {
  const document = parseToml(text, given)
  const project = table(document['project'])
  const tool = table(document['tool'])
  const poetry = table(tool['poetry'])
  const dependencies = project['dependencies']
  const dynamic = project['dynamic']
  if (dependencies === undefined) {
    if ('dependencies' in poetry) {
      throw wrong(
        given,
        'has its dependencies in tool.poetry, which pip does not read',
        'Give poetry.lock as requirements-file.'
      )
    }
    if (Array.isArray(dynamic) && dynamic.includes('dependencies')) {
      throw wrong(
        given,
        'says that its dependencies are dynamic',
        'Give the file that they come from, or install the project itself: `.` in python-dependencies.'
      )
    }
    if (!('project' in document)) throw wrong(given, 'has no project table')
    return []
  }
  const lines = z.array(z.string().regex(/^\s*[A-Za-z0-9][^\r\n]*$/)).safeParse(dependencies)
  if (!lines.success)
    throw wrong(given, 'has project.dependencies that are no list of requirements')
  // Their names alone would be looked up in the index, where they may be somebody else's.
  const elsewhere = new Map<string, string>([
    ...Object.keys(table(table(tool['uv'])['sources'])).map(
      name => [normalName(name), 'uv.lock'] as const
    ),
    ...Object.entries(table(poetry['dependencies']))
      .filter(([, value]) => ['path', 'git', 'url', 'source'].some(key => key in table(value)))
      .map(([name]) => [normalName(name), 'poetry.lock'] as const)
  ])
  const taken = lines.data.find(line => elsewhere.has(normalName(line)))
  if (taken !== undefined) {
    const lock = elsewhere.get(normalName(taken)) ?? ''
    throw wrong(
      given,
      `takes '${normalName(taken)}' from a source that only its tool knows`,
      `Give ${lock} as requirements-file.`
    )
  }
  return lines.data.map(line => line.trim())
}

/**
 * The requirement lines that a `pyproject.toml` or a lock file stands for: without groups for
 * development, without the project itself, paths relative to the working directory.
 *
 * @param file relative to `cwd`, with `/`
 * @throws FlowstoreError INVALID_OPTION for a file that can't be read so, DEPENDENCY_INSTALL with the
 * words of uv or poetry, PYTHON_NOT_FOUND where none runs these
 */
export async function plainRequirements(
  file: string,
  cwd: string,
  machine: Machine
): Promise<readonly string[]> {
  const given = { file, cwd }
  const text = () => readFile(resolve(cwd, file), 'utf8')
  switch (basename(file)) {
    case 'uv.lock':
      return fromUv(given, machine)
    case 'poetry.lock':
      return fromPoetry(given, machine)
    case 'Pipfile.lock':
      return fromPipfile(await text(), given)
    default:
      return fromPyproject(await text(), given)
  }
}
