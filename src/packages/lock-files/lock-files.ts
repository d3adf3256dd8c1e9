import { basename } from 'node:path'
import type { ProjectFormat } from './format.js'
import type * as Formats from './formats.js'

type FormatName = keyof typeof Formats

const FORMATS: ReadonlyMap<string, FormatName> = new Map([
  ['pyproject.toml', 'pyproject'],
  ['uv.lock', 'uvLock'],
  ['poetry.lock', 'poetryLock'],
  ['Pipfile.lock', 'pipfileLock']
])

/** The format of a lock file or project file by its name; undefined for a requirements file. */
export async function projectFormat(file: string): Promise<ProjectFormat | undefined> {
  const name = FORMATS.get(basename(file))
  // With everything that runs uv and poetry, the formats take 10 ms to load. A requirements file needs none of it.
  return name && (await import('./formats.js'))[name]
}
