import { expect, test } from '@jest/globals'
import { FlowstoreError } from '../../../src/errors.js'
import { colours, hasColours } from '../../../src/publish/colours.js'
import { terminalError } from '../../../src/publish/terminal.js'

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
  [{ TERM: 'dumb' }, true, false]
])('%j with a terminal: %s has colours: %s', (env, isTerminal, expected) => {
  expect(hasColours(env, isTerminal)).toBe(expected)
})

test('colours surround the words of an error, and others can add none', () => {
  const error = new FlowstoreError('DAEMON', 'no \u001b[31mdaemon', { hint: 'Start it.' })
  expect(terminalError(error, colours(true))).toBe(
    '\u001b[31merror DAEMON:\u001b[39m no  [31mdaemon\n  \u001b[36mhint:\u001b[39m Start it.\n' +
      `  See ${error.link}`
  )
})
