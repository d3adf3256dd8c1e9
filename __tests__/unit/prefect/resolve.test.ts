import { describe, expect, test } from '@jest/globals'
import {
  expectedRelease,
  requestedPrefect,
  resolvePrefect,
  type PrefectHost
} from '../../../src/prefect/resolve.js'

const NOTHING = { option: undefined, pin: undefined }
const IMAGE: PrefectHost = { kind: 'base-image', reference: 'acme/base:1', prefect: '0.15.13' }
const PYTHON: PrefectHost = { kind: 'interpreter', path: '/usr/bin/python3', prefect: '1.2.0' }
const NONE: PrefectHost = { kind: 'none' }

const pin = (version: string) => ({ version, text: `prefect[aws]==${version}` })

const range = (specifier: string) => ({
  ...NOTHING,
  range: { specifier, text: `prefect${specifier}`, file: 'requirements.txt', line: 2 }
})

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

describe('requirements that allow several releases', () => {
  test.each([
    ['', '3.9.1'],
    ['>=1.2,<2', '1.4.1'],
    ['>=1.2', '3.9.1'],
    ['>=2,<3', '2.20.27'],
    ['~=3.6.0', '3.6.29'],
    ['~=1.3.0', '1.3.1'],
    ['==0.15.*', '0.15.13'],
    ['>=0.14,!=0.14.22,<0.15', '0.14.21'],
    ['<0.6', '0.5.5']
  ])('prefect%s is the newest supported release that they allow: %s', (specifier, version) => {
    expect(resolvePrefect(range(specifier), NONE)).toMatchObject({
      version,
      from: { kind: 'requirement', text: `prefect${specifier}` }
    })
  })

  test('the release runs on the Python, if one does', () => {
    expect(resolvePrefect(range(''), { ...NONE, python: '3.6' }).version).toBe('0.15.13')
    expect(requestedPrefect(range('<0.14'), '3.6.15')?.version).toBe('0.13.19')
    expect(requestedPrefect(range('>=1'), '3.7')?.version).toBe('1.4.1')
    expect(requestedPrefect(range('>=2'), '3.9')?.version).toBe('3.4.25')
    expect(requestedPrefect(range('>=1'), '3.6')?.version).toBe('3.9.1')
    expect(requestedPrefect(range(''), '/usr/bin/python3')?.version).toBe('3.9.1')
  })

  test('an installed release stays if they allow it', () => {
    expect(resolvePrefect(range('<1'), IMAGE)).toMatchObject({
      version: '0.15.13',
      from: { kind: 'base-image' }
    })
    expect(resolvePrefect(range('>=1.3,<2'), PYTHON).version).toBe('1.4.1')
  })

  test('an installed release that is not supported is replaced', () => {
    expect(resolvePrefect(range('<2'), { ...PYTHON, prefect: '2.0.4' }).version).toBe('1.4.1')
  })

  test('the option and a pin win', () => {
    expect(resolvePrefect({ ...range(''), option: '1.0.0' }, IMAGE).version).toBe('1.0.0')
    expect(resolvePrefect({ ...range(''), pin: pin('1.1.0') }, IMAGE).version).toBe('1.1.0')
  })

  test('a newest release that is not for the flows is refused, with the line of the flow', () => {
    const pickledFlow = { text: 'with Flow("a")', file: 'flows/a.py', line: 8 }
    expect(() => resolvePrefect({ ...range('>=1'), pickledFlow }, NONE)).toThrow(
      expect.objectContaining({
        code: 'OTHER_GENERATION',
        message:
          '`with Flow("a")` is of Prefect 0.5 to 1.4, and the requirement \'prefect>=1\' installs Prefect 3.9.1',
        hint: expect.stringContaining('such as prefect==1.4.1, or set `prefect-version: 1.4.1`'),
        file: 'flows/a.py',
        line: 8
      })
    )
    expect(resolvePrefect({ ...range('<2'), pickledFlow }, NONE).version).toBe('1.4.1')
    expect(resolvePrefect({ ...range(''), pickledFlow }, PYTHON).version).toBe('1.2.0')
    const pinned = { ...range(''), pickledFlow, pin: pin('3.0.0') }
    expect(resolvePrefect(pinned, NONE).version).toBe('3.0.0')
  })

  test('requirements that allow no supported release are refused, with their line', () => {
    expect(() => resolvePrefect(range('>=4'), NONE)).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED_PREFECT',
        message:
          "'prefect>=4' allows no release of Prefect that this version of flowstore knows: 0.5.4 to 1.4.1 and 2.13.0 to 3.9.1",
        hint: expect.stringContaining('such as prefect==3.9.1, or set prefect-version'),
        file: 'requirements.txt',
        line: 2
      })
    )
  })
})

describe('the release that is sure before anything is inspected', () => {
  test.each([
    ['the option', { option: '1.4.1', pin: pin('3.9.1') }, '1.4.1'],
    ['the requirement that pins one', { option: undefined, pin: pin('3.6.29') }, '3.6.29'],
    ['the newest that a range within one generation allows', range('>=3,<3.7'), '3.6.29']
  ])('is that of %s', (_what, request, release) => {
    expect(expectedRelease(request)).toBe(release)
  })

  test.each([
    ['without a version', NOTHING],
    ['with a git ref', { option: 'master', pin: undefined }],
    ['with requirements that allow both generations', range('>=1.4')]
  ])('is unknown %s', (_what, request) => {
    expect(expectedRelease(request)).toBeUndefined()
  })
})

describe('a build without any Prefect version', () => {
  const hint = expect.stringMatching(/^Set prefect-version, or require prefect in /)

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
  [{ option: undefined, pin: pin('2.12.1') }, IMAGE],
  [NOTHING, { ...PYTHON, prefect: '4.0.0' }]
])('an unsupported release is refused wherever it comes from', (request, host) => {
  expect(() => resolvePrefect(request, host)).toThrow(
    expect.objectContaining({ code: 'UNSUPPORTED_PREFECT' })
  )
})
