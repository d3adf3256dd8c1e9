import { variableProblem } from '../../docker/dockerfile.js'
import { textLines } from './lines.js'

/** Variables by their names, and the problems of the text, which name keys but no values. */
interface ParsedVariables<T> {
  readonly variables: Readonly<Record<string, T>>
  readonly problems: readonly string[]
}

/**
 * Reads lines of variables.
 *
 * @param read the name and the value of a line, or its problem
 */
function parseLines<T>(
  text: string,
  read: (line: string, index: number) => { readonly name: string; readonly value: T } | string
): ParsedVariables<T> {
  const variables = new Map<string, T>()
  const problems: string[] = []
  for (const [index, line] of textLines(text).entries()) {
    const found = read(line, index)
    if (typeof found === 'string') problems.push(found)
    else if (variables.has(found.name)) problems.push(`sets ${found.name} twice`)
    else variables.set(found.name, found.value)
  }
  return { variables: Object.fromEntries(variables), problems }
}

/** Reads the option `env-vars`: lines KEY=VALUE; the value is everything after the first `=`. */
export const parseVariables = (text: string): ParsedVariables<string> =>
  parseLines(text, line => {
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(line) ?? []
    return variableProblem(name, value) === undefined
      ? { name, value }
      : `has a line that is not KEY=VALUE: '${line.split('=')[0] ?? ''}'`
  })

/** Variables that Python, or the system's loader of programs, reads before any module is loaded. */
const READ_AT_START = /^(PYTHON|LD_|DYLD_)/

/**
 * Reads the option `load-env-vars`: lines KEY=VALUE, or KEY alone, whose value is null here. A problem does not
 * show a line without `=`: it may be a further line of a secret.
 */
export const parseLoadVariables = (text: string): ParsedVariables<string | null> =>
  parseLines(text, (line, index) => {
    const [, name = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(line) ?? []
    if (variableProblem(name, value ?? '') !== undefined) {
      const where = value === undefined ? `line ${index + 1}` : `'${name}'`
      return `has a line that is neither KEY=VALUE nor KEY: ${where}`
    }
    if (READ_AT_START.test(name)) {
      return `can't set ${name}, which is read when Python starts; set it with env-vars`
    }
    return { name, value: value ?? null }
  })

/** Reads the option `secrets`: lines ID=VALUE, or ID alone, whose value is null here. A problem shows no value. */
export const parseSecrets = (text: string): ParsedVariables<string | null> =>
  parseLines(text, (line, index) => {
    const [, name = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(line) ?? []
    return isSecretId(name)
      ? { name, value: value ?? null }
      : `has a line that is neither ID=VALUE nor ID: line ${index + 1}`
  })

/** Reads the option `secret-files`: lines ID=PATH. A problem shows no path: it may be a value by mistake. */
export const parseSecretFiles = (text: string): ParsedVariables<string> =>
  parseLines(text, (line, index) => {
    const [, name = '', path = ''] = /^([^=]*)=(.*)$/s.exec(line) ?? []
    return isSecretId(name) && path !== ''
      ? { name, value: path }
      : `has a line that is not ID=PATH: line ${index + 1}`
  })

/** Letters, digits and . _ -, as docker allows. Those that begin with `flowstore` are this project's own. */
const isSecretId = (id: string): boolean => /^(?!flowstore)[A-Za-z0-9_][\w.-]*$/.test(id)
