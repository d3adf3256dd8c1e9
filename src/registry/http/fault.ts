interface Thrown {
  readonly name?: unknown
  readonly code?: unknown
  readonly message?: unknown
  readonly cause?: unknown
}

/** What was thrown, and the causes below it. */
function chainOf(error: unknown): readonly Thrown[] {
  if (typeof error !== 'object' || error === null) return []
  return [error, ...chainOf((error as Thrown).cause)]
}

/** Why there is no answer: the system's code where there is one, else its words. */
export function causeOf(error: unknown): string {
  const chain = chainOf(error)
  const code = chain.map(cause => cause.code).find(found => typeof found === 'string')
  const { message } = chain.at(-1) ?? {}
  return code ?? (typeof message === 'string' ? message : String(error))
}

// Codes of a connection that was there and broke. One that can't be made is not tried again: a daemon
// behind a proxy of its own may make it at once.
const BROKEN = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'EAI_AGAIN'])

/** Whether a connection broke, or its answer took too long. */
export const isBroken = (error: unknown): boolean =>
  chainOf(error).some(
    ({ name, code }) => name === 'TimeoutError' || (typeof code === 'string' && BROKEN.has(code))
  )
