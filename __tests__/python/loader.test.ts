import { execFile } from 'node:child_process'
import { expect, test } from '@jest/globals'
import { examplePythons } from '../helpers/pythons.js'

const pythons = await examplePythons()

for (const release of ['0.5.4', '1.4.1']) {
  const python = pythons.get(release)
  const check = python === undefined ? test.skip : test

  check(`the loader passes its own tests with Prefect ${release}`, async () => {
    const output = await new Promise<string>(done => {
      execFile(
        python ?? '',
        ['python/tests/test_flowstore_loader.py'],
        { maxBuffer: 1 << 26 },
        (_error, stdout, stderr) => {
          done(stdout + stderr)
        }
      )
    })
    expect(output.trimEnd()).toMatch(/\nRan [1-9]\d* tests? in .*\n\nOK( \(skipped=\d+\))?$/)
  }, 300_000)
}
