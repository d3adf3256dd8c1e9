import { FlowstoreError, errorsOf } from '../../errors.js'
import type { Log } from '../../log.js'
import type { PrefectApi } from '../../prefect-api/api.js'
import {
  isMadeSince,
  type AutomationRecord,
  type DeploymentRecord,
  type FlowRecord,
  type Written
} from '../../prefect-api/records.js'
import type { ServerFacts } from '../../prefect-api/server.js'
import { bodyOfRecord, bodyOfUpdate, wireBody, type DeploymentBody } from './body.js'
import { compare } from './compare.js'
import type { DeployPlan, PlannedDeployment } from './plan.js'
import { SecretPaths } from './secret-paths.js'
import { automationAsItWas, automationOf, isSameAutomation, runsDeployment } from './triggers.js'

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
  /** Whether this deploy made it. */
  readonly isNew: boolean
  /** Whether automations changed. */
  readonly changedTriggers: boolean
}

/** How a line about a deployment begins that is not put back. */
const LEFT = 'left as it is'
const OTHER = 'which somebody else has written in the meantime'

const isLike = (record: DeploymentRecord, body: DeploymentBody, server: ServerFacts): boolean =>
  compare(bodyOfRecord(record, server), body, new SecretPaths()).changes.length === 0

/** Most milliseconds between the two times of a poll. */
const POLL = 1_000

/** Whether nobody has written a deployment since it was `written`. */
function isUntouched(
  now: DeploymentRecord,
  written: DeploymentRecord,
  server: ServerFacts
): boolean {
  if (now.id !== written.id || !isLike(now, bodyOfRecord(written, server), server)) return false
  if (now.updated === written.updated) return true
  // In servers before 3.9, the poll of a worker is an update too.
  const [updated, polled] = [now.updated, now.last_polled].map(time => Date.parse(time ?? ''))
  return now.last_polled !== written.last_polled && Math.abs((updated ?? 0) - (polled ?? 0)) < POLL
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
    const { id, isNew } = isWritten ? await this.write(planned) : { id: current.id, isNew: false }
    const changedTriggers = writesTriggers && (await this.writeTriggers(planned, id))
    return { planned, id, isNew, changedTriggers }
  }

  /** A cancelled job stops between two writes. */
  private checkSignal(): void {
    if (!this.signal?.aborted) return
    throw new FlowstoreError('PREFECT_API', 'the deploy was interrupted')
  }

  private async write(
    planned: PlannedDeployment
  ): Promise<Pick<WrittenDeployment, 'id' | 'isNew'>> {
    this.checkSignal()
    const { flow, label, body, current, changes, renewsRuns } = planned
    const { api } = this
    const { server } = this.plan
    const flowId = current?.flowId ?? (await this.flow(flow))
    const since = api.serverTime
    const answer: { written?: Written<DeploymentRecord> } = {}
    this.steps.push({
      label,
      undo: async () => {
        const flows = [{ id: flowId, name: flow }]
        const now = (await api.deploymentsOf(flows)).find(({ name }) => name === body.name)
        // Before it was written, or after another deploy deleted it.
        if (now === undefined) return undefined
        const isAsItWas = current !== undefined && isLike(now, current.body, server)
        if (isAsItWas) return undefined
        const { written } = answer
        const isOwn =
          written === undefined
            ? isLike(now, body, server)
            : isUntouched(now, written.record, server)
        const isNew = written?.isNew ?? (current === undefined && isMadeSince(now, since))
        if (!isOwn || (current === undefined && !isNew)) {
          return `${LEFT}: ${label}, ${OTHER}`
        }
        if (current === undefined || isNew) {
          await api.deleteDeployment(now.id, label)
          return `deleted again: ${label}`
        }
        await api.writeDeployment(wireBody(current.body, flowId, server), label)
        if (renewsRuns) this.renewed.add(label)
        return `put back as it was: ${label}`
      }
    })
    const fields = changes.map(({ field }) => field)
    const sent = current === undefined ? body : bodyOfUpdate(body, fields, server)
    answer.written = await api.writeDeployment(wireBody(sent, flowId, server), label)
    const { record, isNew } = answer.written
    if (renewsRuns) this.renewed.add(label)
    this.tellOther(planned, isNew)
    return { id: record.id, isNew }
  }

  /** Another deploy was faster: the server had a deployment that it did not have before, or the other way round. */
  private tellOther({ label, current }: PlannedDeployment, isNew: boolean): void {
    if (isNew === (current === undefined)) return
    const done = isNew ? 'deleted' : 'made'
    const message = `somebody else has ${done} ${JSON.stringify(label)} in the meantime, such as another deploy; it is now as this one has it`
    this.log.notice({ level: 'warning', message })
  }

  private async flow(name: string): Promise<string> {
    const known = this.flowIds.get(name) ?? this.plan.flows.get(name)?.id
    if (known !== undefined) return known
    const { api } = this
    const since = api.serverTime
    const answer: { made?: Written<FlowRecord> } = {}
    this.steps.push({
      label: name,
      undo: async () => {
        const now = (await api.flows([name])).get(name)
        if (now === undefined || !(answer.made?.isNew ?? isMadeSince(now, since))) return undefined
        // Somebody else may have deployed it in the meantime.
        if ((await api.deploymentsOf([now])).length > 0) return undefined
        await api.deleteFlow(now.id, name)
        return `deleted again: the flow ${name}`
      }
    })
    answer.made = await api.makeFlow(name)
    const { id } = answer.made.record
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
    const had = new Set(before.map(each => each.id))
    const made = new Set<string>()
    const automations = triggers.map((trigger, index) => automationOf(trigger, name, id, index + 1))
    this.steps.push({
      label,
      undo: async () => {
        const now = await of()
        const added = now.filter(each => !had.has(each.id))
        if (added.length === 0 && now.length === before.length) return undefined
        const isOwn = (each: AutomationRecord) =>
          made.has(each.id) || automations.some(automation => isSameAutomation(each, automation))
        if (!added.every(isOwn)) {
          return `${LEFT}: the triggers of ${label}, ${OTHER}`
        }
        // With the deployment, the server deletes nothing of these.
        const missing = await replaceOwned()
        for (const each of missing) await api.makeAutomation(automationAsItWas(each), id, label)
        return missing.length > 0 ? `put back as they were: the triggers of ${label}` : undefined
      }
    })
    const removed = before.length > 0 ? await replaceOwned() : []
    for (const automation of automations) {
      made.add(await api.makeAutomation(automation, id, label))
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
    const isLeft = lines.some(line => line.startsWith(LEFT))
    if (lines.length === 0) lines.push('Nothing was changed on the server.')
    else if (isWhole && isLeft) lines.push('Everything else is as it was before.')
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
