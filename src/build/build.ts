import { basename, join, relative, resolve, sep } from 'node:path'
import { FlowstoreError } from '../errors.js'
import type { BuiltFlows } from '../image/labels.js'
import type { Options } from '../options/options.js'
import { type Run, type Surroundings, discover } from './inputs.js'
import { type LoadedRun, loadMerged } from './load.js'
import type { KnownImage } from './look-up.js'
import type { PlannedImage } from './python.js'
import { furtherTags } from './tags.js'
import { tagImage } from '../image/image.js'
import { AppendUnsupported } from '../registry/unsupported.js'
import { type Build, type FileContent, type Report, reportJson } from '../report.js'
import { flowsParts, flowsTemplate } from '../storage/flows-json.js'
import { storedBytes } from '../storage/file.js'
import { LocalStorage } from '../storage/local.js'
import type { SerializedStorage, Storage } from '../storage/storage.js'
import type { Recorder } from '../log.js'
import { processScope, Scope } from '../util/scope.js'
import { VERSION } from '../version.js'

/** What a run gives back, whichever way it came to it. */
interface Outcome {
  readonly storage: SerializedStorage
  readonly built: BuiltFlows
  readonly image?: {
    /** Registry and name. */
    readonly repository: string
    readonly name: string
    readonly tag: string
    readonly digest: string | undefined
    readonly tags: readonly string[]
  }
  readonly changed: boolean
  readonly load: Report['load']
}

function reportOf({ options, surroundings, log }: Run, outcome: Outcome): Report {
  const folder = resolve(surroundings.cwd, options.outputDirectory)
  const { storage, built, image } = outcome
  const locations = built.flows.map(({ name, location }) => [name, location])
  return {
    outputs: {
      storage: JSON.stringify(storage),
      'storage-path': join(folder, 'storage.json'),
      'flows-path': built.flowsTemplate === null ? '' : join(folder, 'flows.json'),
      flows: JSON.stringify(Object.fromEntries(locations)),
      image: image ? `${image.repository}:${image.tag}` : '',
      'image-name': image?.name ?? '',
      'image-tag': image?.tag ?? '',
      tags: image?.tags.join('\n') ?? '',
      digest: image?.digest ?? '',
      'image-ref': image?.digest === undefined ? '' : `${image.repository}@${image.digest}`,
      changed: String(outcome.changed),
      'artifact-id': '',
      'artifact-url': ''
    },
    versions: { ...built.versions, flowstore: VERSION },
    load: outcome.load,
    phases: log.phases,
    flows: built.flows,
    notices: log.notices
  }
}

/** Flows that were loaded, in an image. */
async function inImage(found: LoadedRun, planned: PlannedImage): Promise<Outcome> {
  const { storeInImage } = await import('./store.js')
  const { storage, digest, tags } = await storeInImage(found, planned)
  const { imageName: name = '', imageTag: tag = '', repository } = storage
  return {
    storage: storage.serialize(),
    built: await storage.built(),
    image: { repository, name, tag, digest, tags },
    changed: true,
    load: { in: found.loading.in, why: found.loading.why }
  }
}

/** Flows that the registry has an image of already: it gets its further tags. */
async function unchanged({ run, known, target, storage, built }: KnownImage): Promise<Outcome> {
  const tags = furtherTags(run)
  if (tags.length > 0) {
    await run.log.phase('tags', () =>
      tagImage(target.client, target.repository, known.manifest, tags).catch((error: unknown) => {
        if (!(error instanceof AppendUnsupported)) throw error
        throw new FlowstoreError(
          'REGISTRY',
          `${tags.join(', ')} can't be put on ${target.name}: ${error.reason}`,
          { hint: 'With force the image is made and pushed again.', cause: error }
        )
      })
    )
  }
  const { image_name: name, image_tag: tag } = storage as Record<string, unknown>
  return {
    storage,
    built,
    image: {
      repository: target.name,
      name: String(name),
      tag: String(tag),
      ...{ digest: known.digest, tags }
    },
    changed: false,
    load: null
  }
}

/**
 * The whole run: discovers the flow modules, loads and serializes their flows, reads each back in a
 * fresh interpreter, and adds them to the storage; for docker storage it makes and pushes the image,
 * or finds the one that the same input made before. No file, output or artifact is published; a failure
 * leaves none behind.
 *
 * @throws FlowstoreError (or FlowstoreErrors with all that one phase found)
 */
export async function buildStorage(
  options: Options,
  surroundings: Surroundings,
  log: Recorder
): Promise<Build> {
  const scope = new Scope(processScope)
  try {
    const first = await log.phase('discover', () =>
      discover(options, surroundings, log, scope.defer)
    )
    const found = await loadMerged(first)
    if ('known' in found) return buildOf(found.run, await unchanged(found))
    if (found.image) return buildOf(found.run, await inImage(found, found.image))
    const { storeEmbedded } = await import('./store.js')
    const storage = await storeEmbedded(found)
    return buildOf(found.run, embedded(storage, found), storage)
  } finally {
    await scope.end().catch((error: unknown) => {
      log.debug(`After the run: ${String(error)}`)
    })
  }
}

function embedded(storage: Storage, { loaded, loading }: LoadedRun): Outcome {
  return {
    storage: storage.serialize(),
    built: {
      flows: loaded.flows.map(flow => ({
        name: flow.name,
        module: flow.module,
        line: flow.line,
        location: storage.flows.get(flow.name) ?? '',
        size: storedBytes(flow, storage).length
      })),
      versions: loaded.versions,
      dockerfile: '',
      flowsTemplate: flowsTemplate(storage) ?? null
    },
    changed: true,
    load: { in: loading.in, why: loading.why }
  }
}

function buildOf(run: Run, outcome: Outcome, storage?: Storage): Build {
  const { built } = outcome
  const template = built.flowsTemplate
  const report = reportOf(run, outcome)
  const local = storage instanceof LocalStorage ? storage : undefined
  return {
    report,
    files: new Map<string, FileContent>([
      ['storage.json', `${JSON.stringify(outcome.storage, null, 2)}\n`],
      ...(template === null
        ? []
        : [['flows.json', flowsParts(template, outcome.storage)] as const]),
      ['report.json', reportJson(report)],
      ...(outcome.image ? [['Dockerfile', built.dockerfile] as const] : [])
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
