import { basename, relative, sep } from 'node:path'
import type { Recorder } from '../log.js'
import type { Build } from '../report.js'
import { flowsParts } from '../storage/flows-json.js'
import { LocalStorage } from '../storage/local.js'
import type { Storage } from '../storage/storage.js'
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
      flowFiles: flowFiles(storage)
    },
    discard: () => {
      storage.removeFiles()
    }
  }
}

/** The files of local storage: name in the artifact, to path on disk. */
function flowFiles(storage: Storage): ReadonlyMap<string, string> {
  if (!(storage instanceof LocalStorage)) return new Map()
  const named = [...storage.flows.values()].map((path): [string, string] => {
    const below = relative(storage.directory, path).replaceAll(sep, '/')
    return [`flows/${below || basename(path)}`, path]
  })
  return new Map(named)
}
