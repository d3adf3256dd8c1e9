interface Thrown {
  readonly name?: unknown
  readonly code?: unknown
  readonly message?: unknown
  readonly cause?: unknown
}

/** A thrown value and its causes. */
function chainOf(error: unknown): readonly Thrown[] {
  if (typeof error !== 'object' || error === null) return []
  return [error, ...chainOf((error as Thrown).cause)]
}

/** Why there is no answer: the first code of an error or its causes, else the message of the last cause. */
export function causeOf(error: unknown): string {
  const chain = chainOf(error)
  const code = chain.map(cause => cause.code).find(found => typeof found === 'string')
  const { message } = chain.at(-1) ?? {}
  return code ?? (typeof message === 'string' ? message : String(error))
}

// Codes of a broken connection. A connection that can't be opened is not retried: a daemon with its own proxy
// may open it at once.
const BROKEN = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'EAI_AGAIN'])

/** Whether a connection broke, or its answer took too long. */
export const isBroken = (error: unknown): boolean =>
  chainOf(error).some(
    ({ name, code }) => name === 'TimeoutError' || (typeof code === 'string' && BROKEN.has(code))
  )
