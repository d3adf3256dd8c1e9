import { posix } from 'node:path'
import { normalizedName } from '../packages/requirement.js'

/** The folder of the metadata of a distribution. */
const METADATA = /^([^-]+)-([^-]+)(?:-py[0-9.]+)?\.(?:dist-info|egg-info|egg)$/

/** Whether the text of a file says which packages can be imported, and from where. */
export const isPackageText = (path: string): boolean => /\.(?:pth|dist-info\/WHEEL)$/.test(path)

/**
 * The packages, each with its version, that folders lack.
 *
 * @param packages normalized name to version
 * @param paths what is in the folders
 */
export function missingPackages(
  packages: Readonly<Record<string, string>>,
  folders: readonly string[],
  paths: Iterable<string>
): string[] {
  const found = new Set<string>()
  for (const path of paths) {
    if (!folders.includes(posix.dirname(path))) continue
    const [, name, version] = METADATA.exec(posix.basename(path)) ?? []
    if (name !== undefined) found.add(`${normalizedName(name)} ${version ?? ''}`)
  }
  return Object.entries(packages)
    .map(([name, version]) => `${name} ${version}`)
    .filter(each => !found.has(each))
}

/** The releases of glibc behind the older names of wheels' platforms (PEP 600). */
const OLDER_NAMES: Readonly<Record<string, number>> = {
  manylinux1: 5,
  manylinux2010: 12,
  manylinux2014: 17
}

/** What a package needs: a release of glibc, such as `2.28`. */
interface NeededGlibc {
  readonly package: string
  readonly glibc: string
}

/**
 * The newest glibc that wheels need, by their tags; undefined if none needs one. A wheel that was built in the image
 * may need that of the image.
 *
 * @param wheels files `WHEEL` of distributions, by path
 * @param libc the C library of the image
 */
export function neededGlibc(
  wheels: ReadonlyMap<string, string>,
  libc: string
): NeededGlibc | undefined {
  let newest: NeededGlibc | undefined
  for (const [path, text] of wheels) {
    if (!path.endsWith('/WHEEL')) continue
    const glibc = glibcOfWheel(text, libc)
    if (glibc === undefined || (newest && !newerGlibc(glibc, `glibc ${newest.glibc}`))) continue
    newest = { package: posix.basename(posix.dirname(path), '.dist-info'), glibc }
  }
  return newest
}

function glibcOfWheel(text: string, libc: string): string | undefined {
  const tags = [...text.matchAll(/^Tag: *(\S+)/gm)].map(([, tag = '']) => tag)
  const platforms = tags.map(tag => tag.split('-').slice(2).join('-'))
  if (platforms.includes('any')) return undefined
  const minors = platforms.flatMap(platform =>
    platform.split('.').flatMap(name => {
      const minor = /^manylinux_2_(\d+)_/.exec(name)?.[1]
      const older = OLDER_NAMES[/^manylinux\d+/.exec(name)?.[0] ?? '']
      return minor === undefined ? (older ?? []) : Number(minor)
    })
  )
  if (minors.length > 0) return `2.${Math.min(...minors)}`
  return platforms.some(platform => platform.startsWith('linux_'))
    ? /^glibc (\d+\.\d+)/.exec(libc)?.[1]
    : undefined
}

/**
 * Whether a release of glibc is newer than a C library.
 *
 * @param release such as `2.28`
 * @param libc such as `glibc 2.36`
 */
export function newerGlibc(release: string, libc: string): boolean {
  const here = /^glibc (\d+)\.(\d+)/.exec(libc)
  if (!here) return false
  const [major = 0, minor = 0] = release.split('.').map(Number)
  return major > Number(here[1]) || (major === Number(here[1]) && minor > Number(here[2]))
}
