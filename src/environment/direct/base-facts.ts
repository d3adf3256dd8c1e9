import { posix } from 'node:path'
import { DEFAULT_PATH } from '../../image/image-variables.js'
import type { ImageEntry, ImageFiles } from '../../image/oci/image-files.js'
import { minorOf } from '../../util/minor.js'
import * as z from '../../util/schema.js'

/** Where a base image keeps what pip would install. */
const pythonSchema = z.object({
  /** `sys.executable` of a Python that is started by its name on PATH. */
  executable: z.string(),
  /** `major.minor.micro`. */
  version: z.string(),
  /** The folder that `bin` and `lib/pythonX.Y` are in, without links. */
  prefix: z.string()
})

const entrySchema = z.object({
  mode: z.number().int(),
  uid: z.number().int(),
  gid: z.number().int(),
  link: z.string().optional()
})

const baseFactsSchema = z.object({
  python: pythonSchema,
  /** The C library: `glibc 2.36` or `musl`. */
  libc: z.string(),
  /** Folders, and links to anything, by path. */
  folders: z.record(z.string(), entrySchema),
  /** The files of the folders `*.dist-info` in site-packages, without those of folders in them, by path there. */
  distributions: z.record(z.string(), z.string()),
  /** All files of site-packages except bytecode, by their paths there. */
  siteFiles: z.array(z.string()),
  /** The scripts that its ENTRYPOINT names, by path. */
  scripts: z.record(z.string(), z.string())
})

/** What a base image's files tell, without starting it. */
export type BaseFacts = z.infer<typeof baseFactsSchema>

/** Reads the text that `JSON.stringify` made of facts; undefined for any other text. */
export function parseBaseFacts(text: string): BaseFacts | undefined {
  try {
    return baseFactsSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** Why a base image can't be read: a clause. */
export class UnknownBase extends Error {}

const LIBC = /\/(?:libc\.so\.6|libc-2\.\d+\.so|ld-musl-[\w-]+\.so\.1)$/
const PYTHON = /\/(?:bin\/python3\.\d+|libpython3\.\d+\.so(?:\.[\d.]+)?)$/
const DISTRIBUTION = /\/site-packages\/[^/]+\.dist-info\/[^/]+$/

/** Whether the content of a file is needed for {@link baseFacts}. */
export const isWantedFile = (path: string): boolean =>
  LIBC.test(path) || PYTHON.test(path) || DISTRIBUTION.test(path)

/**
 * Reads the facts of a base image from its files.
 *
 * @param path PATH in the image
 * @param starting files that its ENTRYPOINT may name
 * @throws UnknownBase
 */
export function baseFacts(
  files: ImageFiles,
  path = DEFAULT_PATH,
  starting: readonly string[] = []
): BaseFacts {
  const python = pythonOf(files, path)
  return {
    python,
    libc: libcOf(files),
    folders: foldersOf(files),
    distributions: distributionsOf(files, sitePackages(python)),
    siteFiles: siteFilesOf(files, sitePackages(python)),
    scripts: Object.fromEntries(
      starting.flatMap(file => {
        const text = files.entry(file)?.content?.toString('utf8')
        return text?.startsWith('#!') ? [[file, text]] : []
      })
    )
  }
}

/** The folder of the standard library, without links. */
export const standardLibrary = ({
  prefix,
  version
}: Omit<BaseFacts['python'], 'executable'>): string =>
  posix.join(prefix, 'lib', `python${minorOf(version)}`)

/** The folder of packages, without links. */
export const sitePackages = (python: Omit<BaseFacts['python'], 'executable'>): string =>
  posix.join(standardLibrary(python), 'site-packages')

function pythonOf(files: ImageFiles, path: string): BaseFacts['python'] {
  const executable = executableOf(files, path)
  const real = files.real(executable) ?? executable
  const folder = posix.dirname(executable)
  if (files.at(posix.join(folder, '..', 'pyvenv.cfg')) !== undefined) {
    throw new UnknownBase(`the base image's Python ${executable} is one of a virtual environment`)
  }
  const name = /^python(3\.\d+)$/.exec(posix.basename(real))
  if (!name?.[1])
    throw new UnknownBase(`the name of the base image's ${real} does not say its version`)
  const prefix = posix.dirname(posix.dirname(real))
  const library = posix.join(prefix, 'lib', `python${name[1]}`)
  if (files.at(posix.join(library, 'os.py')) === undefined) {
    throw new UnknownBase(`the base image has no standard library in ${library}`)
  }
  if (files.at(posix.join(library, 'EXTERNALLY-MANAGED')) !== undefined || prefix === '/usr') {
    throw new UnknownBase(`the base image's Python ${real} is the distribution's own`)
  }
  if (files.entry(posix.join(library, 'site-packages'))?.type !== 'folder') {
    throw new UnknownBase(`the base image has no site-packages in ${library}`)
  }
  return { executable, version: versionOf(files, prefix, name[1]), prefix }
}

function executableOf(files: ImageFiles, path: string): string {
  for (const name of ['python', 'python3']) {
    for (const folder of path.split(':').filter(Boolean)) {
      const found = posix.join(folder, name)
      const entry = files.entry(found)
      if (entry?.type === 'file' && (entry.mode & 0o111) !== 0) return found
    }
  }
  throw new UnknownBase('the base image has no python on its PATH')
}

/** The version is a text in the program or its library, or the end of one: linkers share such ends. */
function versionOf(files: ImageFiles, prefix: string, python: string): string {
  const found = new Set<string>()
  const pattern = new RegExp(`(?<![\\d.])(${python.replace('.', '\\.')}\\.\\d+)\\0`, 'g')
  for (const path of files.paths()) {
    if (!PYTHON.test(path) || !path.startsWith(`${prefix}/`) || !path.includes(python)) continue
    const content = files.at(path)?.content?.toString('latin1') ?? ''
    for (const [, version = ''] of content.matchAll(pattern)) found.add(version)
  }
  const [version, ...others] = found
  if (version === undefined || others.length > 0) {
    throw new UnknownBase(
      `the version of the base image's Python ${python} can't be read from its files`
    )
  }
  return version
}

function libcOf(files: ImageFiles): string {
  let musl = false
  for (const path of files.paths()) {
    if (!LIBC.test(path)) continue
    if (path.includes('ld-musl')) musl = true
    const text = files.at(path)?.content?.toString('latin1') ?? ''
    const glibc = /GNU C Library [^\n]*release version (\d+\.\d+)/.exec(text)?.[1]
    if (glibc !== undefined) return `glibc ${glibc}`
  }
  if (musl) return 'musl'
  throw new UnknownBase('the C library of the base image is not known')
}

function foldersOf(files: ImageFiles): BaseFacts['folders'] {
  const folders: Record<string, z.infer<typeof entrySchema>> = {}
  for (const path of files.paths()) {
    const entry = files.at(path)
    if (entry === undefined || entry.type === 'file') continue
    folders[path] = ownerOf(entry)
  }
  return folders
}

const ownerOf = ({ mode, uid, gid, link }: ImageEntry) => ({
  mode,
  uid,
  gid,
  ...(link === undefined ? {} : { link })
})

function distributionsOf(files: ImageFiles, site: string): BaseFacts['distributions'] {
  const real = files.real(site) ?? site
  const found: Record<string, string> = {}
  for (const path of files.paths()) {
    const { type, content } = files.at(path) ?? {}
    if (!DISTRIBUTION.test(path) || !path.startsWith(`${real}/`) || type !== 'file') continue
    found[path.slice(real.length + 1)] = content?.toString('utf8') ?? ''
  }
  return found
}

const siteFilesOf = (files: ImageFiles, site: string): string[] =>
  [...files.paths()]
    .filter(path => path.startsWith(`${site}/`) && !path.endsWith('.pyc'))
    .filter(path => files.at(path)?.type !== 'folder')
    .map(path => path.slice(site.length + 1))

/** The file for the bytecode of a module (Python, "PYC repository directories"). */
export const bytecodeOf = (path: string, { version }: BaseFacts['python']): string =>
  posix.join(
    posix.dirname(path),
    '__pycache__',
    `${posix.basename(path, '.py')}.cpython-${minorOf(version).replace('.', '')}.pyc`
  )
