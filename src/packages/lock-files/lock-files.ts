import { basename } from 'node:path'
import type { ProjectFormat } from './format.js'
import * as pipfileLock from './pipfile-lock.js'
import * as poetryLock from './poetry-lock.js'
import * as pyproject from './pyproject.js'
import * as uvLock from './uv-lock.js'

const FORMATS = new Map<string, ProjectFormat>([
  ['pyproject.toml', pyproject],
  ['uv.lock', uvLock],
  ['poetry.lock', poetryLock],
  ['Pipfile.lock', pipfileLock]
])

/** The format of a lock file or project file by its name; undefined for a requirements file. */
export const projectFormat = (file: string): ProjectFormat | undefined =>
  FORMATS.get(basename(file))
