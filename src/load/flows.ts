import { FlowstoreError, throwAll } from '../errors.js'
import { FLOWS_JSON, PICKLE_PROTOCOLS, rulesFor } from '../prefect/rules.js'
import type { Flow } from '../storage/flow.js'
import type { Loaded, PythonPlace } from './loader.js'
import type { LoadResult, ModuleRequest } from './protocol.js'

/** What a load found. */
export interface LoadedFlows {
  readonly flows: readonly Flow[]
  readonly versions: NonNullable<LoadResult['versions']>
  /** Files of the repository that flows import when they run; empty where they travel by value. */
  readonly helpers: LoadResult['helpers']
  /** What the modules printed. */
  readonly log: string
}

function read({ result, pickles, log }: Loaded): LoadedFlows {
  throwAll(
    result.problems.map(
      ({ code, message, file, line, detail, hint }) =>
        new FlowstoreError(code, message, {
          file: file ?? undefined,
          line: line ?? undefined,
          detail: detail ?? undefined,
          hint: hint ?? undefined
        })
    )
  )
  const { versions, helpers } = result
  if (versions === null) throw new FlowstoreError('LOAD_FAILED', 'the loader gave no versions')
  const flows = result.flows.map(({ file, serialized, ...flow }) => {
    const bytes = pickles.get(file)
    if (bytes === undefined) {
      throw new FlowstoreError('LOAD_FAILED', `the pickle of flow "${flow.name}" is missing`)
    }
    return { ...flow, bytes, versions, serialized: serialized ?? undefined }
  })
  return { flows, versions, helpers, log }
}

/**
 * Imports modules where Python runs, and serializes every flow that they bind.
 *
 * @param helpers how modules of the repository travel: beside the pickles, or inside them
 * @param storageLabels labels that the storage gives its flows; where they are given and the release
 * reads flows.json, flows get {@link Flow.serialized}
 * @throws FlowstoreErrors with every problem of every module; FLOW_NOT_FOUND where there is no flow
 */
export async function loadFlows(
  place: PythonPlace,
  modules: readonly ModuleRequest[],
  helpers: 'reference' | 'value',
  storageLabels?: readonly string[]
): Promise<LoadedFlows> {
  const loaded = read(
    await place.load({
      modules,
      helpers,
      pickleProtocols: PICKLE_PROTOCOLS,
      flowsJson: storageLabels ? { ...FLOWS_JSON, labels: storageLabels } : null
    })
  )
  const incomplete =
    storageLabels && rulesFor(loaded.versions.prefect).flowsJson
      ? loaded.flows.find(flow => flow.serialized === undefined)
      : undefined
  if (incomplete) {
    throw new FlowstoreError('LOAD_FAILED', `flow "${incomplete.name}" came without its fields`, {
      file: incomplete.module,
      line: incomplete.line
    })
  }
  if (loaded.flows.length === 0) {
    throw new FlowstoreError(
      'FLOW_NOT_FOUND',
      `no flow in ${modules.map(module => module.file).join(', ')}`,
      { hint: 'A flow is a prefect.Flow bound at module level, also in a list or dict there.' }
    )
  }
  return loaded
}
