import { FlowstoreError } from '../../errors.js'
import type { EntrypointDetails, LoadedFlow } from '../../flows/flow.js'
import type { LoadedFlows } from '../../flows/load.js'
import type { StoredLoad } from '../../image/load-records.js'
import { sha256 } from '../../util/hash.js'

/**
 * The load of a module by itself as plain JSON.
 *
 * @param seen of the same load
 */
export const storedLoad = (
  loaded: LoadedFlows,
  seen: NonNullable<LoadedFlows['seen']>
): StoredLoad => ({
  versions: loaded.versions,
  flows: loaded.flows.map(storedFlow),
  helpers: loaded.helpers,
  inPickles: loaded.inPickles,
  unregistrable: loaded.unregistrable.map(({ code, message, file, line, detail, hint }) => ({
    code: code as StoredLoad['unregistrable'][number]['code'],
    message,
    file: file ?? null,
    line: line ?? null,
    detail: detail ?? null,
    hint: hint ?? null,
    absent: []
  })),
  missing: loaded.missing,
  unaddressable: loaded.unaddressable,
  leftOut: loaded.leftOut,
  flowless: loaded.flowless,
  risks: loaded.risks,
  calls: loaded.calls,
  revealed: loaded.revealed,
  seen: { foreign: seen.foreign, called: seen.called, builders: seen.builders }
})

function storedFlow(flow: LoadedFlow): StoredLoad['flows'][number] {
  const { name, module, line, imports = {}, closure } = flow
  const common = { name, module, line, imports: { ...imports }, closure: mutable(closure) }
  if (flow.entrypoint !== undefined) {
    return { ...common, entrypoint: flow.entrypoint, details: { ...flow.details } }
  }
  const { slug, parameters, storage, runImage, serialized = null, bytes } = flow
  return {
    ...common,
    ...{ slug, runImage, serialized },
    parameters: [...parameters],
    storage: storage === null ? null : { type: storage.type, options: { ...storage.options } },
    pickle: sha256(bytes)
  }
}

const mutable = ({ files, data, open }: LoadedFlow['closure']) => ({
  files: [...files],
  data: [...data],
  open
})

/**
 * The load of a module as it was stored.
 *
 * @param pickles by their SHA-256
 * @returns undefined if a pickle is absent
 */
export function loadFrom(
  stored: StoredLoad,
  pickles: ReadonlyMap<string, Buffer>
): LoadedFlows | undefined {
  const { versions, flows, unregistrable, seen, ...rest } = stored
  const found: LoadedFlow[] = []
  for (const flow of flows) {
    if ('entrypoint' in flow) {
      const details = flow.details as EntrypointDetails
      found.push({ ...flow, details, versions, storage: null, runImage: null })
      continue
    }
    const { pickle, serialized, ...fields } = flow
    const bytes = pickles.get(pickle)
    if (bytes === undefined) return undefined
    found.push({ ...fields, bytes, versions, serialized: serialized ?? undefined })
  }
  return {
    ...rest,
    versions,
    flows: found,
    unregistrable: unregistrable.map(
      ({ code, message, file, line, detail, hint }) =>
        new FlowstoreError(code, message, {
          file: file ?? undefined,
          line: line ?? undefined,
          detail: detail ?? undefined,
          hint: hint ?? undefined
        })
    ),
    problems: [],
    slow: [],
    dependencies: [],
    differences: [],
    seen: { files: [], why: null, changes: null, folders: [], ...seen },
    log: ''
  }
}
