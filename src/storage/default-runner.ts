import type { FlowRunner } from '../flows/run.js'

let runner: FlowRunner | undefined

/** Sets what runs flows by default: the library does, since a storage itself reaches neither a daemon nor a Python. */
export function setDefaultRunner(chosen: FlowRunner): void {
  runner = chosen
}

/** What runs flows by default. */
export function defaultRunner(): FlowRunner {
  if (runner === undefined) throw new Error('no default runner is set')
  return runner
}
