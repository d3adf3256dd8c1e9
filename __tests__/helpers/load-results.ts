import type { LoadResult } from '../../src/python/protocol/protocol.js'

/** The result of a load without flows, problems or anything else. */
export const NOTHING_LOADED: Omit<LoadResult, 'protocol' | 'action' | 'versions'> = {
  flows: [],
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
  durations: {}
}
