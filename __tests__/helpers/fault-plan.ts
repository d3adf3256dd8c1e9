import { FAULTS, type Fault } from './registry-proxy.js'
import { seeded } from './seeded.js'

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
