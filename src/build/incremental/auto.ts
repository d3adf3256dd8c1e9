import type { EarlierLoads } from '../../image/load-records.js'
import type { BuildInputs } from '../inputs.js'
import type { LoadIncrementally } from '../load/load-in-session.js'
import { isLoadedAgain } from '../load/settle.js'
import type { PlannedImage } from '../look-up.js'
import type { Services } from '../services.js'
import { loadChanged, wholeLoad } from './changed.js'
import { loadKeys } from './records.js'

/**
 * Reads what the image to compare with has of the loads of its modules; a text says as a clause why it has nothing.
 * Undefined if there is no such image.
 */
export type EarlierImage = () => Promise<EarlierLoads | string | undefined>

/** How a build with `incremental: auto` loads its flows: see {@link loadChanged}. */
export function incrementalLoad(
  inputs: BuildInputs,
  image: PlannedImage,
  earlier: EarlierImage,
  { log }: Services
): LoadIncrementally {
  // It is read while Python starts.
  const found = Promise.resolve(reasonForAll(inputs, image) ?? earlierLoads(inputs, earlier))
  // A failure is reported when a session needs it.
  found.catch(() => undefined)
  return async (session, options, loadAll) => {
    const loads = await found
    if (loads.kind === 'none') {
      log.info(`All modules are loaded together, as with incremental: off: ${loads.why}`)
      return wholeLoad(await loadAll(false), inputs.modules.length)
    }
    return loadChanged({
      python: session.session,
      options,
      keys: await loadKeys(inputs, image, session.kind),
      earlier: loads.earlier,
      loadAll: () => loadAll(true),
      isLoadedAgain: ({ flows }) => isLoadedAgain(inputs, flows),
      log
    })
  }
}

/** Why a build can neither take flows nor record their loads. */
interface NoLoads {
  readonly kind: 'none'
  /** As a clause. */
  readonly why: string
}

function reasonForAll(
  { options, modules }: BuildInputs,
  { environment }: PlannedImage
): NoLoads | undefined {
  const none = (why: string): NoLoads => ({ kind: 'none', why })
  if (environment.location.kind === 'daemon') {
    return none('only in a registry an environment image stays the same')
  }
  if (options.storedAsScript) return none('the image has a module and no flows')
  return modules.length < 2 ? none('there is only one module') : undefined
}

async function earlierLoads(
  { options }: BuildInputs,
  earlier: EarlierImage
): Promise<NoLoads | { readonly kind: 'some'; readonly earlier: EarlierLoads | string }> {
  const found = options.force ? "the option 'force' is set" : await earlier()
  return found === undefined
    ? {
        kind: 'none',
        why: 'there is no image to take flows from: set the option tags or compare-with'
      }
    : { kind: 'some', earlier: found }
}
