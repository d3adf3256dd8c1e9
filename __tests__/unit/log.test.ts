import { expect, test } from '@jest/globals'
import { FlowstoreError, FlowstoreErrors } from '../../src/errors.js'
import { Recorder } from '../../src/log.js'

/** A recorder, and all that it shows. */
function recorder() {
  const shown: unknown[] = []
  const show = (...values: unknown[]) => void shown.push(...values)
  const log = new Recorder({ info: show, debug: show, notice: show, begin: show, end: show })
  return { log, shown }
}

test('a line is shown as a plain line', () => {
  const { log, shown } = recorder()
  log.info('Building a\n::error::b ##[add-mask]c')
  expect(shown).toEqual(['Building a ::error::b # #[add-mask]c'])
})

test('text for debugging keeps its lines, each a plain line', () => {
  const { log, shown } = recorder()
  log.debug('printed\n::add-mask::a\n##[error]b')
  expect(shown).toEqual(['printed\n: :add-mask::a\n# #[error]b'])
})

test('a notice is shown and collected with a plain message and a plain file', () => {
  const { log, shown } = recorder()
  log.notice({ level: 'warning', message: '::a\n##[b]', file: 'x\r##[c].py', line: 3 })
  const plain = { level: 'warning', message: ': :a # #[b]', file: 'x # #[c].py', line: 3 }
  expect(shown).toEqual([plain])
  expect(log.notices).toEqual([plain])
})

test('a phase is shown and collected with a plain name', async () => {
  const { log, shown } = recorder()
  await log.phase('::group::load', () => Promise.resolve())
  expect(shown).toEqual([': :group::load', ': :group::load', expect.any(Number)])
  expect(log.phases.map(({ name }) => name)).toEqual([': :group::load'])
})

test('a concealed text is in nothing that is shown and collected, also encoded as in an address', () => {
  const { log, shown } = recorder()
  log.conceal(['s3cret/value'])
  log.info('a s3cret/value')
  log.debug('pip: https://me:s3cret%2Fvalue@host')
  log.notice({ level: 'notice', message: 'in s3cret/value', file: 's3cret/value.py' })
  expect(shown).toEqual([
    'a ***',
    'pip: https://me:***@host',
    { level: 'notice', message: 'in ***', file: '***.py' }
  ])
  const error = new FlowstoreError('LOAD_FAILED', 's3cret/value', { detail: 'b\ns3cret/value' })
  expect(log.concealedIn(error)).toMatchObject({ message: '***', detail: 'b\n***' })
})

test('an error without a concealed text stays the same', () => {
  const { log } = recorder()
  log.conceal(['s3cret/value'])
  const error = new FlowstoreErrors([
    new FlowstoreError('DAEMON', 'a'),
    new FlowstoreError('DAEMON', 'b')
  ])
  expect(log.concealedIn(error)).toBe(error)
})
