import { FlowstoreError, errorsOf } from '../../errors.js'
import type { Log } from '../../log.js'
import type { PrefectApi } from '../../prefect-api/api.js'
import type { AutomationRecord } from '../../prefect-api/records.js'
import { bodyOfRecord, bodyOfUpdate, wireBody } from './body.js'
import { compare } from './compare.js'
import type { DeployPlan, PlannedDeployment } from './plan.js'
import { SecretPaths } from './secret-paths.js'
import { automationAsItWas, automationOf, runsDeployment } from './triggers.js'

/** What was undone, as a line of the error; undefined if there was nothing to undo. */
type Undo = () => Promise<string | undefined>

/** A step of a deploy that can be undone. It is listed before it is done: its request may fail after the server did it. */
interface Step {
  readonly label: string
  readonly undo: Undo
}

/** A deployment that was written. */
export interface WrittenDeployment {
  readonly planned: PlannedDeployment
  readonly id: string
  /** Whether automations changed. */
  readonly changedTriggers: boolean
}

/** Writes a plan, one deployment after the other, and undoes what it wrote if it can't write all. */
export class Writing {
  private readonly steps: Step[] = []
  private readonly renewed = new Set<string>()
  private readonly flowIds = new Map<string, string>()

  constructor(
    private readonly plan: DeployPlan,
    private readonly api: PrefectApi,
    private readonly log: Log,
    private readonly signal: AbortSignal | undefined
  ) {}

  /** @throws FlowstoreError PREFECT_API that says what was put back */
  async run(): Promise<readonly WrittenDeployment[]> {
    const { deployments } = this.plan
    const written: WrittenDeployment[] = []
    let current = ''
    try {
      for (const [index, planned] of deployments.entries()) {
        current = planned.label
        this.log.progress(`deploying ${current}: ${index + 1} of ${deployments.length}`)
        written.push(await this.one(planned))
      }
      return written
    } catch (error) {
      throw await this.undone(error, current)
    }
  }

  private async one(planned: PlannedDeployment): Promise<WrittenDeployment> {
    const { current, writesTriggers } = planned
    const isWritten =
      current === undefined || planned.changes.some(({ field }) => field !== 'triggers')
    const id = isWritten ? await this.write(planned) : current.id
    const changedTriggers = writesTriggers && (await this.writeTriggers(planned, id))
    return { planned, id, changedTriggers }
  }

  /** A cancelled job stops between two writes. */
  private checkSignal(): void {
    if (!this.signal?.aborted) return
    throw new FlowstoreError('PREFECT_API', 'the deploy was interrupted')
  }

  private async write({
    flow,
    label,
    body,
    current,
    changes,
    renewsRuns
  }: PlannedDeployment): Promise<string> {
    this.checkSignal()
    const { api } = this
    const { server } = this.plan
    const flowId = current?.flowId ?? (await this.flow(flow))
    this.steps.push({
      label,
      undo: async () => {
        const flows = [{ id: flowId, name: flow }]
        const now = (await api.deploymentsOf(flows)).find(({ name }) => name === body.name)
        if (current === undefined) {
          if (now === undefined) return undefined
          await api.deleteDeployment(now.id, label)
          return `deleted again: ${label}`
        }
        if (now !== undefined) {
          const { changes } = compare(bodyOfRecord(now, server), current.body, new SecretPaths())
          if (changes.length === 0) return undefined
        }
        await api.writeDeployment(wireBody(current.body, flowId, server), label)
        if (renewsRuns) this.renewed.add(label)
        return `put back as it was: ${label}`
      }
    })
    const fields = changes.map(({ field }) => field)
    const sent = current === undefined ? body : bodyOfUpdate(body, fields, server)
    const record = await api.writeDeployment(wireBody(sent, flowId, server), label)
    if (renewsRuns) this.renewed.add(label)
    return record.id
  }

  private async flow(name: string): Promise<string> {
    const known = this.flowIds.get(name) ?? this.plan.flows.get(name)?.id
    if (known !== undefined) return known
    const { api } = this
    this.steps.push({
      label: name,
      undo: async () => {
        const made = (await api.flows([name])).get(name)
        // Somebody else may have deployed it in the meantime.
        if (made === undefined || (await api.deploymentsOf([made])).length > 0) return undefined
        await api.deleteFlow(made.id, name)
        return `deleted again: the flow ${name}`
      }
    })
    const { id } = await api.makeFlow(name)
    this.flowIds.set(name, id)
    return id
  }

  /**
   * Replaces the automations that belong to a deployment, as `prefect deploy` does.
   *
   * @returns whether they are others now
   */
  private async writeTriggers(
    { triggers, name, label }: PlannedDeployment,
    id: string
  ): Promise<boolean> {
    this.checkSignal()
    const { api } = this
    const of = async (): Promise<readonly AutomationRecord[]> =>
      ((await api.automations()) ?? []).filter(each => runsDeployment(each, id))
    const before = (this.plan.automations ?? []).filter(each => runsDeployment(each, id))
    // Those of the UI stay: only the server knows which belong to the deployment.
    const replaceOwned = async (): Promise<readonly AutomationRecord[]> => {
      await api.deleteOwnedAutomations(id, label)
      const left = new Set((await of()).map(each => each.id))
      return before.filter(each => !left.has(each.id))
    }
    this.steps.push({
      label,
      undo: async () => {
        const now = new Set((await of()).map(each => each.id))
        const isAsBefore = now.size === before.length && before.every(each => now.has(each.id))
        if (isAsBefore) return undefined
        // With the deployment, the server deletes nothing of these.
        const missing = await replaceOwned()
        for (const each of missing) await api.makeAutomation(automationAsItWas(each), id, label)
        return missing.length > 0 ? `put back as they were: the triggers of ${label}` : undefined
      }
    })
    const removed = before.length > 0 ? await replaceOwned() : []
    for (const [index, trigger] of triggers.entries()) {
      await api.makeAutomation(automationOf(trigger, name, id, index + 1), id, label)
    }
    return removed.length > 0 || triggers.length > 0
  }

  /** Undoes the steps, the last one first, and says what became of each. */
  private async undone(error: unknown, current: string): Promise<FlowstoreError> {
    const [first] = errorsOf(error)
    if (first === undefined) throw error
    const lines: string[] = []
    // What was written is undone also after an interruption.
    this.api.stopOn(undefined)
    for (const { label, undo } of [...this.steps].reverse()) {
      try {
        const line = await undo()
        if (line !== undefined) lines.push(line)
      } catch (failure) {
        const [why] = errorsOf(failure)
        lines.push(`NOT put back: ${label}: ${why?.message ?? ''}`)
      }
    }
    const isWhole = !lines.some(line => line.startsWith('NOT'))
    if (lines.length === 0) lines.push('Nothing was changed on the server.')
    else if (isWhole) lines.push('The server has the deployments that it had before.')
    if (this.renewed.size > 0)
      lines.push(`scheduled runs made anew: ${[...this.renewed].join(', ')}`)
    return new FlowstoreError(
      first.code,
      `${JSON.stringify(current)} can't be deployed: ${first.message}`,
      {
        hint: isWhole
          ? first.hint
          : 'Look at the deployments that could not be put back. When the cause is mended, run this again: it writes what differs.',
        detail: [...(first.detail ? [first.detail] : []), ...lines].join('\n'),
        cause: error
      }
    )
  }
}
