import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from '@jest/globals'
import { LiveLine } from '../../../src/publish/live-line.js'

let live: LiveLine | undefined
afterEach(() => {
  live?.end()
})

/** A live line, and what is written to its screen. */
function shown(isTerminal: boolean, silence?: number) {
  const written: string[] = []
  const screen = { write: (text: string) => void written.push(text), isTerminal, columns: () => 30 }
  live = new LiveLine(screen, silence)
  return { line: live, written }
}

test('a terminal shows one line, which fits and gives way to other output', async () => {
  const { line, written } = shown(true)
  line.update('pulling python:3.9: 45 of 120 MB, 3 of 8 layers')
  await sleep(300)
  line.write('done\n')
  expect(written).toEqual(['\r\u001b[K  pulling python:3.9: 45 of 1', '\r\u001b[K', 'done\n'])
})

test('a log gets a line only after a silence', async () => {
  const { line, written } = shown(false, 500)
  line.update('loading modules: 1 of 67')
  line.update('loading modules: 12 of 67')
  await sleep(300)
  line.write('printed\n')
  await sleep(300)
  expect(written).toEqual(['printed\n'])
  await sleep(500)
  expect(written).toEqual(['printed\n', '  loading modules: 12 of 67 (1 s)\n'])
})

test('nothing is shown after the end, and nothing that ends at once', async () => {
  const { line, written } = shown(true)
  line.update('reading 2 flows back')
  line.end()
  await sleep(300)
  expect(written).toEqual([])
})
