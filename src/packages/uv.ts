import { minorOf } from '../util/minor.js'
import type { PipRun } from './pip.js'
import { hasAttachedValue, type RequirementLine } from './requirement.js'
import { allLines, type Requirements } from './requirements.js'

/** The program that installs packages; `auto` is uv if it would install the same as pip, else pip. */
export type Installer = 'auto' | 'pip' | 'uv'

/** The release of uv that flowstore installs if it needs one. */
export const UV_RELEASE = '0.9.30'

/** `major.minor` of the Pythons that it supports, oldest first. */
export const UV_PYTHONS = ['3.8', '3.9', '3.10', '3.11', '3.12', '3.13', '3.14'] as const

/** Whether uv supports a version of Python. */
export const runsUv = (python: string): boolean =>
  (UV_PYTHONS as readonly string[]).includes(minorOf(python))

/** Options of requirement files that uv reads as pip does. */
const SHARED_OPTIONS = new Set([
  '--index-url',
  '--extra-index-url',
  '--no-index',
  '--find-links',
  '--require-hashes'
])

/** Whether an address names its package in its fragment, which uv does not read as pip does. */
const hasEgg = (address: string): boolean => /#.*\begg=/.test(address)

function isReadAlike(line: RequirementLine): boolean {
  if (hasAttachedValue(line)) return false
  switch (line.kind) {
    case 'named':
      return line.options === ''
    case 'path':
      return line.options === '' && !hasEgg(line.path)
    case 'url':
      return (
        line.options === '' && !hasEgg(line.url) && (line.vcs === undefined || line.vcs === 'git')
      )
    case 'include':
      return !line.isUrl
    case 'option':
      return SHARED_OPTIONS.has(line.name)
    case 'unknown':
      return false
  }
}

/**
 * The first line of the requirements that uv may read differently than pip: an option that it ignores, a form
 * that it does not know, a file that can't be read here. Undefined if there is none.
 */
export const notForUv = (requirements: Requirements): string | undefined =>
  allLines(requirements).find(line => !isReadAlike(line))?.line

// shell/install-packages.sh repeats the three patterns and the message below; a test compares them.

/** Variables of uv that affect neither the installed packages nor their sources: an extended regular expression. */
export const UV_NEUTRAL_VARIABLES =
  'UV_(CACHE_DIR|TOOL_DIR|TOOL_BIN_DIR|PYTHON_INSTALL_DIR|PYTHON_DOWNLOADS|LINK_MODE|COMPILE_BYTECODE|NATIVE_TLS|SYSTEM_PYTHON|BREAK_SYSTEM_PACKAGES|NO_PROGRESS|HTTP_TIMEOUT|CONCURRENT_[A-Z]+)='

/** Variables that set uv's sources of packages. */
export const UV_INDEX_VARIABLES =
  'UV_(DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|CONFIG_FILE)='

/** Settings of `pip config list` that affect the installed packages. */
export const PIP_DECIDING_SETTINGS =
  '\\.(index-url|extra-index-url|find-links|no-index|constraint|require-hashes|no-binary|only-binary)='

/**
 * Why `installer: uv` is refused if pip's configuration affects the installed packages. Like all text that an image
 * build prints, it names no option: each entry point writes these in its own way.
 */
export const NOT_READ_BY_UV =
  "pip is configured to use other indexes or to restrict packages, and uv does not read pip's configuration"

/** Variables of every `uv pip install` that flowstore runs. Variables that are already set keep their value. */
export const UV_VARIABLES: Readonly<Record<string, string>> = {
  // Like pip, take the best version of all indexes.
  UV_INDEX_STRATEGY: 'unsafe-best-match',
  UV_NATIVE_TLS: 'true',
  UV_PYTHON_DOWNLOADS: 'never'
}

/** Arguments that limit uv to what pip reads: no configuration files and no `tool.uv.sources`. */
export const LIKE_PIP = ['--no-config', '--no-sources'] as const

/**
 * Arguments of the `uv pip install` calls that do the same as a run of pip, in order.
 *
 * @param pathOf the path of a file of the run
 */
export function uvArguments(run: PipRun, pathOf: (name: string) => string): string[][] {
  const install = [...run.args, '-r', pathOf(run.file)]
  if (!run.hashed) return [install]
  const hashed = [...install, '--require-hashes']
  // With --require-hashes uv takes only pins as constraints, so a dry run without it checks them first.
  return run.constraints === undefined
    ? [hashed]
    : [[...install, '-c', pathOf(run.constraints), '--dry-run'], hashed]
}
