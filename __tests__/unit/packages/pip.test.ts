import { expect, test } from '@jest/globals'
import { pipArguments, pipRuns } from '../../../src/packages/pip.js'
import { readRequirements } from '../../../src/packages/read-requirements.js'
import {
  requirementsOf,
  withoutEditable,
  type Requirements
} from '../../../src/packages/requirements.js'
import { repository } from '../../helpers/flowstore.js'

const PREFECT = { prefect: '1.4.1', lines: ['prefect==1.4.1', 'urllib3<2'], present: false }
const A = 'a[x]==1 --hash=sha256:aa ; python_version > "3"'

const read = (text: string, lines: string[] = [], path = 'requirements.txt') =>
  readRequirements(repository({ [path]: text }), lines, path)

const exported = (lines: string[]): Requirements =>
  requirementsOf({
    lines: [],
    file: undefined,
    texts: new Map(),
    exported: { file: 'uv.lock', lines, locked: true }
  })

const plan = (requirements: Requirements, additional = PREFECT) =>
  pipRuns(requirements, additional, file => file).map(run => ({
    args: pipArguments(run, name => name).filter(arg => arg !== '-r'),
    texts: Object.fromEntries(
      [...run.texts].map(([name, text]) => [name, text.trimEnd().split('\n')])
    )
  }))

test('requirements without hashes are installed in one run', async () => {
  expect(plan(await read('pandas', ['x; python_version > "3"', '-e .'], 'my reqs.txt'))).toEqual([
    {
      args: ['flowstore-requirements.txt'],
      texts: {
        'flowstore-requirements.txt': [
          'prefect==1.4.1',
          'urllib3<2',
          'x; python_version > "3"',
          '-e .',
          '-r "my reqs.txt"'
        ]
      }
    }
  ])
})

test('a file with hashes is installed first, and constrains the rest', async () => {
  const text = `--find-links wheels\na==1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nb @ https://x.test/b.whl --hash=sha256:cc\n`
  expect(plan(await read(text, ['c', '--extra-index-url https://y.test'], 'in/all.txt'))).toEqual([
    {
      args: ['flowstore-hashed.txt', '-c', 'flowstore-hashed-constraints.txt'],
      texts: {
        'flowstore-hashed.txt': ['--extra-index-url https://y.test', '-r in/all.txt'],
        'flowstore-hashed-constraints.txt': ['prefect==1.4.1', 'urllib3<2']
      }
    },
    {
      args: ['flowstore-requirements.txt'],
      texts: {
        'flowstore-requirements.txt': [
          '--find-links in/wheels',
          '--find-links wheels',
          '--extra-index-url https://y.test',
          'prefect==1.4.1',
          'urllib3<2',
          'c',
          '-c flowstore-constraints.txt'
        ],
        'flowstore-constraints.txt': ['a==1']
      }
    }
  ])
})

test('no Prefect is added if the file pins it with hashes', async () => {
  expect(plan(await read('prefect==1.4.1 --hash=sha256:aa'))).toMatchObject([
    { texts: { 'flowstore-hashed-constraints.txt': ['prefect==1.4.1', 'urllib3<2'] } }
  ])
})

test('an exported lock file is installed without resolution, except its lines without hashes', () => {
  expect(plan(exported([A, './libs/tools']))).toEqual([
    {
      args: ['--no-deps', 'flowstore-hashed.txt', '-c', 'flowstore-hashed-constraints.txt'],
      texts: expect.objectContaining({ 'flowstore-hashed.txt': [A] })
    },
    {
      args: ['flowstore-requirements.txt'],
      texts: {
        'flowstore-requirements.txt': [
          'prefect==1.4.1',
          'urllib3<2',
          './libs/tools',
          '-c flowstore-constraints.txt'
        ],
        'flowstore-constraints.txt': ['a==1 ; python_version > "3"']
      }
    }
  ])
})

test('an image gets editable installs as paths, and all other lines unchanged', async () => {
  const text = `pandas\r\n-e tools\n--editable=./x[y]\n# -e .\n-e git+https://x.test/a#egg=a\n--extra-index-url https://x.test\n`
  const { lines, texts, local } = withoutEditable(await read(text, ['-e .', 'b']))
  expect(lines).toEqual(['.', 'b'])
  expect(texts.get('requirements.txt')).toBe(
    'pandas\r\n./tools\n./x[y]\n# -e .\ngit+https://x.test/a#egg=a\n--extra-index-url https://x.test\n'
  )
  expect(local).toEqual(['.', './tools', './x[y]'])
})
