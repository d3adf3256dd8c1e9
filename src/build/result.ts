import type { Recorder } from '../log.js'
import type { Build } from '../report.js'
import { flowsParts } from '../storage/flows-json.js'
import { VERSION } from '../version.js'
import type { StoredBuild } from './store/stored-build.js'

/** The report and the documents of a build, not published yet. */
export function resultOf(stored: StoredBuild, log: Recorder): Build {
  const { storage, built, image, changed, load } = stored
  const serialized = storage.serialize()
  const { flowsTemplate } = built
  return {
    report: {
      storage: serialized,
      flows: built.flows,
      image,
      changed,
      versions: { ...built.versions, flowstore: VERSION },
      load,
      phases: log.phases,
      notices: log.notices
    },
    documents: {
      flowsJson: flowsTemplate === null ? null : flowsParts(flowsTemplate, serialized),
      dockerfile: image === null ? null : built.dockerfile,
      flowFiles: new Map([...storage.flowFiles()].map(([name, path]) => [`flows/${name}`, path]))
    },
    discard: () => {
      storage.removeFiles()
    }
  }
}
