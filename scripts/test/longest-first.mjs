import { statSync } from 'node:fs'

/** The file that takes longest: a processor that began it last would work on it alone. */
const LONGEST = /conformance.entrypoints\.test\.ts$/

const sizeOf = ({ path }) => (LONGEST.test(path) ? Infinity : statSync(path).size)

/** The order in which jest runs test files: the longest first, then the larger ones. */
export default class LongestFirst {
  sort(tests) {
    return tests
      .map(test => ({ test, size: sizeOf(test) }))
      .sort((one, other) => other.size - one.size)
      .map(({ test }) => test)
  }

  allFailedTests(tests) {
    return tests
  }

  cacheResults() {}
}
