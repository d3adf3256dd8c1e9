import * as z from '../util/schema.js'
import { parseToml } from './lock-files/format.js'

/** What builds a project (PEP 517 and 518). */
export interface BuildSystem {
  /** The requirements of the backend. */
  readonly requires: readonly string[]
  /** `module:object`. */
  readonly backend: string
  /** Folders that the backend is imported from, relative to that of the project. */
  readonly paths: readonly string[]
}

/** That of a project that names none (PEP 517, "Source trees"). */
const DEFAULT: BuildSystem = {
  requires: ['setuptools>=40.8.0'],
  backend: 'setuptools.build_meta:__legacy__',
  paths: []
}

const tableSchema = z.object({
  requires: z.array(z.string()),
  'build-backend': z.string().optional(),
  'backend-path': z.array(z.string()).default([])
})

/**
 * Reads what builds a project from its `pyproject.toml`.
 *
 * @throws FlowstoreError INVALID_OPTION for a file that is not TOML
 */
export function buildSystem(text: string, file: string): BuildSystem {
  const table = tableSchema.safeParse(parseToml(text, file)['build-system'])
  if (!table.success) return DEFAULT
  const { requires, 'build-backend': backend = DEFAULT.backend, 'backend-path': paths } = table.data
  return { requires, backend, paths }
}
