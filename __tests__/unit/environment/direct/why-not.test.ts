import { expect, test } from '@jest/globals'
import type { RegistryBase } from '../../../../src/environment/direct/read-base.js'
import { whyNotOn } from '../../../../src/environment/direct/why-not.js'

/** A base image with a configuration and scripts that its ENTRYPOINT names. */
const baseWith = (config: object, scripts: Readonly<Record<string, string>> = {}) =>
  ({ image: { config: { config } }, facts: { scripts } }) as unknown as RegistryBase

test.each([
  [{}, {}],
  [{ User: '0:0', Entrypoint: null }, {}],
  // Root installs the packages, as in a Dockerfile, and the user stays.
  [{ User: 'app' }, {}],
  [
    { Entrypoint: ['/usr/bin/tini', '-g', '--', 'entrypoint.sh'] },
    { '/opt/prefect/entrypoint.sh': '#!/bin/bash\nexec "$@"\n' }
  ]
])('a base image with %j needs no daemon', (config, scripts) => {
  expect(whyNotOn(baseWith(config, scripts))).toBeUndefined()
})

test.each([
  [{ Entrypoint: ['conda', 'run', '-n', 'flows'] }, {}],
  [{ Entrypoint: ['/start.sh'] }, { '/start.sh': '#!/bin/sh\n. /venv/bin/activate\nexec "$@"\n' }],
  [{ Entrypoint: ['/start.sh'] }, { '/start.sh': '#!/bin/sh\nexport PATH=/other:$PATH\n' }]
])('a base image whose ENTRYPOINT %j may choose a Python needs the daemon', (config, scripts) => {
  expect(whyNotOn(baseWith(config, scripts))).toContain('ENTRYPOINT')
})
