import { describe, expect, test } from '@jest/globals'
import { requestedPrefect, resolvePrefect, type PrefectHost } from '../../../src/prefect/resolve.js'

const NOTHING = { option: undefined, pin: undefined }
const IMAGE: PrefectHost = { kind: 'base-image', reference: 'acme/base:1', prefect: '0.15.13' }
const PYTHON: PrefectHost = { kind: 'interpreter', path: '/usr/bin/python3', prefect: '1.2.0' }
const NONE: PrefectHost = { kind: 'none' }

const pin = (version: string) => ({ version, text: `prefect[aws]==${version}` })

describe('the Prefect version', () => {
  test('the option wins over requirements and over what is installed', () => {
    const request = { option: '1.4.1', pin: pin('1.0.0') }
    expect(resolvePrefect(request, IMAGE)).toMatchObject({
      version: '1.4.1',
      kind: 'release',
      from: { kind: 'option' },
      generation: { range: '0.5.4 to 1.4.1' }
    })
  })

  test('the option may name a git ref', () => {
    const found = resolvePrefect({ option: 'master', pin: undefined }, NONE)
    expect(found).toMatchObject({ version: 'master', kind: 'git-ref', from: { kind: 'option' } })
  })

  test('a requirement that pins Prefect comes next, as it is written', () => {
    expect(resolvePrefect({ option: undefined, pin: pin('1.3.0') }, IMAGE)).toMatchObject({
      version: '1.3.0',
      from: { kind: 'requirement', text: 'prefect[aws]==1.3.0' }
    })
  })

  test('an installed Prefect is used when no version is asked for', () => {
    expect(resolvePrefect(NOTHING, IMAGE)).toMatchObject({
      version: '0.15.13',
      from: { kind: 'base-image', reference: 'acme/base:1' }
    })
    expect(resolvePrefect(NOTHING, PYTHON)).toMatchObject({
      version: '1.2.0',
      from: { kind: 'interpreter', path: '/usr/bin/python3' }
    })
  })

  test('the requested version is known without looking at what is installed', () => {
    expect(requestedPrefect(NOTHING)).toBeUndefined()
    const request = { option: undefined, pin: pin('1.3.0') }
    expect(requestedPrefect(request)).toEqual(resolvePrefect(request, IMAGE))
  })
})

describe('a build without any Prefect version', () => {
  const hint = expect.stringMatching(/^Set prefect-version, or pin prefect in /)

  test.each<[PrefectHost, string, RegExp]>([
    [
      NONE,
      'MISSING_OPTION',
      /^the option 'prefect-version' is required: neither a base image nor a Prefect/
    ],
    [
      { ...IMAGE, prefect: null },
      'PREFECT_NOT_FOUND',
      /^the base image acme\/base:1 has no Prefect, and no version is set$/
    ],
    [
      { ...PYTHON, prefect: null },
      'PREFECT_NOT_FOUND',
      /^\/usr\/bin\/python3 has no Prefect, and no version is set$/
    ]
  ])('%j is refused as %s, with one hint for all', (host, code, message) => {
    expect(() => resolvePrefect(NOTHING, host)).toThrow(
      expect.objectContaining({ code, hint, message: expect.stringMatching(message) })
    )
  })
})

test.each([
  [{ option: '2.0.0', pin: undefined }, NONE],
  [{ option: undefined, pin: pin('3.1.4') }, IMAGE],
  [NOTHING, { ...PYTHON, prefect: '2.20.27' }]
])('an unsupported release is refused wherever it comes from', (request, host) => {
  expect(() => resolvePrefect(request, host)).toThrow(
    expect.objectContaining({ code: 'UNSUPPORTED_PREFECT' })
  )
})
