import { expect, test } from '@jest/globals'
import { requirementsOf } from '../../../src/packages/requirements.js'
import { checkVariables } from '../../../src/packages/variables.js'

const LINE = '--extra-index-url https://${TOKEN}@pypi.acme.test/simple'

const inFile = (text: string) =>
  requirementsOf({ lines: [], file: 'req.txt', texts: new Map([['req.txt', text]]) })

test.each<['image' | 'runner', RegExp, RegExp]>([
  ['image', /in the image$/, /set index-url or extra-index-urls.*env-vars/],
  ['runner', /here$/, /set index-url or extra-index-urls.*PIP_/]
])('a variable that pip does not have is refused for the %s', (kind, message, hint) => {
  expect(() => {
    checkVariables(inFile(`pandas\n# \${OTHER}\n${LINE}`), { kind, variables: {} })
  }).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(/^req\.txt needs the variable \$\{TOKEN\}, which pip/),
      file: 'req.txt',
      line: 3,
      hint: expect.stringMatching(hint)
    })
  )
  expect(() => {
    checkVariables(inFile(LINE), { kind, variables: {} })
  }).toThrow(message)
})

test('a variable that is set is left to pip', () => {
  expect(() => {
    checkVariables(inFile(LINE), { kind: 'image', variables: { TOKEN: 'x' } })
  }).not.toThrow()
})

test.each([
  [['x==${VERSION}'], undefined, 'python-dependencies'],
  [
    [],
    { file: 'Pipfile.lock', lines: ['--index-url https://${VERSION}@a.test'], locked: true },
    'Pipfile.lock'
  ]
])('the place of the variable is named: %j', (lines, exported, place) => {
  const requirements = requirementsOf({ lines, file: undefined, texts: new Map(), exported })
  expect(() => {
    checkVariables(requirements, { kind: 'runner', variables: {} })
  }).toThrow(`${place} needs the variable \${VERSION}`)
})
