import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PACKAGE_ROOT } from '../paths.js'

/**
 * The program that reads back every flow of an image: `python healthcheck.py` in its container. Prefect's
 * images have one of that name too.
 *
 * @param flows name to location
 */
export async function healthcheckFile(flows: ReadonlyMap<string, string>): Promise<Buffer> {
  const text = await readFile(join(PACKAGE_ROOT, 'python', 'healthcheck.py'), 'utf8')
  // An object of strings is the same in JSON and in Python.
  const table = JSON.stringify(Object.fromEntries(flows), null, 4)
  return Buffer.from(text.replace('FLOWS = {}', () => `FLOWS = ${table}`))
}
