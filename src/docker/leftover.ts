import { text } from 'node:stream/consumers'
import type { Engine } from './engine/engine.js'
import { unlessGone } from './daemon-error.js'

/** Label of every container that flowstore creates: see {@link leaseLabel}. */
export const LEASE_LABEL = 'io.flowstore.lease'

/**
 * How long a container may exist, in seconds. It is counted by the daemon's clock, from its creation, its end or the last
 * sign of life of its run: see {@link nameAlive}.
 */
export interface Lease {
  /** While it does not run: between its creation and its start, and after its end. */
  readonly idle: number
  /** While it runs; undefined is no limit. */
  readonly running: number | undefined
}

/** A lease as a label. */
export const leaseLabel = ({ idle, running }: Lease): string =>
  `idle=${Math.ceil(idle)} running=${running === undefined ? '' : Math.ceil(running)}`

/**
 * The name of a container whose run still lives: a label can't change, but a name can, and code in the container can't
 * change it.
 *
 * @param seconds time since its creation, so that the clocks of run and daemon may differ
 */
export const nameAlive = (name: string, seconds: number): string =>
  `${name}-alive-${Math.floor(seconds)}`

/** Seconds from the creation of a container to the last sign of life of its run. */
const aliveFor = ({ Names: names = [] }: Listed): number =>
  Math.max(...names.map(name => Number(/-alive-(\d+)$/.exec(name)?.[1] ?? 0)), 0)

/** A container as the daemon lists it. */
interface Listed {
  readonly Id: string
  readonly Names?: readonly string[]
  /** Seconds. */
  readonly Created: number
  /** `created`, `running`, `exited` and others. */
  readonly State: string
  readonly Labels?: Readonly<Record<string, string>>
}

const searched = new WeakSet<Engine>()

/** Removes the containers that killed runs left, in the background, and once for each connection to a daemon. */
export function removeLeftoversOnce(engine: Engine): void {
  if (searched.has(engine)) return
  searched.add(engine)
  removeLeftovers(engine).catch(() => undefined)
}

/**
 * Removes the containers that killed runs left: those of flowstore whose lease is over. A failure is left to the next
 * run. It does not keep this process alive.
 */
export async function removeLeftovers(engine: Engine): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ label: [LEASE_LABEL] }))
  const path = `/containers/json?all=1&filters=${filters}`
  const doing = 'listing the containers of earlier runs'
  const listed = await engine.read(
    { method: 'GET', path, doing, background: true },
    async answer => ({
      now: Date.parse(answer.headers.date ?? '') / 1000,
      containers: JSON.parse(await text(answer)) as readonly Listed[]
    })
  )
  for (const container of listed.containers) {
    if (!(await isLeftOver(engine, container, listed.now))) continue
    const doing = 'removing a container of an earlier run'
    const removal = `/containers/${container.Id}?force=true&v=true`
    await engine
      .ask({ method: 'DELETE', path: removal, doing, limit: 'work', background: true })
      .catch(unlessGone)
  }
}

/** @param now seconds of the daemon's clock; NaN if it gave none, then nothing is left over */
async function isLeftOver(engine: Engine, container: Listed, now: number): Promise<boolean> {
  const { Id: id, State: state, Labels: labels } = container
  const known = container.Created + aliveFor(container)
  const [, idle, running] = /^idle=(\d+) running=(\d*)$/.exec(labels?.[LEASE_LABEL] ?? '') ?? []
  switch (state) {
    case 'created':
      return now - known > Number(idle)
    case 'exited':
    case 'dead': {
      if (!(now - known > Number(idle))) return false
      const path = `/containers/${id}/json`
      const doing = 'asking when a container of an earlier run ended'
      const { State: ended } = await engine.ask<{ State: { FinishedAt: string } }>({
        ...{ method: 'GET', path, doing, background: true }
      })
      return now - Date.parse(ended.FinishedAt) / 1000 > Number(idle)
    }
    default:
      return running !== '' && now - known > Number(running)
  }
}
