import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { ownPrefix, removeAbandoned } from '../../../src/util/abandoned.js'
import { temporaryFolder } from '../../helpers/flowstore.js'

/** The id of a process that has ended. */
async function endedProcess(): Promise<number> {
  const child = spawn('true')
  await new Promise(done => child.once('close', done))
  return child.pid ?? 0
}

test('the folders of a process that is gone are removed, and those of a live one stay', async () => {
  const parent = temporaryFolder()
  const own = mkdtempSync(join(parent, ownPrefix()))
  const [, , start = '', namespace = ''] = ownPrefix().split('-')
  const gone = `flowstore-${await endedProcess()}-${start}-${namespace}-abcdef`
  // The same id, another process.
  const earlier = `flowstore-${process.pid}-1-${namespace}-abcdef`
  const elsewhere = `flowstore-${process.pid}-1-1-abcdef`
  const kept = [elsewhere, 'flowstore-x', 'flowstore-test-abcdef']
  for (const name of [gone, earlier, ...kept]) mkdirSync(join(parent, name))
  await removeAbandoned(parent)
  expect(readdirSync(parent).sort()).toEqual([own.slice(parent.length + 1), ...kept].sort())
})
