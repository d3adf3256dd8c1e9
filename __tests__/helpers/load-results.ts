import type { LoadResult } from '../../src/python/protocol/protocol.js'

/** What a load says beside its flows, if there is nothing to say. */
export const NO_FINDINGS = {
  helpers: [],
  inPickles: [],
  problems: [],
  differences: [],
  unregistrable: [],
  missing: [],
  calls: [],
  slow: [],
  revealed: [],
  flowless: [],
  unaddressable: [],
  leftOut: [],
  risks: [],
  dependencies: [],
  seen: null
}

/** The result of a load without flows, problems or anything else. */
export const NOTHING_LOADED: Omit<LoadResult, 'protocol' | 'action' | 'versions'> = {
  ...NO_FINDINGS,
  flows: [],
  durations: {}
}

/** A flow of a load. */
export const ONE_FLOW: LoadResult['flows'][number] = {
  name: 'one',
  slug: 'one',
  file: 'flows/0.pickle',
  module: 'a.py',
  line: 1,
  parameters: [],
  storage: null,
  runImage: null,
  closure: { files: ['a.py'], data: [], open: null },
  imports: {},
  serialized: null
}

/** What an observed load says for a merge with others, if there is nothing to say. */
export const NOTHING_SHARED = { foreign: [], called: [], builders: {} }
