import { posix } from 'node:path'
import type { Notice } from '../log.js'
import { deploymentRules } from '../prefect/deployment-rules.js'
import { nearest } from '../util/text.js'
import type { DeployableFlow } from './deployable-flow.js'
import {
  deploymentForms,
  isSameButImage,
  stepImage,
  unchanged,
  type DeploymentForms,
  type Given
} from './deployment-forms.js'
import type { DeploymentsDocument } from './document.js'
import {
  deploymentOwner,
  literalImage,
  readEntry,
  type DeploymentEntry,
  type EntryContext
} from './entry/entry.js'
import { pullSteps, workingDirectoryStep } from './entry/pull-steps.js'
import type { PrefectFile } from './prefect-files.js'
import { Problems } from './problems.js'
import { writeYaml } from './write-yaml.js'
import {
  isNull,
  jsonOf,
  valueOf,
  type Json,
  type JsonObject,
  type YamlMap,
  type YamlNode
} from './yaml.js'

/** What deployments are made of. */
export interface DeploymentsRequest {
  readonly files: readonly PrefectFile[]
  /** All flows that were found, those of one name included. */
  readonly flows: readonly DeployableFlow[]
  /** Flows that no entrypoint can name, with the reason. */
  readonly unaddressable?: EntryContext['unaddressable']
  /** The module files that the option `flows` chose, relative to the source root. */
  readonly modules: Iterable<string>
  /** Whether a path, relative to the source root, is one of the declared sources. */
  readonly isSource: (path: string) => boolean
  /** The release of Prefect that the flows were loaded with. */
  readonly prefect: string
  /** The image as deployments name it, null for a storage without an image. */
  readonly image: string | null
  /** The image by its digest. */
  readonly imageRef: string | null
  /** The folder that flows run in, such as `/opt/prefect/shop`. */
  readonly path: string
  /** The work pool of flows that no file has; without it they get no deployment. */
  readonly workPool?: string | undefined
  /** The name of the deployments of flows that no file has. */
  readonly deploymentName: string
  /** What an earlier build wrote: deployments that did not change keep their image. */
  readonly baseline?: DeploymentsDocument | undefined
}

/** Deployments, checked and in both forms. */
export interface DeploymentsPlan {
  /** The content of `deployments.json`. */
  readonly document: DeploymentsDocument
  /** The text of a complete `prefect.yaml`. */
  readonly prefectYaml: string
  readonly notices: readonly Notice[]
}

/**
 * Checks the deployments of all files and writes them with the image, the folder and the versions of this build.
 *
 * @throws FlowstoreErrors DEPLOYMENT, DEPLOYMENT_CONFLICT: every error of all files, each with its line
 */
export function planDeployments(request: DeploymentsRequest): DeploymentsPlan {
  const { files, flows, prefect, image, imageRef, path, baseline } = request
  const problems = new Problems()
  const rules = deploymentRules(prefect)
  const context: EntryContext = {
    flows,
    unaddressable: request.unaddressable ?? [],
    modules: new Set(request.modules),
    isSource: request.isSource,
    path,
    rules,
    problems
  }
  const given = { rules, image, path }
  const planned: DeploymentForms[] = []
  /** Entries by flow name and deployment name. */
  const deployed = new Map<string, DeploymentEntry>()
  for (const file of files) {
    for (const node of entriesOf(file, problems)) {
      const entry = readEntry(node, context)
      if (entry === undefined) continue
      const pair = pairOf(entry.flow.name, entry.name)
      const first = deployed.get(pair)
      if (first === undefined) deployed.set(pair, entry)
      else conflict(first, entry, problems)
      planned.push(planEntry(entry, file, given, problems))
    }
  }
  planned.push(...planOthers(request, given, deployed, problems))
  problems.throwErrors()
  const compared = planned.map(forms => {
    const { entrypoint } = forms.deployment
    return compare(
      forms,
      flows.find(flow => flow.entrypoint === entrypoint),
      baseline
    )
  })
  return {
    document: {
      version: 1,
      prefect,
      image,
      imageRef,
      path,
      files: files.map(file => file.path),
      flows: flows.map(({ name, entrypoint, module, line, key, details }) => ({
        name,
        entrypoint,
        module,
        line,
        key,
        version: details.version,
        description: details.description,
        isAsync: details.isAsync,
        retries: details.retries,
        retryDelaySeconds: details.retryDelaySeconds ?? null,
        timeoutSeconds: details.timeoutSeconds,
        parameterSchema: details.parameterSchema
      })),
      deployments: compared.map(({ deployment }) => deployment)
    },
    prefectYaml: writeYaml({
      name: projectName(files) ?? posix.basename(path),
      'prefect-version': prefect,
      pull: [workingDirectoryStep(path)],
      ...otherKeys(files),
      deployments: compared.map(({ yaml }) => yaml)
    }),
    notices: problems.notices
  }
}

/** The two names that a server knows a deployment by, as one text. */
const pairOf = (flow: string, deployment: string): string => JSON.stringify([flow, deployment])

/** Keys of a file that are written anew, or left out. */
const OWN_KEYS = ['name', 'prefect-version', 'build', 'push', 'pull', 'deployments']

function projectName(files: readonly PrefectFile[]): string | undefined {
  for (const { root } of files) {
    const name = valueOf(root, 'name')
    if (!isNull(name) && name.kind === 'scalar') return name.text
  }
  return undefined
}

/** Keys that Prefect does not read, but those that only hold anchors. Of several files, the first wins. */
function otherKeys(files: readonly PrefectFile[]): JsonObject {
  const keys: Record<string, Json> = {}
  for (const { root } of files) {
    if (root.kind !== 'map') continue
    for (const [key, { value, anchored }] of root.entries) {
      if (!OWN_KEYS.includes(key) && !anchored && !(key in keys)) keys[key] = jsonOf(value)
    }
  }
  return keys
}

function entriesOf({ path, root }: PrefectFile, problems: Problems): readonly YamlNode[] {
  if (isNull(root)) return []
  const deployments = valueOf(root, 'deployments')
  if (root.kind !== 'map') {
    problems.error(root.place, `${path} is no mapping, which a prefect.yaml must be`)
    return []
  }
  misspelt(root, problems)
  if (isNull(deployments)) return []
  if (deployments.kind === 'list') return deployments.items
  problems.error(deployments.place, `deployments in ${path} is no list`)
  return []
}

/** Tells keys that may be misspelt. Without `deployments` a file is valid, and a prune would delete all of them. */
function misspelt({ entries }: YamlMap, problems: Problems): void {
  for (const [key, { place, anchored }] of entries) {
    if (OWN_KEYS.includes(key) || key.startsWith('x-')) continue
    const near = nearest(key, OWN_KEYS)
    if (near === undefined || anchored || entries.has(near)) continue
    const what = `'${key}' is no key of a prefect.yaml; did you mean '${near}'?`
    if (near === 'deployments') problems.error(place, what)
    else problems.warn(place, what)
  }
}

function conflict(first: DeploymentEntry, second: DeploymentEntry, problems: Problems): void {
  const { file, line } = first.place
  const same = first.flow === second.flow
  problems.error(
    second.place,
    `the flow '${second.flow.name}' has two deployments '${second.name}': the other is in ${file}, line ${line}`,
    same
      ? 'Give one of them another name.'
      : `${first.flow.entrypoint} and ${second.flow.entrypoint} are two flows of one name. Give one of the deployments or flows another name.`,
    'DEPLOYMENT_CONFLICT'
  )
}

function planEntry(
  entry: DeploymentEntry,
  file: PrefectFile,
  given: Omit<Given, 'pull'>,
  problems: Problems
): DeploymentForms {
  const { image, path } = given
  const owner = deploymentOwner(entry.flow.name, entry.name)
  const own = literalImage(entry)
  if (image !== null && own !== undefined && own !== image) {
    problems.notice(`${owner} gets the image of this build instead of '${own}'`, entry.place)
  }
  const gone = stepImage(entry.workPool.jobVariables.image)
  if (image === null && gone !== undefined) {
    problems.notice(`${owner} gets no image: '${gone}' is of a build step`, entry.place)
  }
  const pull =
    entry.pull === undefined || isNull(entry.pull)
      ? pullSteps(valueOf(file.root, 'pull'), path, file.path, problems)
      : pullSteps(entry.pull, path, owner, problems)
  return deploymentForms(entry, { ...given, pull }, entry.place)
}

/** Deployments of flows that no file has. */
function planOthers(
  { flows, workPool, deploymentName }: DeploymentsRequest,
  given: Omit<Given, 'pull'>,
  deployed: ReadonlyMap<string, DeploymentEntry>,
  problems: Problems
): DeploymentForms[] {
  const inFiles = new Set([...deployed.values()].map(({ flow }) => flow))
  const others = flows.filter(flow => !inFiles.has(flow))
  // An entry with an error may be the one of such a flow.
  if (others.length === 0 || problems.errors.length > 0) return []
  if (workPool === undefined) {
    const names = others.map(({ name }) => `'${name}'`).join(', ')
    problems.notice(
      others.length === 1
        ? `the flow ${names} has no deployment; set work-pool to give it one, or add it to a prefect.yaml`
        : `${others.length} flows have no deployment: ${names}; set work-pool to give them one, or add them to a prefect.yaml`
    )
    return []
  }
  const taken = new Map<string, string>()
  for (const [pair, { place }] of deployed) taken.set(pair, `${place.file}, line ${place.line}`)
  return others.map(flow => {
    const pair = pairOf(flow.name, deploymentName)
    const other = taken.get(pair)
    if (other !== undefined) {
      problems.error(
        { file: flow.module, line: flow.line, column: 1 },
        `the flow '${flow.name}' would get a second deployment '${deploymentName}': ${other} has one for another flow of that name`,
        'Give one of the flows another name, or add a deployment for it to a prefect.yaml.',
        'DEPLOYMENT_CONFLICT'
      )
    }
    taken.set(pair, flow.entrypoint)
    const pull = [workingDirectoryStep(given.path)]
    return deploymentForms(newEntry(flow, deploymentName, workPool), { ...given, pull }, null)
  })
}

/** The deployment of a flow that no file has. */
const newEntry = (flow: DeployableFlow, name: string, workPool: string): DeploymentEntry => ({
  place: { file: flow.module, line: flow.line, column: 1 },
  name,
  flow,
  keys: {},
  version: undefined,
  description: undefined,
  tags: [],
  paused: undefined,
  schedules: undefined,
  concurrency: undefined,
  parameters: {},
  enforceParameterSchema: undefined,
  workPool: { name: workPool, queue: undefined, jobVariables: {} },
  pull: undefined,
  triggers: [],
  sla: []
})

/** A deployment that is as it was in the baseline keeps the image that it has there. */
function compare(
  forms: DeploymentForms,
  flow: DeployableFlow | undefined,
  baseline: DeploymentsDocument | undefined
): DeploymentForms {
  const { deployment } = forms
  const before = baseline?.deployments.find(
    ({ name, flow, entrypoint }) =>
      name === deployment.name && flow === deployment.flow && entrypoint === deployment.entrypoint
  )
  const key = baseline?.flows.find(({ entrypoint }) => entrypoint === deployment.entrypoint)?.key
  return before !== undefined && key === flow?.key && isSameButImage(deployment, before)
    ? unchanged(forms, before)
    : forms
}
