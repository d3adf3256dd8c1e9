import { expect } from '@jest/globals'
import type { PublishedReport as Report } from '../../src/publish/outputs.js'
import { run, type Ended } from './flowstore.js'

/** The report of a build with `--json`. The build must succeed; otherwise the failure shows its output. */
export function reportOf(ended: Ended): Report {
  expect({ code: ended.code, why: ended.code === 0 ? '' : ended.stderr }).toEqual({
    code: 0,
    why: ''
  })
  return JSON.parse(ended.stdout) as Report
}

/** The output of a shell script in a container of an image, on both streams. */
export async function inImage(image: string, script: string): Promise<string> {
  const { stdout, stderr } = await run('docker', [
    ...['run', '--rm', '--network', 'none', '--entrypoint', 'sh', image, '-c', script]
  ])
  return stdout + stderr
}
