import { FlowstoreError, throwAll, type ErrorDetails } from '../../errors.js'
import type { Log } from '../../log.js'
import type { PrefectApi } from '../../prefect-api/api.js'
import type {
  AutomationRecord,
  DeploymentRecord,
  FlowRecord,
  WorkPoolRecord
} from '../../prefect-api/records.js'
import { releaseOf, type ServerFacts } from '../../prefect-api/server.js'
import { nearest } from '../../util/text.js'
import { bodyOf, bodyOfRecord, fitting, type DeploymentBody } from './body.js'
import { bodyProblems, withBooleans } from './body-checks.js'
import { compare, type FieldChange } from './compare.js'
import type { DeploymentEntry, DeploymentsDocument } from './deployments-file.js'
import { jobVariableProblems } from './job-variables.js'
import { SecretPaths } from './secret-paths.js'
import { Templates } from './templates.js'
import { automationOf, isSameAutomation, runsDeployment } from './triggers.js'

/** The label by which a prune knows the deployments of a project. */
const PROJECT_LABEL = 'flowstore.project'
/** The label with the file of a deployment, empty for one that no file has. */
const FILE_LABEL = 'flowstore.file'

type Values = Readonly<Record<string, unknown>>

/** A deployment to write, or one that is as it should be. */
export interface PlannedDeployment {
  readonly flow: string
  readonly name: string
  /** `flow/name`, as Prefect writes it. */
  readonly label: string
  /** The deployment of the file. */
  readonly wanted: Wanted
  /** The deployment on the server; undefined for a new one. */
  readonly current: { readonly record: DeploymentRecord; readonly body: DeploymentBody } | undefined
  /** What is written: all fields. */
  readonly body: DeploymentBody
  /** Empty for a new one. */
  readonly changes: readonly FieldChange[]
  readonly triggers: readonly Values[]
  /** Whether automations are to be written. */
  readonly writesTriggers: boolean
}

/** A deployment that only the server has. */
export interface GoneDeployment {
  readonly flow: string
  readonly name: string
  readonly id: string
}

/** Deployments whose checks are through. The deployments of the server are not read yet, and nothing is written. */
export interface CheckedDeployments {
  readonly server: ServerFacts
  readonly project: string
  /** The files that they were read from. */
  readonly files: readonly string[]
  readonly wanted: readonly Wanted[]
}

/** What a deploy will do: the checked deployments, compared with the server. */
export interface DeployPlan {
  readonly server: ServerFacts
  /** Null if the server has no labels. */
  readonly project: string | null
  readonly deployments: readonly PlannedDeployment[]
  /** Those with the label of the project; empty unless they were asked for. */
  readonly gone: readonly GoneDeployment[]
  readonly flows: ReadonlyMap<string, FlowRecord>
  /** Undefined if the server has none. */
  readonly automations: readonly AutomationRecord[] | undefined
}

/** What is checked. */
export interface CheckRequest {
  readonly document: DeploymentsDocument
  readonly project: string
  readonly api: PrefectApi
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Log
}

/** How checked deployments are compared with the server. */
export interface PlanRequest {
  /** Whether deployments that only the server has are looked for. */
  readonly findsGone: boolean
  readonly api: PrefectApi
  readonly log: Log
}

/** A deployment of the file with its templates resolved. */
export interface Wanted {
  readonly entry: DeploymentEntry
  readonly label: string
  readonly body: DeploymentBody
  readonly triggers: readonly Values[]
  readonly secrets: SecretPaths
}

const quoted = (text: string): string => JSON.stringify(text)

/** An error about one deployment, at its line of the user's file. */
function checkError(
  entry: DeploymentEntry,
  message: string,
  details: ErrorDetails = {}
): FlowstoreError {
  return new FlowstoreError(
    'DEPLOYMENT_CHECK',
    `the deployment ${quoted(`${entry.flow}/${entry.body.name}`)}: ${message}`,
    { file: entry.file ?? undefined, line: entry.line ?? undefined, ...details }
  )
}

/** Checks that a server can have deployments of a release. */
function checkVersions({ prefect }: DeploymentsDocument, server: ServerFacts, log: Log): void {
  const flows = releaseOf(prefect)
  const { version } = server
  if (flows === undefined || version === null) return
  const own = releaseOf(version)
  if (own === undefined) {
    const message = `the server says that its version is ${quoted(version)}; it is taken for the newest`
    log.notice({ level: 'warning', message })
    return
  }
  if (flows[0] > own[0]) {
    throw new FlowstoreError(
      'DEPLOYMENT_CHECK',
      `the flows need Prefect ${prefect}, but the server is ${version}: their runs could not report to it`,
      { hint: `Use a server of Prefect ${flows[0]}, or build the flows with Prefect ${own[0]}.` }
    )
  }
  if (own[0] < 2 || (own[0] === 2 && own[1] < 13)) {
    throw new FlowstoreError(
      'DEPLOYMENT_CHECK',
      `the server is Prefect ${version}; deploying needs 2.13 or newer`
    )
  }
  if (flows[0] < own[0]) {
    const message = `the flows are of Prefect ${prefect}, the server is ${version}`
    log.notice({ level: 'notice', message })
  } else if (flows[1] > own[1]) {
    const message = `the flows are of Prefect ${prefect}, which is newer than the server (${version})`
    log.notice({ level: 'warning', message })
  }
}

/** Fields in which `prefect deploy` resolves nothing: the schema comes from the flow. */
const LITERAL = new Set(['parameter_openapi_schema', 'labels'])

async function resolved(
  entry: DeploymentEntry,
  templates: Templates,
  isOld: boolean
): Promise<Wanted | FlowstoreError[]> {
  const secrets = new SecretPaths()
  const before = templates.missing.length
  const fields: [string, unknown][] = []
  for (const [field, value] of Object.entries(bodyOf(entry.body))) {
    // The worker resolves the rest of pull steps, and in 2.x of job variables, when a run starts.
    const isForWorker = field === 'pull_steps' || (field === 'job_variables' && isOld)
    const which = isForWorker ? 'environment' : 'all'
    fields.push([
      field,
      LITERAL.has(field) ? value : await templates.resolve(value, [field], secrets, which)
    ])
  }
  const triggers = await templates.resolve(entry.triggers ?? [], ['triggers'], secrets)
  const missing = templates.missing.slice(before)
  if (missing.length > 0) {
    return missing.map(({ template, path, why }) =>
      checkError(entry, `${path} has the template '${template}', and ${why}`, {
        hint: why.includes('environment')
          ? 'Set the variable in the environment of this command: `prefect deploy` would put an empty text there.'
          : undefined
      })
    )
  }
  const body = withBooleans(Object.fromEntries(fields) as unknown as DeploymentBody)
  return {
    entry,
    label: `${entry.flow}/${body.name}`,
    body,
    triggers: triggers as readonly Values[],
    secrets
  }
}

/** Characters that Prefect refuses in a name. */
const REFUSED = /[/%&><]/

function nameErrors({ entry, body }: Wanted): FlowstoreError[] {
  return [
    ['flow', entry.flow],
    ['deployment', body.name]
  ].flatMap(([kind = '', name]) => {
    const [character] = REFUSED.exec(String(name)) ?? []
    if (typeof name === 'string' && name.trim() !== '' && character === undefined) return []
    return [
      checkError(
        entry,
        character === undefined
          ? `the name of the ${kind} is empty`
          : `the name of the ${kind} has a '${character}', which Prefect refuses`
      )
    ]
  })
}

/** What the server would refuse in the middle of the deploy. */
const bodyErrors = ({ entry, body }: Wanted): FlowstoreError[] =>
  bodyProblems(body).map(problem => checkError(entry, problem))

/** Names with templates can become equal: the second deployment would replace the first. */
function nameClashes(wanted: readonly Wanted[]): FlowstoreError[] {
  const seen = new Map<string, DeploymentEntry>()
  return wanted.flatMap(({ entry, label }) => {
    const first = seen.get(label)
    seen.set(label, entry)
    if (first === undefined) return []
    const place =
      first.file == null ? '' : `: the other is in ${first.file}, line ${first.line ?? 1}`
    return [
      checkError(entry, `with its templates filled, two deployments are ${quoted(label)}${place}`)
    ]
  })
}

/** What to do about a pool that the server does not have. */
function poolHint(name: string, names: readonly string[]): string {
  const create = 'create it in the UI or by `prefect work-pool create`'
  if (names.length === 0) return `The server has no work pools: ${create}.`
  const near = nearest(name, names)
  return near === undefined
    ? `The server has ${listed(names)}. Correct the name, or ${create}.`
    : `Did you mean ${quoted(near)}? Else ${create}.`
}

/** Most names in a hint. */
const NAMES = 10

const listed = (names: readonly string[]): string => {
  const more = names.length - NAMES
  return `${names.slice(0, NAMES).map(quoted).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** Reads each pool once, and checks the job variables of each deployment against it. */
async function checkPools(
  wanted: readonly Wanted[],
  { document, api, log }: CheckRequest
): Promise<FlowstoreError[]> {
  const folder = document.image == null ? (document.path ?? undefined) : undefined
  const pools = new Map<string, WorkPoolRecord | undefined>()
  const errors: FlowstoreError[] = []
  let names: readonly string[] | undefined
  for (const { entry, label, body } of wanted) {
    const name = body.work_pool_name
    if (!name) {
      errors.push(
        checkError(entry, 'it names no work pool', {
          hint: 'Set work_pool.name in prefect.yaml, or the option work-pool.'
        })
      )
      continue
    }
    if (!pools.has(name)) pools.set(name, await api.workPool(name))
    const pool = pools.get(name)
    if (pool === undefined) {
      errors.push(
        checkError(entry, `the server has no work pool ${quoted(name)}`, {
          hint: poolHint(name, (names ??= await api.workPoolNames()))
        })
      )
      continue
    }
    if (pool.type === 'prefect-agent') {
      errors.push(
        checkError(entry, `the work pool ${quoted(name)} is for agents, which can't run it`, {
          hint: 'Use a pool for workers, such as type docker.'
        })
      )
      continue
    }
    if (pool.is_paused) {
      log.notice({ level: 'warning', message: `the work pool ${quoted(name)} is paused` })
    }
    const variables = body.job_variables ?? {}
    for (const { level, message, hint } of jobVariableProblems(variables, pool, folder)) {
      if (level === 'error') errors.push(checkError(entry, message, { hint }))
      else {
        const place = { file: entry.file ?? undefined, line: entry.line ?? undefined }
        log.notice({ level, message: `${quoted(label)}: ${message}`, ...place })
      }
    }
  }
  return errors
}

/** What the server leaves out of a body is said once for each field. */
function fitted(wanted: readonly Wanted[], server: ServerFacts, log: Log): readonly Wanted[] {
  const leftOut = new Map<string, number>()
  const errors: FlowstoreError[] = []
  const fittedOnes = wanted.map(each => {
    const { body, leftOut: fields, problem } = fitting(each.body, server)
    for (const field of fields) leftOut.set(field, (leftOut.get(field) ?? 0) + 1)
    if (problem !== undefined) {
      errors.push(checkError(each.entry, `${problem} (this one is ${server.version ?? 'Cloud'})`))
    }
    return { ...each, body }
  })
  throwAll(errors)
  for (const [field, count] of leftOut) {
    const message = `the server is Prefect ${server.version ?? ''}, which has no ${field}: it is left out of ${count} ${count === 1 ? 'deployment' : 'deployments'}`
    log.notice({ level: 'warning', message })
  }
  return fittedOnes
}

const labelled = (wanted: Wanted, project: string, server: ServerFacts): Wanted =>
  server.hasLabels
    ? {
        ...wanted,
        body: {
          ...wanted.body,
          labels: {
            ...wanted.body.labels,
            [PROJECT_LABEL]: project,
            [FILE_LABEL]: wanted.entry.file ?? ''
          }
        }
      }
    : wanted

/** What a deploy will do with a deployment, from what the server has of it. */
export function planOne(
  wanted: Wanted,
  record: DeploymentRecord | undefined,
  { server, automations }: Pick<DeployPlan, 'server' | 'automations'>
): PlannedDeployment {
  const { entry, label, body, triggers, secrets } = wanted
  const common = { flow: entry.flow, name: body.name, label, wanted, triggers }
  if (record === undefined) {
    return {
      ...common,
      current: undefined,
      body,
      changes: [],
      writesTriggers: automations !== undefined && triggers.length > 0
    }
  }
  const current = bodyOfRecord(record, server)
  const { changes, body: whole } = compare(current, body, secrets)
  const existing = (automations ?? []).filter(each => runsDeployment(each, record.id))
  const isMade = triggers.map((trigger, index) => {
    const automation = automationOf(trigger, body.name, record.id, index + 1)
    return existing.some(each => isSameAutomation(each, automation))
  })
  const isSame = isMade.every(Boolean) && existing.length === triggers.length
  const triggerChanges =
    automations === undefined || isSame
      ? []
      : [{ field: 'triggers', from: existing.length, to: triggers.length }]
  return {
    ...common,
    current: { record, body: current },
    body: whole,
    // Automations of the UI may run it too: only a missing trigger is a sure difference.
    changes: [...changes, ...(isMade.every(Boolean) ? [] : triggerChanges)],
    writesTriggers: triggerChanges.length > 0
  }
}

/**
 * The deployments of the project that the document does not have. Only those of its own files are meant: a project may
 * deploy each of its files by itself, such as one for each stage.
 */
async function findGone(
  { project, files: known, wanted }: CheckedDeployments,
  api: PrefectApi
): Promise<readonly GoneDeployment[]> {
  const files = new Set<unknown>([...known, ...wanted.map(({ entry }) => entry.file ?? '')])
  const all = await api.allDeployments()
  const own = all.filter(
    ({ labels }) => labels?.[PROJECT_LABEL] === project && files.has(labels[FILE_LABEL])
  )
  const flows = await api.flowNames([...new Set(own.map(({ flow_id }) => flow_id))])
  const kept = new Set(wanted.map(({ label }) => label))
  return own
    .map(({ id, name, flow_id }) => ({ id, name, flow: flows.get(flow_id) ?? '' }))
    .filter(({ flow, name }) => flow !== '' && !kept.has(`${flow}/${name}`))
}

/**
 * Makes all checks: the server and its work pools, templates, what the server takes of each deployment.
 *
 * @throws FlowstoreError DEPLOYMENT_CHECK, or several; PREFECT_API
 */
export async function checkDeploy(request: CheckRequest): Promise<CheckedDeployments> {
  const { document, project, api, env, log } = request
  const server = await api.server()
  checkVersions(document, server, log)
  const templates = new Templates({ api, env })
  const isOld = (releaseOf(document.prefect)?.[0] ?? 3) < 3
  const results: (Wanted | FlowstoreError[])[] = []
  for (const entry of document.deployments) results.push(await resolved(entry, templates, isOld))
  throwAll(results.flatMap(each => (Array.isArray(each) ? each : [])))
  const all = results.flatMap(each => (Array.isArray(each) ? [] : [each]))
  throwAll([
    ...all.flatMap(each => [...nameErrors(each), ...bodyErrors(each)]),
    ...nameClashes(all),
    ...(await checkPools(all, request))
  ])
  const wanted = fitted(all, server, log).map(each => labelled(each, project, server))
  return { server, project, files: document.files ?? [], wanted }
}

/**
 * Compares checked deployments with those of the server.
 *
 * @throws FlowstoreError PREFECT_API
 */
export async function planDeploy(
  checked: CheckedDeployments,
  { findsGone, api, log }: PlanRequest
): Promise<DeployPlan> {
  const { server, project, wanted } = checked
  const named = api.flows([...new Set(wanted.map(({ entry }) => entry.flow))])
  const [flows, records, automations] = await Promise.all([
    named,
    named.then(found => api.deploymentsOf([...found.values()])),
    api.automations()
  ])
  noticeTriggers(wanted, api, automations === undefined, log)
  const deployments = wanted.map(each => {
    const flow = flows.get(each.entry.flow)?.id
    const record = records.find(({ flow_id, name }) => flow_id === flow && name === each.body.name)
    const owner = record?.labels?.[PROJECT_LABEL]
    if (typeof owner === 'string' && owner !== project) {
      const message = `${quoted(each.label)} was deployed by the project ${quoted(owner)} and now belongs to ${quoted(project)}`
      log.notice({ level: 'warning', message })
    }
    return planOne(each, record, { server, automations })
  })
  const gone = findsGone && server.hasLabels ? await findGone(checked, api) : []
  return {
    server,
    project: server.hasLabels ? project : null,
    deployments,
    gone,
    flows,
    automations
  }
}

function noticeTriggers(
  wanted: readonly Wanted[],
  api: PrefectApi,
  hasNoAutomations: boolean,
  log: Log
): void {
  const count = (list: keyof Pick<DeploymentEntry, 'triggers' | 'sla'>) =>
    wanted.filter(({ entry }) => (entry[list] ?? []).length > 0).length
  const counted = (number: number) => `${number} ${number === 1 ? 'deployment' : 'deployments'}`
  if (hasNoAutomations && count('triggers') > 0) {
    log.notice({
      level: 'warning',
      message: `the server has no automations, so the triggers of ${counted(count('triggers'))} are not made`
    })
  }
  if (count('sla') > 0) {
    log.notice({
      level: 'warning',
      message: api.address.isCloud
        ? `the service level agreements (sla) of ${counted(count('sla'))} are not written: set them by \`prefect deploy\``
        : `only Prefect Cloud has service level agreements (sla): those of ${counted(count('sla'))} are not made`
    })
  }
}
