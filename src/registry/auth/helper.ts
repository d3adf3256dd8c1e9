import { FlowstoreError } from '../../errors.js'
import { runProcess, type ProcessResult } from '../../util/process.js'
import * as z from '../../util/schema.js'

const answerSchema = z.object({ Username: z.string(), Secret: z.string() })

/** Milliseconds for an answer: a person may have to type a passphrase. */
const LIMIT = 60_000

/** Exit codes from here on mean a signal. */
const SIGNALLED = 128

/** The output of a helper (docker-credential-helpers, "get"). */
export type HelperAnswer = z.infer<typeof answerSchema>

/**
 * Asks one of docker's credential helpers for a login.
 *
 * @param helper the end of the helper's name: `pass` for `docker-credential-pass`
 * @param server the registry's name in docker's configuration
 * @param env the helper's variables
 * @param limit milliseconds after which it is killed; default a minute
 * @returns undefined if it has no login
 * @throws FlowstoreError REGISTRY if it can't be started, does not end, is killed, or prints something else
 */
export async function askHelper(
  helper: string,
  server: string,
  env: Readonly<Record<string, string>>,
  limit = LIMIT
): Promise<HelperAnswer | undefined> {
  const program = `docker-credential-${helper}`
  const unusable = (reason: string, cause?: unknown) =>
    new FlowstoreError('REGISTRY', `${program} can't be asked for a login: ${reason}`, {
      hint: `Docker's configuration names it for ${server}: install or repair it, or remove credsStore or credHelpers there.`,
      cause
    })
  let result: ProcessResult
  try {
    // It may have to ask the user for the passphrase of its key.
    const options = { env, input: server, usesTerminal: true, timeout: limit }
    result = await runProcess(program, ['get'], options)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ETIMEDOUT') {
      throw unusable(`it gave no answer in ${limit / 1000} seconds`, error)
    }
    throw unusable((error as Error).message, error)
  }
  if (result.exitCode >= SIGNALLED) throw unusable(`it ended with ${result.exitCode}`)
  // Any other code means that it has no login.
  if (result.exitCode !== 0) return undefined
  const answer = parseAnswer(result.stdout)
  // The error must not show the output, which may hold a password.
  if (answer === undefined) throw unusable('its output is not a login')
  return answer
}

/** Undefined for a text that is not a login. */
function parseAnswer(text: string): HelperAnswer | undefined {
  try {
    return answerSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
