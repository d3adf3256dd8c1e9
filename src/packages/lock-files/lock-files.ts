import { basename } from 'node:path'
import type { ProjectFormat } from './format.js'

// Imported only for such a file: together they take 5 ms to load.
const FORMATS = new Map<string, () => Promise<ProjectFormat>>([
  ['pyproject.toml', () => import('./pyproject.js')],
  ['uv.lock', () => import('./uv-lock.js')],
  ['poetry.lock', () => import('./poetry-lock.js')],
  ['Pipfile.lock', () => import('./pipfile-lock.js')]
])

/** The format of a lock file or project file by its name; undefined for a requirements file. */
export const projectFormat = async (file: string): Promise<ProjectFormat | undefined> =>
  FORMATS.get(basename(file))?.()
