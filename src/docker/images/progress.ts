import type { Readable } from 'node:stream'
import { DaemonError } from '../daemon-error.js'
import type { LayerEvent } from './layers.js'
import { TRACE_ID, readTrace } from './trace.js'

/** One entry of the daemon's progress streams. */
export interface ProgressEvent {
  /** Lines of a step's output; for BuildKit also the names of its steps. */
  readonly stream?: string
  readonly aux?: { readonly ID?: string; readonly Digest?: string }
  readonly layer?: LayerEvent
  /** What BuildKit moves. */
  readonly bytes?: string
}

/** An entry as the daemon sends it: the `aux` of a BuildKit trace is a text. */
interface RawEvent {
  readonly id?: string
  readonly stream?: string
  readonly status?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number }
  readonly error?: string
  readonly errorDetail?: { readonly message?: string }
  readonly aux?: string | NonNullable<ProgressEvent['aux']>
}

/**
 * Reads a stream of the daemon (build, pull, push) to its end. BuildKit's traces become lines of text.
 *
 * docker-modem's `followProgress` is not enough: it reads a broken stream as complete, and skips a last line
 * without a line break, which may be the error.
 *
 * @param onEvent called for every entry that is not an error
 * @throws DaemonError with the first error in the stream; the system's error if the stream breaks
 */
export async function followProgress(
  stream: Readable,
  onEvent: (event: ProgressEvent) => void
): Promise<void> {
  let failure: string | undefined
  for await (const line of linesOf(stream)) {
    const event = eventOf(line)
    const { id, stream: text, aux, error, errorDetail, status, progressDetail } = event
    const words = errorDetail?.message ?? error
    if (words !== undefined) failure ??= words
    else if (typeof aux === 'object') onEvent({ ...(text !== undefined && { stream: text }), aux })
    else if (aux !== undefined && id === TRACE_ID) {
      const { lines, bytes } = readTrace(aux)
      onEvent({ stream: lines.join('\n'), ...(bytes !== undefined && { bytes }) })
    } else if (text !== undefined) onEvent({ stream: text })
    else if (id !== undefined && status !== undefined) {
      onEvent({ layer: { id, status, ...progressDetail } })
    }
  }
  if (failure !== undefined) throw new DaemonError(failure.trim())
}

/** @throws DaemonError for a line that is not JSON, as of a proxy */
function eventOf(line: string): RawEvent {
  try {
    return JSON.parse(line) as RawEvent
  } catch (cause) {
    throw new DaemonError(`its answer is not JSON: ${line.trim().slice(0, LONGEST_WORDS)}`, {
      cause
    })
  }
}

/** Characters of an answer that is not the daemon's. */
const LONGEST_WORDS = 500

/** The lines of a stream that are not empty. */
async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest = ''
  for await (const text of stream.setEncoding('utf8')) {
    const lines = (rest + String(text)).split(/\r?\n/)
    rest = lines.pop() ?? ''
    yield* lines.filter(line => line !== '')
  }
  if (rest !== '') yield rest
}
