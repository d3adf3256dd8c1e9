import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { readPrefectFiles } from '../../../src/deployments/prefect-files.js'
import { jsonOf } from '../../../src/deployments/yaml.js'
import { errorsOf } from '../../../src/errors.js'
import { repository, temporaryFolder } from '../../helpers/flowstore.js'

const contents = async (cwd: string, paths: readonly string[]) =>
  (await readPrefectFiles(cwd, paths)).map(({ path, root }) => [path, jsonOf(root)])

test('without paths, prefect.yaml in the working directory is read', async () => {
  const cwd = repository({ 'prefect.yaml': 'name: shop\n', 'teams/prefect.yaml': 'name: b\n' })
  expect(await contents(cwd, [])).toEqual([['prefect.yaml', { name: 'shop' }]])
})

test('without paths and without prefect.yaml there is no file', async () => {
  expect(await contents(temporaryFolder(), [])).toEqual([])
})

test('files are read in the order of the paths, each once', async () => {
  const cwd = repository({ 'b.yaml': 'name: b\n', 'a/prod.yaml': 'name: a\n' })
  expect(await contents(cwd, ['b.yaml', './a/prod.yaml', './b.yaml'])).toEqual([
    ['b.yaml', { name: 'b' }],
    ['a/prod.yaml', { name: 'a' }]
  ])
})

test('all files that are absent, unreadable or not YAML are told together', async () => {
  const cwd = repository({ 'broken.yaml': 'a: 1\nb: {\n' })
  mkdirSync(join(cwd, 'folder.yaml'))
  const thrown = await readPrefectFiles(cwd, ['gone.yaml', 'broken.yaml', 'folder.yaml']).catch(
    (error: unknown) => error
  )
  expect(errorsOf(thrown).map(({ code, file, line }) => [code, file, line])).toEqual([
    ['FILE_NOT_FOUND', undefined, undefined],
    ['PREFECT_FILE', 'broken.yaml', 3],
    ['FILE_UNREADABLE', undefined, undefined]
  ])
})
