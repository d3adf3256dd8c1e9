import { FlowstoreError, errorsOf } from '../../errors.js'
import type { Log } from '../../log.js'
import type { PrefectApi } from '../../prefect-api/api.js'
import type { DeploymentsDocument } from './deployments-file.js'
import {
  checkDeploy,
  planDeploy,
  type CheckedDeployments,
  type DeployPlan,
  type GoneDeployment
} from './plan.js'
import type { DeployedDeployment, DeployResult } from './result.js'
import { Writing } from './write.js'

/** How deployments are deployed. */
export interface DeployRequest {
  readonly api: PrefectApi
  /** The values of `{{ $NAME }}`. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Log
  /** Only compares; default false. */
  readonly dryRun?: boolean
  /** Deletes the deployments of the project that the document does not have; default false. */
  readonly prune?: boolean
  /** The project in the label of the deployments; default {@link projectOf}. */
  readonly project?: string | undefined
  /** Stops, and undoes what was written: then the error is INTERRUPTED. */
  readonly signal?: AbortSignal | undefined
}

/**
 * The project of deployments: the name of their image without tag and digest, and the folder of their flows. Neither is
 * enough: packages of one repository may share an image, and each folder of a local storage has the same name.
 */
export function projectOf({ image, path }: Pick<DeploymentsDocument, 'image' | 'path'>): string {
  const repository = image?.replace(/@.*$/, '').replace(/:[^/:]*$/, '')
  return [repository, path].filter(Boolean).join(':') || 'flows'
}

const goneAs = (
  state: 'gone' | 'deleted',
  { flow, name, id }: GoneDeployment
): DeployedDeployment => ({
  flow,
  name,
  id,
  state,
  changes: [],
  scheduledRunsMadeAnew: false
})

/** What a dry run says. */
const forecast = ({ deployments, gone }: DeployPlan): readonly DeployedDeployment[] => [
  ...deployments.map(({ flow, name, current, changes }): DeployedDeployment => ({
    flow,
    name,
    id: current?.record.id ?? null,
    state: current === undefined ? 'new' : changes.length > 0 ? 'changed' : 'unchanged',
    changes,
    scheduledRunsMadeAnew: false
  })),
  ...gone.map(each => goneAs('gone', each))
]

async function write(
  plan: DeployPlan,
  { api, log, signal, prune }: DeployRequest
): Promise<readonly DeployedDeployment[]> {
  const written = await new Writing(plan, api, log, signal).run()
  const deployments = written.map((each): DeployedDeployment => {
    const { planned, record, isNew, isWritten, renewsRuns, changedTriggers } = each
    const { flow, name, current, changes } = planned
    const all =
      changedTriggers && current !== undefined && !changes.some(({ field }) => field === 'triggers')
        ? [...changes, { field: 'triggers', from: null, to: planned.triggers.length }]
        : changes
    const state = isNew ? 'created' : isWritten || changedTriggers ? 'updated' : 'unchanged'
    return { flow, name, id: record.id, state, changes: all, scheduledRunsMadeAnew: renewsRuns }
  })
  if (!prune) return deployments
  return [...deployments, ...(await deleteGone(plan.gone, api))]
}

async function deleteGone(
  gone: readonly GoneDeployment[],
  api: PrefectApi
): Promise<readonly DeployedDeployment[]> {
  const deleted: DeployedDeployment[] = []
  for (const each of gone) {
    const label = `${each.flow}/${each.name}`
    try {
      await api.deleteDeployment(each.id, label)
      await api.deleteOwnedAutomations(each.id, label)
    } catch (error) {
      const [first] = errorsOf(error)
      const names = deleted.map(({ flow, name }) => `${flow}/${name}`)
      throw new FlowstoreError(first?.code ?? 'PREFECT_API', first?.message ?? '', {
        hint: first?.hint,
        detail: [
          'All deployments of the file are deployed.',
          `deleted: ${names.join(', ') || 'none'}`,
          `not deleted: ${gone
            .slice(deleted.length)
            .map(({ flow, name }) => `${flow}/${name}`)
            .join(', ')}`
        ].join('\n'),
        cause: error
      })
    }
    deleted.push(goneAs('deleted', each))
  }
  return deleted
}

/** A file without deployments is more often a mistake than a project that ends. */
const nothingLeft = (): FlowstoreError =>
  new FlowstoreError(
    'DEPLOYMENT',
    'the file has no deployments: prune would delete all deployments of the project',
    {
      hint: 'Check the prefect files and the option flows. To delete all of them, use the UI or `prefect deployment delete`.'
    }
  )

/**
 * Makes all checks of a deploy and writes nothing: the server, its work pools, templates.
 *
 * @throws FlowstoreError DEPLOYMENT_CHECK, PREFECT_API; DEPLOYMENT for a prune without deployments; NOT_SUPPORTED for a
 * prune on a server without labels
 */
export async function checkDeployments(
  document: DeploymentsDocument,
  request: DeployRequest
): Promise<CheckedDeployments> {
  const { api, env, log, dryRun = false, prune = false, signal } = request
  api.stopOn(signal)
  if (prune && document.deployments.length === 0) throw nothingLeft()
  const project = request.project || projectOf(document)
  const checked = await log.phase('check', () => checkDeploy({ document, project, api, env, log }))
  const { server } = checked
  if (prune && !server.hasLabels) {
    throw new FlowstoreError(
      'NOT_SUPPORTED',
      `the server is Prefect ${server.version ?? ''}, whose deployments have no labels: it can't be known which of them this project made`,
      { hint: 'Leave out --prune, and delete deployments that are gone by hand.' }
    )
  }
  if (dryRun && !server.hasLabels) {
    const message = `deployments of Prefect ${server.version ?? ''} have no labels, so those that are gone from the file are not known`
    log.notice({ level: 'notice', message })
  }
  return checked
}

/**
 * Writes checked deployments one after the other, only those that differ from the server, or says how they differ. After
 * a failure, those that it made are deleted and those that it changed are put back.
 *
 * @param request as it was for {@link checkDeployments}
 * @throws FlowstoreError PREFECT_API, INTERRUPTED: its detail says what was put back
 */
export async function deployChecked(
  checked: CheckedDeployments,
  request: DeployRequest
): Promise<DeployResult> {
  const { api, log, dryRun = false, prune = false } = request
  const findsGone = dryRun || prune
  const plan = await log.phase('compare', () => planDeploy(checked, { findsGone, api, log }))
  const deployments = dryRun
    ? forecast(plan)
    : await log.phase('deploy', () => write(plan, request))
  const { url } = api.address
  return {
    server: { url, version: plan.server.version },
    project: plan.project,
    dryRun,
    deployments
  }
}

/**
 * Deploys deployments through Prefect's API: {@link checkDeployments}, then {@link deployChecked}.
 *
 * @throws FlowstoreError DEPLOYMENT_CHECK: nothing is written; PREFECT_API, INTERRUPTED: its detail says what was put back;
 * NOT_SUPPORTED for a prune on a server without labels
 */
export async function deployDeployments(
  document: DeploymentsDocument,
  request: DeployRequest
): Promise<DeployResult> {
  return deployChecked(await checkDeployments(document, request), request)
}
