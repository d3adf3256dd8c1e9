import { basename } from 'node:path'
import type { ProjectFormat } from './format.js'

// Loaded for such a file only: together they take 5 ms, which most runs can do without.
const FORMATS = new Map<string, () => Promise<ProjectFormat>>([
  ['pyproject.toml', () => import('./pyproject.js')],
  ['uv.lock', () => import('./uv-lock.js')],
  ['poetry.lock', () => import('./poetry-lock.js')],
  ['Pipfile.lock', () => import('./pipfile-lock.js')]
])

/** The format of a file that stands for requirement lines, told by its name; undefined for a requirements file. */
export const projectFormat = async (file: string): Promise<ProjectFormat | undefined> =>
  FORMATS.get(basename(file))?.()
