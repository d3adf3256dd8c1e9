import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { silentLog } from '../../../../src/log.js'
import { withFolderLock } from '../../../../src/packages/machine/folder-lock.js'
import { temporaryFolder } from '../../../helpers/flowstore.js'

test('work on a folder waits until earlier work on it has ended', async () => {
  const folder = join(temporaryFolder(), 'a')
  const steps: string[] = []
  const log = Object.assign(silentLog(), { info: () => void steps.push('waits') })
  let end: () => void = () => undefined
  const first = withFolderLock(
    folder,
    async () => {
      steps.push('first begins')
      await new Promise<void>(done => (end = done))
      steps.push('first ends')
    },
    silentLog()
  )
  while (steps.length === 0) await new Promise(setImmediate)
  const second = withFolderLock(folder, () => Promise.resolve(steps.push('second')), log)
  while (steps.length === 1) await new Promise(setImmediate)
  end()
  await Promise.all([first, second])
  expect(steps).toEqual(['first begins', 'waits', 'first ends', 'second'])
})

test('the lock is released if the work fails', async () => {
  const folder = join(temporaryFolder(), 'a')
  const failing = withFolderLock(folder, () => Promise.reject(new Error('no')), silentLog())
  await expect(failing).rejects.toThrow('no')
  expect(existsSync(`${folder}.lock`)).toBe(false)
})

test('a lock that can’t be made is an error', async () => {
  const folder = join(temporaryFolder(), 'absent', 'a')
  await expect(withFolderLock(folder, () => Promise.resolve(), silentLog())).rejects.toMatchObject({
    code: 'ENOENT'
  })
})

test('a lock that can’t be removed is logged, and the work succeeds', async () => {
  const folder = join(temporaryFolder(), 'a')
  const lines: string[] = []
  const log = Object.assign(silentLog(), { info: (line: string) => void lines.push(line) })
  const done = await withFolderLock(
    folder,
    () => {
      // Something of another's in its folder.
      rmSync(`${folder}.lock`, { recursive: true })
      mkdirSync(`${folder}.lock`)
      writeFileSync(join(`${folder}.lock`, 'file'), '')
      return Promise.resolve('done')
    },
    log
  )
  expect(done).toBe('done')
  expect(lines).toEqual([expect.stringContaining(`The lock of ${folder} can't be removed: `)])
})
