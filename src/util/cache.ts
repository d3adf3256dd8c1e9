import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** The folder of a user's machine for what is kept between runs. */
export const userCache = (env: Readonly<Record<string, string | undefined>>): string =>
  resolve(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'flowstore')
