import type Dockerode from 'dockerode'

/** The daemon's own words in an error, without the status that dockerode puts before them. */
export function daemonWords(error: unknown): string {
  const { json, message } = error as { json?: { message?: string } | null; message: string }
  return (json?.message ?? message.replace(/^\(HTTP code \d+\) [\w ]+ - /, '')).trim()
}

/** One entry of the daemon's progress streams. */
export interface ProgressEvent {
  /** Lines of a step's output; for BuildKit also the names of its steps. */
  readonly stream?: string
  readonly status?: string
  readonly error?: string
  readonly errorDetail?: { readonly message?: string }
  readonly aux?: { readonly ID?: string; readonly Tag?: string; readonly Digest?: string }
}

/**
 * Reads a stream of the daemon (build, pull, push) to its end. BuildKit's traces become lines of text.
 *
 * @param onEvent called for every entry
 * @throws Error with the daemon's words when any entry of the stream carries an error
 */
export async function followProgress(
  docker: Dockerode,
  stream: NodeJS.ReadableStream,
  onEvent: (event: ProgressEvent) => void = () => undefined
): Promise<void> {
  // Only what follows a build, a pull or a push has a use for what reads traces.
  const { TRACE_ID, traceLines } = await import('./trace.js')
  let failure: string | undefined
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      error => {
        if (error) reject(error)
        else resolve()
      },
      (event: ProgressEvent & { readonly id?: string }) => {
        const words = event.errorDetail?.message ?? event.error
        if (words !== undefined) failure ??= words
        else if (event.id === TRACE_ID && typeof event.aux === 'string') {
          onEvent({ stream: traceLines(event.aux).join('\n') })
        } else onEvent(event)
      }
    )
  })
  if (failure !== undefined) throw new Error(failure)
}
