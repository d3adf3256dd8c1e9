import { expect, test } from '@jest/globals'
import { stepsWithSecrets } from '../../../../src/build/load/steps-with-secrets.js'
import { NO_INDEXES } from '../../../../src/packages/indexes.js'
import { inputsOf } from '../../../helpers/stages.js'

const { options } = inputsOf({})
const NOTHING = { secrets: new Map<string, string>(), indexes: NO_INDEXES }
const SECRET = { ...NOTHING, secrets: new Map([['TOKEN', 'x']]) }
const LOGIN = { ...NOTHING, indexes: { ...NO_INDEXES, hasLogins: true } }

test.each([
  ['base_image', { baseImage: 'evil' }],
  ['dockerfile', { dockerfile: 'Dockerfile' }],
  ['extra_dockerfile_commands', { extraDockerfileCommands: ['RUN cat /run/secrets/TOKEN'] }]
])('%s of a module is refused in a build with secrets', (name, set) => {
  for (const services of [SECRET, LOGIN]) {
    expect(stepsWithSecrets(options, { ...options, ...set }, services)).toMatchObject([
      { code: 'STORAGE_INVALID', message: expect.stringContaining(`a module sets ${name}`) }
    ])
  }
  expect(stepsWithSecrets(options, { ...options, ...set }, NOTHING)).toEqual([])
})

test('what modules leave as it is, and packages that they add, are allowed', () => {
  const more = { ...options, pythonDependencies: ['pandas'] }
  expect(stepsWithSecrets(options, more, SECRET)).toEqual([])
})
