import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { FlowstoreError } from '../../errors.js'
import { addressOf } from '../indexes.js'
import { unreadable } from '../unreadable.js'
import { parseToml, tableOf } from './format.js'

type Variables = Readonly<Record<string, string | undefined>>

/** An index that a project gives a name. */
interface NamedIndex {
  readonly name: string
  readonly url: string
}

const NAMED_LOGIN = /^(?:UV_INDEX|POETRY_HTTP_BASIC)_.+_(?:USERNAME|PASSWORD)$/

/**
 * Refuses the login of an index in variables of uv or poetry that have the index's name: pip and an image know neither.
 *
 * @param files the lock file and the files that decide about it, relative to the working directory
 * @param lines the lines of the lock file, without the indexes that the options name
 * @throws FlowstoreError INVALID_OPTION with the options to set; FILE_UNREADABLE
 */
export async function refuseNamedLogins(
  cwd: string,
  files: readonly string[],
  lines: readonly string[],
  env: Variables
): Promise<void> {
  const variables = Object.keys(env).filter(name => NAMED_LOGIN.test(name) && env[name])
  if (variables.length === 0) return
  const [lock = ''] = files
  for (const { name, url } of await namedIndexes(cwd, files)) {
    const word = name.toUpperCase().replace(/[^A-Z0-9]/g, '_')
    const found = ['UV_INDEX', 'POETRY_HTTP_BASIC']
      .map(tool => variables.filter(each => isLoginOf(each, `${tool}_${word}`)))
      .find(names => names.length > 0)
    const line = lines.find(each => addressOf(each) === addressOf(url))
    if (found === undefined || line === undefined) continue
    throw notRead(lock, line, found)
  }
}

const isLoginOf = (variable: string, index: string): boolean =>
  variable === `${index}_USERNAME` || variable === `${index}_PASSWORD`

function notRead(file: string, line: string, variables: readonly string[]): FlowstoreError {
  // USERNAME before PASSWORD.
  const names = [...variables].sort().reverse()
  const url = addressOf(line) ?? ''
  const login = names.map(name => `\${${name}}`).join(':')
  const option = line.startsWith('--index-url') ? 'index-url' : 'extra-index-urls'
  return new FlowstoreError(
    'INVALID_OPTION',
    `${file} takes packages from ${url}, whose login is in ${names.join(' and ')}: pip does not read it, and no image has it`,
    {
      file,
      hint: `Set ${option} to ${url.replace('://', `://${login}@`)}, with ${names.join(' and ')} as lines of the option secrets.`
    }
  )
}

/** The indexes that the files of uv and poetry name. */
async function namedIndexes(cwd: string, files: readonly string[]): Promise<NamedIndex[]> {
  const found = await Promise.all(
    files
      .filter(file => ['pyproject.toml', 'uv.toml'].includes(basename(file)))
      .map(async file => {
        const text = await readFile(join(cwd, file), 'utf8').catch((error: unknown) => {
          throw unreadable(file, error)
        })
        const document = parseToml(text, file)
        const tool = tableOf(document['tool'])
        return [
          document['index'],
          tableOf(tool['uv'])['index'],
          tableOf(tool['poetry'])['source']
        ].flatMap(list => (Array.isArray(list) ? list : []).map(tableOf))
      })
  )
  return found
    .flat()
    .flatMap(({ name, url }) =>
      typeof name === 'string' && typeof url === 'string' ? [{ name, url }] : []
    )
}
