import { expect, test } from '@jest/globals'
import { checkPins } from '../../../src/packages/check-pins.js'
import { requirementsOf } from '../../../src/packages/requirements.js'

const OLD = ['prefect==0.5.5', 'marshmallow==3.0.0rc6']
const NEW = ['prefect==1.4.1', 'urllib3<2', 'marshmallow<4']

const check = (text: string, prefect: readonly string[]) => {
  const texts = new Map([['requirements.txt', `pandas\n${text}\n`]])
  checkPins(requirementsOf({ lines: [], file: 'requirements.txt', texts }), prefect)
}

test.each([
  ['marshmallow==3.2.0', OLD, "'marshmallow==3.0.0rc6', which prefect==0.5.5 needs"],
  ['Marshmallow>=3.2', OLD, "'marshmallow==3.0.0rc6'"],
  ['marshmallow==4.0.1', NEW, "'marshmallow<4', which prefect==1.4.1 needs"]
])('%s is refused with its line beside %j', (line, prefect, words) => {
  expect(() => {
    check(line, prefect)
  }).toThrow(
    expect.objectContaining({
      code: 'DEPENDENCY_INSTALL',
      message: expect.stringContaining(`the requirement '${line}' contradicts ${words}`),
      hint: expect.stringContaining('Remove it, or write'),
      file: 'requirements.txt',
      line: 2
    })
  )
})

test.each([
  ['marshmallow==3.0.0rc6', OLD],
  ['marshmallow', OLD],
  ['marshmallow>=2,<4', OLD],
  ['marshmallow==3.*', OLD],
  ['marshmallow==3.2.0; python_version < "3"', OLD],
  ['marshmallow==3.20.1', NEW],
  ['urllib3>=1', NEW]
])('%s is left to pip beside %j', (line, prefect) => {
  expect(() => {
    check(line, prefect)
  }).not.toThrow()
})
