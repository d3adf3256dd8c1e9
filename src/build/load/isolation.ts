import type { Notice } from '../../log.js'
import type { Options } from '../../options/options.js'
import { openParts, type Isolation } from '../../python/cell.js'

/** Whether the user has asked for a load on the runner by name: its modules keep the network. */
const namesRunner = ({ loadIn, nonDefault }: Pick<Options, 'loadIn' | 'nonDefault'>): boolean =>
  loadIn === 'runner' && nonDefault.includes('load-in')

/** How the modules of a build are cut off from the runner, if the machine allows it. */
export const cellOf = (options: Pick<Options, 'loadIn' | 'nonDefault'>): 'closed' | 'network' =>
  namesRunner(options) ? 'network' : 'closed'

/** What a load on the runner left open, in words; undefined if nothing. */
export function openText(isolation: Isolation): string | undefined {
  const open = openParts(isolation)
  if (open.length === 0) return undefined
  const last = open.pop() ?? ''
  return `flow modules reach the ${open.length === 0 ? last : `${open.join(', ')} and ${last}`} of this machine`
}

/** The notice about a load that has the network because `load-in` says so. */
export const networkNotice = (
  options: Pick<Options, 'loadIn' | 'nonDefault'>,
  isolation: Isolation
): Notice | undefined =>
  namesRunner(options) && isolation.processes && !isolation.network
    ? {
        level: 'notice',
        message:
          'with `load-in: runner`, flow modules have the network of this machine: leave it out, or set `load-in: auto`, to load them without one'
      }
    : undefined
