import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of this package: one level above `src/`, `dist/` and `lib/` alike. */
export const PACKAGE_ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..')
