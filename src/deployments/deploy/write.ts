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
import { planOne, type DeployPlan, type PlannedDeployment } from './plan.js'
import { SecretPaths } from './secret-paths.js'
import { unlessLate } from '../../util/interruption.js'
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
  /** As it is on the server. */
  readonly record: DeploymentRecord
  /** Whether this deploy made it. */
  readonly isNew: boolean
  readonly isWritten: boolean
  /** Whether the server made its scheduled runs anew. */
  readonly renewsRuns: boolean
  /** Whether automations changed. */
  readonly changedTriggers: boolean
}

/** How a line about a deployment begins that is not put back. */
const LEFT = 'left as it is'
const OTHER = 'which somebody else has written in the meantime'

const isLike = (record: DeploymentRecord, body: DeploymentBody, server: ServerFacts): boolean =>
  compare(bodyOfRecord(record, server), body, new SecretPaths()).changes.length === 0

/** Whether the deployment itself is written, and not only its automations. */
const isToWrite = ({ current, changes }: PlannedDeployment): boolean =>
  current === undefined || changes.some(({ field }) => field !== 'triggers')

/** Whether the server makes scheduled runs when it is written, or has made some. */
const hasSchedules = ({ current, body }: PlannedDeployment): boolean =>
  [current?.body, body].some(each => (each?.schedules ?? []).length > 0)

/** So many deployments are compared again at once, before they are written. The first ones were compared just before. */
const TOGETHER = 10

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
  private readonly flowIds: Map<string, string>

  constructor(
    private readonly plan: DeployPlan,
    private readonly api: PrefectApi,
    private readonly log: Log,
    private readonly signal: AbortSignal | undefined
  ) {
    this.flowIds = new Map([...plan.flows].map(([name, { id }]) => [name, id]))
  }

  /** @throws FlowstoreError PREFECT_API, INTERRUPTED; it says what was put back */
  async run(): Promise<readonly WrittenDeployment[]> {
    const { deployments } = this.plan
    const written: WrittenDeployment[] = []
    let failure = ''
    try {
      for (let from = 0; from < deployments.length; from += TOGETHER) {
        const next = deployments.slice(from, from + TOGETHER)
        failure = "the deployments can't be compared again"
        const now = from === 0 ? next : await this.comparedAgain(next)
        for (const [index, planned] of now.entries()) {
          const { label } = planned
          failure = `${JSON.stringify(label)} can't be deployed`
          this.log.progress(`deploying ${label}: ${from + index + 1} of ${deployments.length}`)
          written.push(await this.one(planned, planned !== next[index]))
        }
      }
      failure = "the deployments can't be checked after they were written"
      return this.steps.length > 0 ? await this.checked(written) : written
    } catch (error) {
      throw await this.undone(error, failure)
    }
  }

  /** @param isContested whether somebody else has written it since the plan was made */
  private async one(planned: PlannedDeployment, isContested = false): Promise<WrittenDeployment> {
    const { current, writesTriggers } = planned
    // Then it is written also if nothing differs, so that no undo of theirs takes it away.
    const isWritten = current === undefined || isContested || isToWrite(planned)
    const { record, isNew } = isWritten
      ? await this.write(planned)
      : { record: current.record, isNew: false }
    const changedTriggers = writesTriggers && (await this.writeTriggers(planned, record.id))
    const renewsRuns = isWritten && !isNew && hasSchedules(planned)
    return { planned, record, isNew, isWritten, renewsRuns, changedTriggers }
  }

  /**
   * Compares again those of some deployments that somebody else has written since the plan was made: what they wrote stays
   * where the file says nothing, and is what a failure puts back.
   */
  private async comparedAgain(
    planned: readonly PlannedDeployment[]
  ): Promise<readonly PlannedDeployment[]> {
    this.checkSignal()
    const { plan, api } = this
    const read = planned.filter(isToWrite)
    const flows = [...new Set(read.map(({ flow }) => flow))].flatMap(name => {
      const id = this.flowIds.get(name)
      return id === undefined ? [] : [{ id, name }]
    })
    const records = await api.deploymentsOf(flows, [...new Set(read.map(({ name }) => name))])
    return planned.map(each => {
      const { flow, name, label, wanted, current } = each
      if (!isToWrite(each)) return each
      const id = this.flowIds.get(flow)
      const now = records.find(record => record.flow_id === id && record.name === name)
      if (now === undefined && current === undefined) return each
      if (now === undefined) this.tellDeleted(each)
      else if (current === undefined) this.tellOther('made', label)
      else if (isUntouched(now, current.record, plan.server)) return each
      else this.tellOther('changed', label)
      return planOne(wanted, now, plan)
    })
  }

  /**
   * Looks whether all deployments are as the file has them, once all are written: the first was written some time ago. One
   * that is gone is made again, since another deploy may have made it and undone that after this one found it unchanged.
   */
  private async checked(
    written: readonly WrittenDeployment[]
  ): Promise<readonly WrittenDeployment[]> {
    const { api, plan } = this
    const flows = new Map(written.map(({ planned, record }) => [record.flow_id, planned.flow]))
    const records = await api.deploymentsOf([...flows].map(([id, name]) => ({ id, name })))
    const all: WrittenDeployment[] = []
    for (const each of written) {
      const { planned, record } = each
      const { label, wanted } = planned
      const now = records.find(({ flow_id, name }) => {
        return flow_id === record.flow_id && name === record.name
      })
      if (now === undefined) {
        this.tellDeleted(planned)
        all.push(await this.one(planOne(wanted, undefined, plan)))
        continue
      }
      if (!isUntouched(now, record, plan.server) && isToWrite(planOne(wanted, now, plan))) {
        this.log.notice({
          level: 'warning',
          message: `somebody else has changed ${JSON.stringify(label)} in the meantime, such as another deploy; it is not as this one has it`
        })
      }
      all.push(each)
    }
    return all
  }

  /** A cancelled job stops between two writes. */
  private checkSignal(): void {
    if (!this.signal?.aborted) return
    throw new FlowstoreError('INTERRUPTED', 'the deploy was interrupted')
  }

  private async write(planned: PlannedDeployment): Promise<Written<DeploymentRecord>> {
    this.checkSignal()
    const { flow, label, body, current, changes } = planned
    const { api } = this
    const { server } = this.plan
    const flowId = current?.record.flow_id ?? (await this.flow(flow))
    const since = api.serverTime
    const answer: { written?: Written<DeploymentRecord> } = {}
    this.steps.push({
      label,
      undo: async () => {
        const [now] = await api.deploymentsOf([{ id: flowId, name: flow }], [body.name])
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
        if (hasSchedules(planned)) this.renewed.add(label)
        return `put back as it was: ${label}`
      }
    })
    const fields = changes.map(({ field }) => field)
    const sent = current === undefined ? body : bodyOfUpdate(body, fields, server)
    answer.written = await api.writeDeployment(wireBody(sent, flowId, server), label)
    const { isNew } = answer.written
    if (!isNew && hasSchedules(planned)) this.renewed.add(label)
    // Another deploy was faster.
    if (isNew !== (current === undefined)) this.tellOther(isNew ? 'deleted' : 'made', label)
    return answer.written
  }

  private tellDeleted({ label, flow }: PlannedDeployment): void {
    this.tellOther('deleted', label)
    // Its flow may be deleted too, as in an undo.
    this.flowIds.delete(flow)
  }

  private tellOther(done: 'made' | 'changed' | 'deleted', label: string): void {
    const message = `somebody else has ${done} ${JSON.stringify(label)} in the meantime, such as another deploy; it is now as this one has it`
    this.log.notice({ level: 'warning', message })
  }

  private async flow(name: string): Promise<string> {
    const known = this.flowIds.get(name)
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
    // Another deploy may have made some since the plan was made.
    const before = await of()
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
  private async undone(error: unknown, failure: string): Promise<FlowstoreError> {
    const [first] = errorsOf(error)
    if (first === undefined) throw error
    const lines: string[] = []
    // What was written is undone also after an interruption.
    this.api.stopOn(undefined)
    for (const { label, undo } of [...this.steps].reverse()) {
      const not = (why: string) => `NOT put back: ${label}: ${why}`
      const undoing = undo().catch((failure: unknown) => not(errorsOf(failure)[0]?.message ?? ''))
      // A signal leaves little time, and what stays has to be said in it.
      const line = await unlessLate(undoing, () => not('the server gives no answer'))
      if (line !== undefined) lines.push(line)
    }
    const isWhole = !lines.some(line => line.startsWith('NOT'))
    const isLeft = lines.some(line => line.startsWith(LEFT))
    if (lines.length === 0) lines.push('Nothing was changed on the server.')
    else if (isWhole && isLeft) lines.push('Everything else is as it was before.')
    else if (isWhole) lines.push('The server has the deployments that it had before.')
    if (this.renewed.size > 0)
      lines.push(`scheduled runs made anew: ${[...this.renewed].join(', ')}`)
    return new FlowstoreError(first.code, `${failure}: ${first.message}`, {
      hint: isWhole
        ? first.hint
        : 'Look at the deployments that could not be put back. When the cause is mended, run this again: it writes what differs.',
      detail: [...(first.detail ? [first.detail] : []), ...lines].join('\n'),
      cause: error
    })
  }
}
