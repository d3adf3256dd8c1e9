import { basename, join, relative, resolve, sep } from 'node:path'
import { Docker } from './image/docker.js'
import type { LoadedFlows } from './load/flows.js'
import type { Options } from './options/options.js'
import { type Run, type Surroundings, discover } from './phases/discover.js'
import { loadMerged } from './phases/load.js'
import { storeEmbedded, storeInImage, storedBytes } from './phases/store.js'
import { type Build, type Report, reportJson } from './report.js'
import { flowsJson } from './storage/flows-json.js'
import { LocalStorage } from './storage/local.js'
import type { Storage } from './storage/storage.js'
import type { Recorder } from './util/log.js'
import { VERSION } from './version.js'

function reportOf(run: Run, storage: Storage, loaded: LoadedFlows, hasFlowsJson: boolean): Report {
  const { options, surroundings, log } = run
  const folder = resolve(surroundings.cwd, options.outputDirectory)
  const image = storage instanceof Docker ? storage : undefined
  return {
    outputs: {
      storage: JSON.stringify(storage.serialize()),
      'storage-path': join(folder, 'storage.json'),
      'flows-path': hasFlowsJson ? join(folder, 'flows.json') : '',
      flows: JSON.stringify(Object.fromEntries(storage.flows)),
      image: image ? `${image.repository}:${image.imageTag ?? ''}` : '',
      'image-name': image?.imageName ?? '',
      'image-tag': image?.imageTag ?? '',
      digest: image?.digest ?? '',
      'image-ref': image?.digest === undefined ? '' : `${image.repository}@${image.digest}`,
      'artifact-id': '',
      'artifact-url': ''
    },
    versions: { ...loaded.versions, flowstore: VERSION },
    phases: log.phases,
    flows: loaded.flows.map(flow => ({
      name: flow.name,
      module: flow.module,
      line: flow.line,
      location: storage.flows.get(flow.name) ?? '',
      size: storedBytes(flow, storage).length
    })),
    notices: log.notices
  }
}

/**
 * The whole run: discovers the flow modules, loads and serializes their flows, reads each back in a
 * fresh interpreter, and adds them to the storage; for docker storage it builds and pushes the image.
 * No file, output or artifact is published; a failure leaves none behind.
 *
 * @throws FlowstoreError (or FlowstoreErrors with all that one phase found)
 */
export async function buildStorage(
  options: Options,
  surroundings: Surroundings,
  log: Recorder
): Promise<Build> {
  const first = await log.phase('discover', () => discover(options, surroundings, log))
  const { run, loaded, image, place, secrets } = await loadMerged(first)
  const storage =
    image && options.storage === 'docker'
      ? await storeInImage(run, image, loaded, secrets)
      : await storeEmbedded(run, place, loaded, secrets)
  const flows = flowsJson(storage)
  const report = reportOf(run, storage, loaded, flows !== undefined)
  const local = storage instanceof LocalStorage ? storage : undefined
  return {
    report,
    files: new Map([
      ['storage.json', `${JSON.stringify(storage.serialize(), null, 2)}\n`],
      ...(flows === undefined ? [] : [['flows.json', flows] as const]),
      ['report.json', reportJson(report)],
      ...(storage instanceof Docker ? [['Dockerfile', await storage.dockerfile()] as const] : [])
    ]),
    artifactFiles: new Map(
      local
        ? [...local.flows.values()].map(path => [
            `flows/${relative(local.directory, path).replaceAll(sep, '/') || basename(path)}`,
            path
          ])
        : []
    ),
    discard: () => local?.removeFiles()
  }
}
