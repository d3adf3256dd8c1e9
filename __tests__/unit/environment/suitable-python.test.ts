import { expect, test } from '@jest/globals'
import { checkPython, newestSuitablePython } from '../../../src/environment/suitable-python.js'
import { requirementsOf } from '../../../src/packages/requirements.js'

const requirements = (specifier?: string) =>
  requirementsOf({
    lines: [],
    file: undefined,
    texts: new Map(),
    exported: {
      ...{ file: 'pyproject.toml', lines: [], locked: false },
      python: specifier === undefined ? undefined : { specifier, file: 'pyproject.toml', line: 4 }
    }
  })

const check = (python: string, prefect: string | undefined, specifier?: string) => () => {
  const use = { prefect, requirements: requirements(specifier) }
  checkPython(python, `it is ${python}`, 'BASE_IMAGE_PYTHON', use)
}

test.each([
  ['3.9.1', '3.8'],
  ['3.9.1', '3.16'],
  ['3.9.1', '3.10.13'],
  ['3.5.0', '3.9.18'],
  ['3.4.24', '3.14.0'],
  ['1.4.1', '3.6.15']
])('Prefect %s is refused on Python %s', (prefect, python) => {
  expect(check(python, prefect)).toThrow(
    expect.objectContaining({
      code: 'BASE_IMAGE_PYTHON',
      message: expect.stringContaining(`Prefect ${prefect} needs Python >=`)
    })
  )
})

test.each([
  ['3.9.1', '3.14'],
  ['3.4.25', '3.14.0'],
  ['2.20.27', '3.8'],
  ['main', '3.6.1'],
  [undefined, '3.6.1']
])('Prefect %s is not refused on Python %s', (prefect, python) => {
  expect(check(python, prefect)).not.toThrow()
})

test('a Python that the project excludes is refused, with the line that says so', () => {
  expect(check('3.12.1', '3.9.1', '>=3.13')).toThrow(
    expect.objectContaining({
      message: 'the project needs Python >=3.13, and it is 3.12.1',
      file: 'pyproject.toml',
      line: 4
    })
  )
  expect(check('3.12', '3.9.1', '>=3.12.4')).not.toThrow()
})

test('the default image gets a Python that the project takes', () => {
  const choose = (specifier?: string) =>
    newestSuitablePython({ prefect: '3.9.1', requirements: requirements(specifier) })
  expect([choose(), choose('>=3.11'), choose('>=3.11,<3.12'), choose('>=3.13,<3.14')]).toEqual([
    undefined,
    undefined,
    '3.11',
    '3.13'
  ])
})
