import { FlowstoreError } from '../errors.js'
import type { PrefectRules } from '../prefect/generation.js'
import type { FlowSources } from '../sources/sources.js'

/** @throws FlowstoreError STORAGE_INVALID for sources of flows that are pickles: what these need is inside or beside them */
export function checkSources(
  { release, generation }: PrefectRules,
  sources: FlowSources | undefined
): void {
  if (sources === undefined || generation.flowsAre === 'entrypoints') return
  throw new FlowstoreError(
    'STORAGE_INVALID',
    `a storage of Prefect ${release} has no sources: its flows are pickles`,
    { hint: 'For flows of Prefect 2 and 3, set `release` to that of the flows.' }
  )
}

/** The error for flows with entrypoints whose sources are not known. */
export const sourcesMissing = ({ release }: PrefectRules): FlowstoreError =>
  new FlowstoreError(
    'STORAGE_INVALID',
    `the storage has no sources, and flows of Prefect ${release} are nothing else`,
    { hint: 'Create it with `sources` of the result of loadFlows.' }
  )

/** The error for a local storage of flows with entrypoints without a folder. */
export const noFolder = ({ release }: PrefectRules): FlowstoreError =>
  new FlowstoreError(
    'STORAGE_INVALID',
    `local storage of Prefect ${release} needs a folder for the sources`,
    { hint: 'Name a new or an empty one with `directory`.' }
  )
