import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { FlowstoreError, throwAll } from '../errors.js'
import type { Options } from '../options/options.js'
import { packageIndexes, withIndexes } from '../packages/indexes.js'
import { dockerFolder } from '../registry/auth/docker-folder.js'
import { readError } from '../util/files.js'
import { humanSize } from '../util/text.js'
import { secretLines, secretSearch } from '../util/secret-search.js'
import { knownSecrets } from './known-secrets.js'
import type { Services, Surroundings } from './services.js'

/** The secrets that the options declare: id to value; the content of a file as it is. */
type Secrets = Services['secrets']

/** The largest secret that BuildKit takes, in bytes. */
const LARGEST = 500 * 1024

/**
 * The values of the options `secrets` and `secret-files`; those of `secrets` without a value are taken from the
 * environment of the run.
 *
 * @throws FlowstoreError (or FlowstoreErrors) INVALID_OPTION for each that is absent there, and for an id that both have;
 * FILE_NOT_FOUND, FILE_UNREADABLE
 */
async function readSecrets(
  { secrets, secretFiles }: Pick<Options, 'secrets' | 'secretFiles'>,
  { cwd, env }: Pick<Surroundings, 'cwd' | 'env'>
): Promise<Secrets> {
  const values = Object.entries(secrets).map(
    ([id, value]) => [id, value ?? env[id] ?? absent(id)] as const
  )
  const contents = await Promise.all(
    Object.entries(secretFiles).map(
      async ([id, path]) =>
        [id, id in secrets ? twice(id) : await readSecretFile(id, path, cwd)] as const
    )
  )
  const read = [...values, ...contents]
  throwAll(read.flatMap(([, value]) => (value instanceof FlowstoreError ? [value] : [])))
  return new Map(
    read.flatMap(([id, value]) => (value instanceof FlowstoreError ? [] : [[id, value]]))
  )
}

const absent = (id: string): FlowstoreError =>
  new FlowstoreError(
    'INVALID_OPTION',
    `the option 'secrets' lists ${id}, which is not set in the environment`,
    { hint: 'Set it, in a workflow in the `env` of the step, or write ID=VALUE.' }
  )

const twice = (id: string): FlowstoreError =>
  new FlowstoreError('INVALID_OPTION', `the options 'secrets' and 'secret-files' both set ${id}`, {
    hint: 'Leave out one of the two lines.'
  })

/** The content of a secret's file, or why there is none. */
async function readSecretFile(
  id: string,
  path: string,
  cwd: string
): Promise<Buffer | FlowstoreError> {
  const what = `the file of the line ${id}=${path} of the option 'secret-files'`
  let content: Buffer
  try {
    content = await readFile(resolve(cwd, path))
  } catch (error) {
    return readError(error, what, 'Write a line as ID=PATH, with the path of a file that exists.')
  }
  if (content.length > LARGEST) {
    return new FlowstoreError(
      'INVALID_OPTION',
      `${what} has ${humanSize(content.length)}; a secret has at most ${humanSize(LARGEST)}`,
      { hint: 'Name a file that has the secret alone.' }
    )
  }
  if (content.toString('latin1').trim() !== '') return content
  return new FlowstoreError('INVALID_OPTION', `${what} is empty`, {
    hint: 'Check the step that writes the file: a secret that is not set is an empty text.'
  })
}

/**
 * Files of this machine that have secrets, absolute: those of the options, netrc, and docker's logins. Home folders are
 * hidden from modules anyway.
 */
const secretPaths = (
  { secretFiles }: Pick<Options, 'secretFiles'>,
  { cwd, env }: Pick<Surroundings, 'cwd' | 'env'>
): readonly string[] => [
  ...Object.values(secretFiles).map(path => resolve(cwd, path)),
  ...(env['NETRC'] ? [resolve(env['NETRC'])] : []),
  join(resolve(dockerFolder(env)), 'config.json')
]

/** The services with the secrets and the package indexes of the options. The log shows no secret from then on. */
export async function withSecrets(options: Options, services: Services): Promise<Services> {
  const { env, log } = services
  const secrets = await readSecrets(options, services)
  const indexes = await packageIndexes(options, env, textsOf(secrets))
  const known = await knownSecrets({ env, secrets, indexes })
  log.conceal(secretLines(known.values()))
  return {
    ...services,
    ...{ secrets, indexes, secretPaths: secretPaths(options, services) },
    findSecret: secretSearch(known),
    env: withIndexes(env, indexes)
  }
}

/** Secrets as texts. The line break at the end of a file is no part of one. */
const textsOf = (secrets: Secrets): ReadonlyMap<string, string> =>
  new Map([...secrets].map(([id, value]) => [id, value.toString().replace(/\r?\n$/, '')]))
