import { basename, join, relative, resolve, sep } from 'node:path'
import { discoverModules, namedFiles } from './discover/modules.js'
import { listSources } from './discover/sources.js'
import { FlowstoreError, throwAll } from './errors.js'
import { loadingPython } from './load/environment.js'
import { interpreterPython } from './load/interpreter.js'
import type { Loaded, PythonPlace } from './load/loader.js'
import type { Options } from './options/options.js'
import { PICKLE_PROTOCOLS } from './prefect/rules.js'
import type { Build, ReportFlow } from './report.js'
import { flowFile } from './storage/file.js'
import type { Flow } from './storage/flow.js'
import { LocalStorage } from './storage/local.js'
import { Bytes, Memory, type Storage } from './storage/storage.js'
import { humanSize } from './util/format.js'
import type { Recorder } from './util/log.js'
import { VERSION } from './version.js'

/** Where a run happens: all that it takes from outside its options. */
export interface Surroundings {
  /** The repository's folder, absolute. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folder for what is kept between runs. */
  readonly cache: string
}

/** Sources above this are worth a look: each load copies or reads them. */
const BIG_SOURCES = 100 * 1024 * 1024

/** The flows of a load, or every problem it found. */
function loadedFlows({ result, pickles }: Loaded): Flow[] {
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
  const { versions } = result
  if (versions === null) throw new FlowstoreError('LOAD_FAILED', 'the loader gave no versions')
  return result.flows.map(({ file, ...flow }) => {
    const bytes = pickles.get(file)
    if (bytes === undefined) {
      throw new FlowstoreError('LOAD_FAILED', `the pickle of flow "${flow.name}" is missing`)
    }
    return { ...flow, bytes, versions }
  })
}

function makeStorage(options: Options, cwd: string, release: string): Storage {
  switch (options.storage) {
    case 'docker':
      throw new FlowstoreError('NOT_SUPPORTED', 'docker storage is not there yet')
    case 'local':
      return new LocalStorage({
        release,
        directory: options.directory?.startsWith('~')
          ? options.directory
          : options.directory && resolve(cwd, options.directory)
      })
    case 'memory':
      return new Memory({ release })
    case 'bytes':
      return new Bytes({ release })
  }
}

async function healthcheck(
  place: PythonPlace,
  flows: readonly Flow[],
  content: (flow: Flow) => Buffer
) {
  const { flows: checked } = await place.check(
    flows.map(flow => ({ name: flow.name, content: content(flow) }))
  )
  throwAll(
    checked.flatMap((check, index) => {
      if (check.ok) return []
      const flow = flows[index]
      return [
        new FlowstoreError(
          'HEALTHCHECK',
          `flow "${check.name}" does not load back: ${check.error ?? 'no reason given'}`,
          {
            file: flow?.module,
            line: flow?.line,
            detail: check.detail ?? undefined,
            hint: check.missingModule
              ? `It needs the module '${check.missingModule}' at run time: add its package to python-dependencies.`
              : undefined
          }
        )
      ]
    })
  )
}

/**
 * The whole run: discovers the flow modules, loads and serializes their flows, reads each back in a
 * fresh interpreter, and adds them to the storage. Nothing is published; a failure leaves nothing behind.
 *
 * @throws FlowstoreError (or FlowstoreErrors with all that one phase found)
 */
export async function buildStorage(
  options: Options,
  { cwd, env, cache }: Surroundings,
  log: Recorder
): Promise<Build> {
  const [sources, modules] = await log.phase('discover', async () => {
    const output = relative(cwd, resolve(cwd, options.outputDirectory)).replaceAll(sep, '/')
    const listed = await listSources(cwd, [output], await namedFiles(cwd, options.flows))
    const found = await discoverModules(listed, options.flows)
    log.info(
      `${found.length} ${found.length === 1 ? 'module' : 'modules'} to look for flows in; the repository has ${listed.files.length} files, ${humanSize(listed.size)}`
    )
    if (listed.size > BIG_SOURCES) {
      log.notice({ level: 'notice', message: `the sources are big: ${humanSize(listed.size)}` })
    }
    return [listed, found] as const
  })

  const place = await log.phase('environment', async () =>
    interpreterPython({
      python: await loadingPython({ ...options, cwd, env, cache }, log),
      sources,
      env,
      envVars: options.envVars
    })
  )

  const flows = await log.phase('load', async () => {
    const loaded = await place.load({
      modules,
      helpers: 'value',
      pickleProtocols: PICKLE_PROTOCOLS
    })
    if (loaded.log.trim() !== '') log.debug(loaded.log.trimEnd())
    const found = loadedFlows(loaded)
    if (found.length === 0) {
      throw new FlowstoreError(
        'FLOW_NOT_FOUND',
        `no flow in ${modules.map(module => module.file).join(', ')}`,
        { hint: 'A flow is a prefect.Flow bound at module level, also in a list or dict there.' }
      )
    }
    return found
  })
  const versions = flows[0]?.versions ?? { python: '', prefect: '', cloudpickle: '' }
  const fileOf = (flow: Flow): Buffer =>
    options.storage === 'local' ? flowFile(flow, storage.rules) : flow.bytes

  const storage = makeStorage(options, cwd, versions.prefect)
  if (!storage.readable) {
    log.notice({
      level: 'warning',
      message: `Prefect ${versions.prefect} has no ${storage.name} storage: it can't read this storage.json itself`
    })
  }
  if (options.healthcheck) {
    await log.phase('healthcheck', () => healthcheck(place, flows, fileOf))
  }
  await log.phase('store', async () => {
    try {
      for (const flow of flows) storage.addFlow(flow)
      await storage.build()
    } catch (error) {
      if (storage instanceof LocalStorage) storage.removeFiles()
      throw error
    }
  })

  const serialized = JSON.stringify(storage.serialize())
  const reportFlows = flows.map((flow): ReportFlow => ({
    name: flow.name,
    module: flow.module,
    line: flow.line,
    location: storage.flows.get(flow.name) ?? '',
    size: fileOf(flow).length
  }))
  const report = {
    outputs: {
      storage: serialized,
      'storage-path': join(resolve(cwd, options.outputDirectory), 'storage.json'),
      flows: JSON.stringify(Object.fromEntries(storage.flows)),
      image: '',
      'image-name': '',
      'image-tag': '',
      digest: '',
      'image-ref': '',
      'artifact-id': '',
      'artifact-url': ''
    },
    versions: { ...versions, flowstore: VERSION },
    phases: log.phases,
    flows: reportFlows,
    notices: log.notices
  }
  const local = storage instanceof LocalStorage ? storage : undefined
  return {
    report,
    files: new Map([
      ['storage.json', `${JSON.stringify(storage.serialize(), null, 2)}\n`],
      ['report.json', `${JSON.stringify(report, null, 2)}\n`]
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
