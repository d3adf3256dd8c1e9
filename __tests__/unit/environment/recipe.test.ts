import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { BASE, OLD_PREFECT, plan, recipeRepository, type Recipe } from '../../helpers/plans.js'

/** A repository, and the key of an environment that has a part of every kind. */
function recipe() {
  const root = recipeRepository()
  const key = async (more: Recipe = {}): Promise<string> => {
    const whole: Recipe = {
      ...OLD_PREFECT,
      file: 'requirements.txt',
      envVars: { A: '1' },
      files: [{ source: 'tool.sh', destination: '/bin/tool' }],
      ...more
    }
    return (await plan(whole, root)).key
  }
  return { root, key }
}

test('the same recipe has the same key', async () => {
  const { key } = recipe()
  expect(await key()).toBe(await key())
})

test('an option set to its default does not change the key', async () => {
  const { key } = recipe()
  expect(await key({ installer: 'auto' })).toBe(await key())
})

test('labels and nocache do not change the key', async () => {
  const { key } = recipe()
  expect(await key({ buildKwargs: { labels: { commit: 'abc' }, nocache: true } })).toBe(await key())
})

test('an absolute path has the key of the relative path to the same file', async () => {
  const { key, root } = recipe()
  const absolute = [{ source: join(root, 'tool.sh'), destination: '/bin/tool' }]
  expect(await key({ files: absolute })).toBe(await key())
})

test('each change of an environment’s inputs gives another key', async () => {
  const { key, root } = recipe()
  const keys = [
    await key(),
    await key({ base: { ...BASE, from: 'python:3.6@sha256:2', digest: 'sha256:2' } }),
    await key({ base: { ...BASE, platform: 'linux/arm64' } }),
    await key({ prefectVersion: '0.5.5' }),
    await key({ lines: ['x'] }),
    await key({ installer: 'pip' }),
    await key({ envVars: { A: '2' } }),
    await key({ buildKwargs: { platform: 'linux/amd64' } }),
    await key({ files: [{ source: 'tool.sh', destination: '/bin/other' }] })
  ]
  chmodSync(join(root, 'tool.sh'), 0o755)
  keys.push(await key())
  writeFileSync(join(root, 'tool.sh'), '#!/bin/bash')
  keys.push(await key())
  writeFileSync(join(root, 'requirements.txt'), 'pandas<2\n')
  keys.push(await key())
  expect(new Set(keys).size).toBe(12)
})

test('a change of the sources gives another key if a requirement is a path', async () => {
  const { key, root } = recipe()
  const local = { lines: ['./'], file: undefined }
  const before = await key(local)
  writeFileSync(join(root, 'module.py'), 'x = 1\n')
  expect(await key(local)).not.toBe(before)
})

test('a file that git ignores and that is left out does not change the key', async () => {
  const { key, root } = recipe()
  writeFileSync(join(root, '.gitignore'), '.env\n')
  writeFileSync(join(root, 'data/.env'), '1')
  const files = [{ source: 'data', destination: '/data' }]
  const before = await key({ files })
  writeFileSync(join(root, 'data/.env'), '2')
  expect(await key({ files })).toBe(before)
})
