import { FAULTS, type Fault } from './registry-proxy.js'

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** One faulty run: which kind of run, at which request, and what goes wrong. */
export interface FaultyRun<Kind extends string> {
  readonly kind: Kind
  readonly index: number
  readonly fault: Fault
  /** Whether the same request fails again each time. */
  readonly isLasting: boolean
}

/** Every request of every kind of run, with every fault. */
export const everyFault = <Kind extends string>(
  requests: Readonly<Record<Kind, number>>
): FaultyRun<Kind>[] =>
  (Object.entries(requests) as [Kind, number][]).flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, index) =>
      FAULTS.flatMap(fault => [
        { kind, index, fault, isLasting: false },
        // A lasting hang takes all the time for retries, at whatever request.
        ...(fault === 'hang' && index > 0 ? [] : [{ kind, index, fault, isLasting: true }])
      ])
    ).flat()
  )

/**
 * A choice of them: each fault for each kind of run at one request, and each that lasts for one kind. A hang costs half a
 * minute, so there is one.
 */
export function sampleOf<Kind extends string>(
  all: readonly FaultyRun<Kind>[],
  seed: number
): FaultyRun<Kind>[] {
  const random = seeded(seed)
  const groups = new Map<string, FaultyRun<Kind>[]>()
  for (const run of all) {
    const { kind, fault, isLasting } = run
    if (isLasting && fault === 'hang') continue
    const group = isLasting || fault === 'hang' ? `${fault} ${isLasting}` : `${kind} ${fault}`
    groups.set(group, [...(groups.get(group) ?? []), run])
  }
  return [...groups.values()].flatMap(group => group[Math.floor(random() * group.length)] ?? [])
}

/** The same in another order, so that a part of them is a fair sample. */
export function shuffled<T>(all: readonly T[], seed: number): T[] {
  const random = seeded(seed)
  return all
    .map(value => ({ value, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ value }) => value)
}
