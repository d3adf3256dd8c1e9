import { expect, test } from '@jest/globals'
import { installProgress, pipHint, pipReason } from '../../../src/packages/installer-output.js'
import { NOT_READ_BY_UV } from '../../../src/packages/uv.js'

test('the reason of a failure is what pip marks as an error, or else its last lines', () => {
  expect(
    pipReason('Collecting x\nERROR: No matching distribution found for x==9\nWARNING: y')
  ).toBe('ERROR: No matching distribution found for x==9')
  expect(pipReason('one\ntwo')).toBe('one\ntwo')
})

test('a line with every release of a package keeps its beginning and the newest', () => {
  const releases = Array.from({ length: 2000 }, (_, index) => `1.0.${index}`).join(', ')
  const line = `ERROR: Could not find a version that satisfies the requirement x==9 (from versions: ${releases})`
  const reason = pipReason(`${line}\nERROR: No matching distribution found for x==9`)
  expect(reason.length).toBeLessThan(500)
  expect(reason).toMatch(
    /^ERROR: Could not find a version that satisfies the requirement x==9 \(from/
  )
  expect(reason).toMatch(/ … .*, 1\.0\.1999\)\nERROR: No matching distribution found for x==9$/)
})

test('an error of uv comes with the lines that continue it', () => {
  const words = `  × No solution found when resolving dependencies:
  ╰─▶ Because a was not found in the package registry and you require a==1,
      we can conclude that your requirements are unsatisfiable.`
  expect(pipReason(`Using Python 3.9.18 environment at: /usr/local\n${words}\n`)).toBe(words)
  expect(pipReason('error: Failed\n  Caused by: it\nResolved')).toBe(
    'error: Failed\n  Caused by: it'
  )
})

test.each([
  [`ERROR: ${NOT_READ_BY_UV}`, /^Set the same for uv .*, or set 'installer: pip'\.$/],
  ['ERROR: No matching distribution found for x==9', /^Check the name and the version/],
  [
    'Because a was not found in the package registry and you require a==1, we can conclude that your requirements are unsatisfiable.',
    /^Check the name and the version/
  ],
  [
    'ERROR: Cannot install a and b because these package versions have conflicting dependencies.',
    /contradict/
  ],
  [
    'error: subprocess-exited-with-error\n× git clone --quiet https://git.acme.test/a did not run successfully.',
    /^git could not get a requirement/
  ],
  ['ERROR: Failed building wheel for psycopg2', /has no wheel for this Python/],
  ['ERROR: 401 Client Error: Unauthorized for url: https://pypi.acme.test', /asks for a login/],
  ['SSL: CERTIFICATE_VERIFY_FAILED', /has a certificate that pip does not trust/],
  ['error: ./x does not appear to be a Python project', /no pyproject\.toml or setup\.py/],
  ['Failed to establish a new connection: [Errno 111]', /was not reached/]
])('what to do about %s', (output, hint) => {
  expect(pipHint(output)).toMatch(hint)
})

test('an unknown reason has no hint of its own', () => {
  expect(pipHint('ERROR: something else')).toBeUndefined()
})

test.each([
  ['Collecting pandas<2,>=1.3', 'collecting pandas<2,>=1.3'],
  ['  Downloading pandas-1.3.5.whl (11.5 MB)', 'downloading pandas-1.3.5.whl (11.5 MB)'],
  ['  Building wheel for pandas (setup.py): started', 'building wheel for pandas'],
  ['  Building wheel for pandas (pyproject.toml): still running...', 'building wheel for pandas'],
  ['Installing collected packages: a, b, c', 'unpacking 3 packages'],
  ['Prepared 12 packages in 2.1s', 'prepared 12 packages in 2.1s'],
  ['Requirement already satisfied: six', undefined]
])('%j says what an installer does', (line, words) => {
  expect(installProgress(line)).toBe(words)
})
