import { FlowstoreError, throwAll } from '../errors.js'
import type { Log } from '../log.js'
import type { PrefectRules } from '../prefect/generation.js'
import type { StorageKind } from '../prefect/storage-kinds.js'
import type { PythonChecker } from '../python/loader.js'
import type { CheckResult, ReleaseChecks } from '../python/protocol/protocol.js'
import type { ReadableFlow } from '../python/protocol/readable-flow.js'
import type { Flow } from './flow.js'
import { blamingDisk } from './no-space.js'

type Check = CheckResult['flows'][number]

/** The error of a flow that does not load back. */
function doesNotLoad(flow: Flow, check: Check | undefined): FlowstoreError {
  const module = check?.missingModule ?? undefined
  const imports = flow.imports ?? {}
  const firstImport =
    module !== undefined && Object.hasOwn(imports, module) ? imports[module] : undefined
  const imported = firstImport ? `, which ${firstImport.file}:${firstImport.line} imports,` : ''
  return new FlowstoreError(
    'HEALTHCHECK',
    `flow "${flow.name}" does not load back: ${check?.error ?? 'no reason given'}`,
    {
      file: firstImport?.file ?? flow.module,
      line: firstImport?.line ?? flow.line,
      detail: check?.detail ?? undefined,
      hint: hintOf(check, module, imported)
    }
  )
}

/** The part of a storage that a healthcheck is about. */
export interface CheckedStorage {
  readonly rules: PrefectRules
  readonly kind: StorageKind
  /** Whether the release has a class for it. */
  readonly readable: boolean
  serialize(): object
}

/** What the release of a storage is asked about it and its flows. */
const releaseChecks = (storage: CheckedStorage): ReleaseChecks => ({
  storage: storage.readable ? JSON.stringify(storage.serialize()) : null,
  // For flows.json the load serializes each flow.
  serialize: storage.rules.documents.length === 0,
  results: storage.rules.resultChecks.includes(storage.kind)
})

/** How Prefect 3, and the loader for Prefect 2, say that a client has no server. */
const NO_API = 'No Prefect API URL provided'

/** The last frame of a variable that is not in `os.environ`. */
const ENVIRON_FRAME = /os\.py", line \d+, in __getitem__/

function hintOf(
  check: Check | undefined,
  module: string | undefined,
  imported: string
): string | undefined {
  if (module !== undefined) {
    return `It needs the module '${module}'${imported} at run time: add its package to python-dependencies.`
  }
  if (check?.error?.includes(NO_API) === true) {
    return "The healthcheck has no Prefect API, which a run has: load blocks and variables inside the flow. If the module can't do without, set healthcheck: false."
  }
  return ENVIRON_FRAME.test(check?.detail ?? '')
    ? 'A flow is read back with the variables of env-vars, without those of load-env-vars: read the variable inside a task, or set it with env-vars.'
    : undefined
}

/**
 * Reads flows back in a fresh interpreter without the user's modules, in an empty folder. The Prefect release also
 * reads the storage's JSON there, serializes each flow, and makes the checks that it makes when it builds such a
 * storage: what they warn of is a warning.
 *
 * @param python the Python that reads the flows
 * @param stored the final file of a flow: its path for that Python, or its bytes
 * @throws FlowstoreError HEALTHCHECK for every flow that does not load or that the release refuses, and for a storage
 * that the release can't read
 */
export async function healthcheck(
  python: PythonChecker,
  storage: CheckedStorage,
  flows: readonly Flow[],
  stored: (flow: Flow) => ReadableFlow,
  log: Log
): Promise<void> {
  const { release } = storage.rules
  const { flows: checks, storageError } = await python.check(
    flows.map(flow => ({ ...stored(flow), module: flow.module, line: flow.line })),
    releaseChecks(storage)
  )
  if (storageError !== null) throw unreadableStorage(release, storageError)
  const failed = flows.flatMap((flow, index) => {
    const check = checks[index]
    if (check?.name !== flow.name || !check.ok) return [blamingDisk(doesNotLoad(flow, check))]
    for (const message of warningsOf(flow, check, release)) {
      log.notice({ level: 'warning', message, file: flow.module, line: flow.line })
    }
    if (check.refused !== null) return [isRefused(flow, check.refused)]
    return isAsFound(flow, check) ? [] : [loadsDifferently(flow)]
  })
  throwAll(failed)
}

/** Whether Prefect knows of a flow what it knew when the flow was found; pickles hold nothing that could differ. */
const isAsFound = ({ details }: Flow, check: Check): boolean =>
  details === undefined ||
  JSON.stringify(details.parameterSchema) === JSON.stringify(check.details?.parameterSchema)

const loadsDifferently = ({ name, module, line }: Flow): FlowstoreError =>
  new FlowstoreError(
    'HEALTHCHECK',
    `flow "${name}" has other parameters when it is loaded by its entrypoint than when it was found`,
    {
      file: module,
      line,
      hint: 'Its parameters depend on what else is loaded, or on the environment: make them the same in every import.'
    }
  )

const warningsOf = (flow: Flow, check: Check, release: string): readonly string[] => [
  ...check.warnings.map(words => `flow "${flow.name}": ${words}`),
  ...(check.unserializable === null
    ? []
    : [
        `flow "${flow.name}" can't be registered: Prefect ${release} can't serialize it: ${check.unserializable}`
      ])
]

const isRefused = (flow: Flow, words: string): FlowstoreError =>
  new FlowstoreError(
    'HEALTHCHECK',
    `flow "${flow.name}" does not pass Prefect's own check: ${words}`,
    {
      file: flow.module,
      line: flow.line,
      hint: 'Give the flow or the tasks that the message names a result, or set healthcheck: false.'
    }
  )

const unreadableStorage = (release: string, words: string): FlowstoreError =>
  new FlowstoreError('HEALTHCHECK', `Prefect ${release} can't read the storage: ${words}`, {
    hint: 'A package that Prefect needs has a release that does not work with it, often marshmallow. Pin one that does in python-dependencies.'
  })
