import * as z from '../util/schema.js'
import type { ApiAddress } from './address.js'
import { Connection, type ConnectionOptions } from './connection.js'
import {
  automationSchema,
  blockSchema,
  deploymentSchema,
  flowSchema,
  variableSchema,
  workPoolSchema,
  type AutomationRecord,
  type DeploymentRecord,
  type FlowRecord,
  type WorkPoolRecord,
  type Written
} from './records.js'
import { serverFacts, type ServerFacts } from './server.js'

/** Most records that the API gives at once. */
const PAGE = 200
/** Most names in one filter: a database has a limit for the values of a query. */
const NAMES = 100

const part = (name: string): string => encodeURIComponent(name)
const quoted = (name: string): string => JSON.stringify(name)

const ownerOf = (deployment: string): string => `prefect.deployment.${deployment}`

/**
 * The part of Prefect's API that deploying needs, of 2.13 and newer.
 *
 * Every method throws FlowstoreError PREFECT_API, with the server's message, and INTERRUPTED after {@link stopOn}.
 */
export class PrefectApi {
  private readonly connection: Connection

  constructor(
    readonly address: ApiAddress,
    options: ConnectionOptions = {}
  ) {
    this.connection = new Connection(address, options)
  }

  /** A text without the login and other secrets. */
  hide(text: string): string {
    return this.connection.hide(text)
  }

  /** Replaces a value by `***` in all messages from now on. */
  keepSecret(value: string): void {
    this.connection.keepSecret(value)
  }

  /** Ends requests and pauses from now on when a signal aborts; undefined for none. */
  stopOn(signal: AbortSignal | undefined): void {
    this.connection.stopOn(signal)
  }

  /** When the server gave its last answer, by its own clock: milliseconds, down to a second. */
  get serverTime(): number | undefined {
    return this.connection.serverTime
  }

  /** What the server takes, by its version. Prefect Cloud is not asked: it has no version. */
  async server(): Promise<ServerFacts> {
    if (this.address.isCloud) return serverFacts(null)
    const version = await this.connection.ask(
      { method: 'GET', path: '/admin/version', what: 'read its version' },
      z.string()
    )
    return serverFacts(version)
  }

  /** @returns undefined if there is no such pool */
  workPool(name: string): Promise<WorkPoolRecord | undefined> {
    const what = `read the work pool ${quoted(name)}`
    return this.connection.find(
      { method: 'GET', path: `/work_pools/${part(name)}`, what },
      workPoolSchema
    )
  }

  /** The names of all work pools. */
  async workPoolNames(): Promise<readonly string[]> {
    return (await this.pages('/work_pools/filter', {}, workPoolSchema)).map(({ name }) => name)
  }

  /** The value of a variable, as JSON; undefined if there is no such variable. */
  async variable(name: string): Promise<{ readonly value: unknown } | undefined> {
    const what = `read the variable ${quoted(name)}`
    const path = `/variables/name/${part(name)}`
    return this.connection.find({ method: 'GET', path, what }, variableSchema)
  }

  /** The data of a block, with its secrets; undefined if there is no such block. */
  async block(type: string, name: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const what = `read the block ${quoted(`${type}/${name}`)}`
    const path = `/block_types/slug/${part(type)}/block_documents/name/${part(name)}?include_secrets=true`
    return (await this.connection.find({ method: 'GET', path, what }, blockSchema))?.data
  }

  /** The flows of these names that the server has, by name. */
  async flows(names: readonly string[]): Promise<ReadonlyMap<string, FlowRecord>> {
    const found: FlowRecord[] = []
    for (let from = 0; from < names.length; from += NAMES) {
      const any_ = names.slice(from, from + NAMES)
      found.push(...(await this.pages('/flows/filter', { flows: { name: { any_ } } }, flowSchema)))
    }
    return new Map(found.map(flow => [flow.name, flow]))
  }

  /** Every flow of these ids, by id. */
  async flowNames(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found: FlowRecord[] = []
    for (let from = 0; from < ids.length; from += NAMES) {
      const any_ = ids.slice(from, from + NAMES)
      found.push(...(await this.pages('/flows/filter', { flows: { id: { any_ } } }, flowSchema)))
    }
    return new Map(found.map(({ id, name }) => [id, name]))
  }

  /** The deployments of these flows, all or those of some names. */
  async deploymentsOf(
    flows: readonly FlowRecord[],
    names?: readonly string[]
  ): Promise<readonly DeploymentRecord[]> {
    const found: DeploymentRecord[] = []
    const deployments = names === undefined ? {} : { deployments: { name: { any_: names } } }
    for (let from = 0; from < flows.length; from += NAMES) {
      const any_ = flows.slice(from, from + NAMES).map(({ id }) => id)
      const filter = { flows: { id: { any_ } }, ...deployments }
      found.push(...(await this.pages('/deployments/filter', filter, deploymentSchema)))
    }
    return found
  }

  /** Every deployment of the server. */
  allDeployments(): Promise<readonly DeploymentRecord[]> {
    return this.pages('/deployments/filter', {}, deploymentSchema)
  }

  /** Makes a flow of this name, or finds it. */
  makeFlow(name: string): Promise<Written<FlowRecord>> {
    return this.connection.make(
      { method: 'POST', path: '/flows/', body: { name }, what: `write the flow ${quoted(name)}` },
      flowSchema
    )
  }

  /**
   * Makes a deployment, or replaces the one of this flow and name. The server then makes its scheduled runs anew.
   *
   * @param label names it in an error: `flow/deployment`
   * @returns `isNew`: whether it was made
   */
  writeDeployment(body: object, label: string): Promise<Written<DeploymentRecord>> {
    return this.connection.make(
      {
        method: 'POST',
        path: '/deployments/',
        body,
        what: `write the deployment ${quoted(label)}`
      },
      deploymentSchema
    )
  }

  async deleteDeployment(id: string, label: string): Promise<void> {
    const what = `delete the deployment ${quoted(label)}`
    await this.connection.status({ method: 'DELETE', path: `/deployments/${part(id)}`, what })
  }

  async deleteFlow(id: string, name: string): Promise<void> {
    const what = `delete the flow ${quoted(name)}`
    await this.connection.status({ method: 'DELETE', path: `/flows/${part(id)}`, what })
  }

  /** Every automation; undefined if the server has none: before 2.18, and in 2.x unless a setting turns them on. */
  async automations(): Promise<readonly AutomationRecord[] | undefined> {
    const what = 'read the automations'
    const found: AutomationRecord[] = []
    for (;;) {
      const body = { limit: PAGE, offset: found.length }
      const page = await this.connection.find(
        {
          ...{ method: 'POST', path: '/automations/filter', body, what },
          ...{ isRead: true, isNewer: true }
        },
        z.array(automationSchema)
      )
      if (page === undefined) return undefined
      found.push(...page)
      if (page.length < PAGE) return found
    }
  }

  /** Makes an automation that belongs to a deployment; returns its id. */
  async makeAutomation(body: object, deployment: string, label: string): Promise<string> {
    const { id } = await this.connection.ask(
      {
        method: 'POST',
        path: '/automations/',
        body: { ...body, owner_resource: ownerOf(deployment) },
        what: `write a trigger of ${quoted(label)}`,
        isRepeatable: false
      },
      z.looseObject({ id: z.string() })
    )
    return id
  }

  /** Deletes the automations that belong to a deployment: those that a deploy made, not those of the UI. */
  async deleteOwnedAutomations(deployment: string, label: string): Promise<void> {
    const what = `delete the triggers of ${quoted(label)}`
    const path = `/automations/owned-by/${part(ownerOf(deployment))}`
    await this.connection.status({ method: 'DELETE', path, what })
  }

  private async pages<T>(path: string, filter: object, schema: z.ZodType<T>): Promise<T[]> {
    const found: T[] = []
    for (;;) {
      const body = { ...filter, limit: PAGE, offset: found.length }
      const what = `read the ${path.split('/')[1] ?? ''}`
      const page = await this.connection.ask(
        { method: 'POST', path, body, what, isRead: true },
        z.array(schema)
      )
      found.push(...page)
      if (page.length < PAGE) return found
    }
  }
}
