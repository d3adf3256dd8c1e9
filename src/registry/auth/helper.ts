import { execFile } from 'node:child_process'
import { FlowstoreError } from '../../errors.js'
import * as z from '../../util/schema.js'

const answerSchema = z.object({ Username: z.string(), Secret: z.string() })

/** What a helper prints (docker-credential-helpers, "get"). */
export type HelperAnswer = z.infer<typeof answerSchema>

/**
 * Asks one of docker's credential helpers for a login.
 *
 * @param helper the end of its name: `pass` for `docker-credential-pass`
 * @param server the registry, by the name that docker's configuration has for it
 * @param env the helper's variables
 * @returns undefined where it has none
 * @throws FlowstoreError REGISTRY where it can't be started, or prints something else
 */
export async function askHelper(
  helper: string,
  server: string,
  env: Readonly<Record<string, string>>
): Promise<HelperAnswer | undefined> {
  const program = `docker-credential-${helper}`
  const unusable = (why: string, cause?: unknown) =>
    new FlowstoreError('REGISTRY', `${program} can't be asked for a login: ${why}`, {
      hint: `Docker's configuration names it for ${server}: install it, or take credsStore or credHelpers out.`,
      cause
    })
  let printed: string | undefined
  try {
    printed = await printedBy(program, server, env)
  } catch (error) {
    throw unusable((error as Error).message, error)
  }
  if (printed === undefined) return undefined
  const answer = parseAnswer(printed)
  // Not what it printed, which may hold a password.
  if (answer === undefined) throw unusable('what it printed is no login')
  return answer
}

/**
 * Runs a helper to its end.
 *
 * @returns its standard output; undefined where it ended with another exit code than 0, by which it says
 * that it has no login
 * @throws what the system threw where it can't be started
 */
const printedBy = (
  program: string,
  input: string,
  env: Readonly<Record<string, string>>
): Promise<string | undefined> =>
  new Promise((resolve, reject) => {
    const child = execFile(program, ['get'], { env }, (error, stdout) => {
      if (error === null) resolve(stdout)
      else if (typeof error.code === 'number') resolve(undefined)
      else reject(new Error(error.message, { cause: error }))
    })
    // A helper may end without reading its input: what it printed counts all the same.
    child.stdin?.on('error', () => undefined).end(input)
  })

/** Undefined for a text that is no login. */
function parseAnswer(text: string): HelperAnswer | undefined {
  try {
    return answerSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
