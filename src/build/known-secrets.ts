import { hidingIn } from '../errors.js'
import { concealing, type Log } from '../log.js'
import { storedPasswords } from '../registry/auth/credentials.js'
import { hidingEncoded } from '../util/hiding.js'
import { secretLines } from '../util/secret-search.js'
import type { Services } from './services.js'

/** The name of a variable whose value is a secret. */
const SECRET_NAME = /(?:TOKEN|SECRET|PASSWORD|SECRET_ACCESS_KEY|PREFECT_API_KEY)$/

/**
 * The secrets that a run knows of, which nothing may publish or show: those of its options, the logins of package
 * indexes, docker's logins, and the tokens of its environment.
 *
 * @returns what each is called in a message, to its value
 */
export async function knownSecrets({
  env,
  secrets,
  indexes
}: Pick<Services, 'env' | 'secrets' | 'indexes'>): Promise<ReadonlyMap<string, string | Buffer>> {
  const variables = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && SECRET_NAME.test(name)
      ? [[`the variable ${name}`, value.trim()] as const]
      : []
  )
  const passwords = indexes.passwords.map(
    (value, index) => [`the login of package index ${index + 1}`, value] as const
  )
  const logins = [...(await storedPasswords(env))].map(
    ([registry, value]) => [`docker's login at ${registry}`, value] as const
  )
  const declared = [...secrets].map(([id, value]) => [`the secret ${id}`, trimmed(value)] as const)
  return new Map<string, string | Buffer>([...declared, ...variables, ...logins, ...passwords])
}

/** A value without spaces and line breaks around it; the bytes of a file that is no text stay as they are. */
const trimmed = (value: string | Buffer): string | Buffer => {
  const text = value.toString()
  return Buffer.from(text).equals(Buffer.from(value)) ? text.trim() : value
}

/** Runs an operation of the library. Neither the log that it gets nor its errors show a secret. */
export async function hidingSecrets<T>(
  secrets: ReadonlyMap<string, string | Buffer>,
  log: Log,
  work: (log: Log) => Promise<T>
): Promise<T> {
  const hide = hidingEncoded(secretLines(secrets.values()))
  try {
    return await work(concealing(log, hide))
  } catch (error) {
    throw hidingIn(error, hide)
  }
}
