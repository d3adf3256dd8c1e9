import { expect, test } from '@jest/globals'
import { readRequirements, requirementLines } from '../../../src/load/requirements.js'
import { repository } from '../../helpers/flowstore.js'

test('a requirements file comes with every file that it names', async () => {
  const root = repository({
    'requirements/all.txt': '-r more.txt\n--constraint ../pins.txt\npandas\n./libs/tools\n',
    'requirements/more.txt': '-r all.txt\n# -r not-there.txt\ninflection==0.5.1\n',
    'pins.txt': 'numpy<2\n'
  })
  const found = await readRequirements(root, ['requests'], 'requirements/all.txt')
  expect([...found.texts.keys()]).toEqual([
    'requirements/all.txt',
    'requirements/more.txt',
    'pins.txt'
  ])
  expect(found.local).toEqual(['./libs/tools'])
  expect(requirementLines(found)).toEqual(
    expect.arrayContaining(['requests', 'pandas', 'inflection==0.5.1', 'numpy<2'])
  )
})

test('a file that another names and that is not there is an error at that line', async () => {
  const root = repository({ 'requirements.txt': 'pandas\n-r nope.txt\n' })
  await expect(readRequirements(root, [], 'requirements.txt')).rejects.toMatchObject({
    code: 'FILE_NOT_FOUND',
    message: "the requirements file 'nope.txt' can't be read",
    file: 'requirements.txt',
    line: 2
  })
})

test.each(['-e .', './x', 'wheels/a-1-py3-none-any.whl', 'tools @ file:///x', '/abs/path'])(
  '%s is a path of the repository',
  async line => {
    expect((await readRequirements('/', [line], undefined)).local).toEqual([line])
  }
)

test.each([
  'pandas>=1',
  'x @ git+https://github.com/a/b',
  'prefect[aws]==1.4.1; python_version>"3"'
])('%s is none', async line => {
  expect((await readRequirements('/', [line], undefined)).local).toEqual([])
})
