import type { Recorder } from '../log.js'
import type { Build } from '../report.js'
import { flowsParts } from '../storage/flows-json.js'
import { VERSION } from '../version.js'
import type { Options } from '../options/options.js'
import type { Baseline } from './baseline.js'
import type { StoredBuild } from './store/stored-build.js'

/** What the flows of a build are compared with, and what for. */
interface Comparison {
  /** Without one, all flows are changed. */
  readonly baseline: Baseline | undefined
  /** The flows for flows.json. */
  readonly register: Options['register']
}

/**
 * The report and the documents of a build, not published yet.
 *
 * @param comparison default without a baseline, and all flows for flows.json
 */
export function resultOf(
  stored: StoredBuild,
  log: Recorder,
  { baseline, register }: Comparison = { baseline: undefined, register: 'all' }
): Build {
  const { storage, built, image, changed, load } = stored
  const serialized = storage.serialize()
  const { flowsTemplate } = built
  const flows = built.flows.map(flow => ({
    ...flow,
    changed: baseline === undefined || flow.key === null || !baseline.keys.has(flow.key)
  }))
  const isRegistered = new Set(
    flows.filter(flow => register === 'all' || flow.changed).map(flow => flow.name)
  )
  return {
    report: {
      storage: serialized,
      flows,
      comparedWith: baseline?.name ?? null,
      image,
      changed,
      versions: { ...built.versions, flowstore: VERSION },
      load,
      phases: log.phases,
      notices: log.notices
    },
    documents: {
      flowsJson:
        flowsTemplate === null
          ? null
          : flowsParts(flowsTemplate, serialized, name => isRegistered.has(name)),
      dockerfile: image === null ? null : built.dockerfile,
      flowFiles: new Map([...storage.flowFiles()].map(([name, path]) => [`flows/${name}`, path]))
    },
    discard: () => {
      storage.removeFiles()
    }
  }
}
