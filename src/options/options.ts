import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { FlowstoreError, throwAll, type ErrorCode } from '../errors.js'
import type { StorageType } from '../prefect/rules.js'
import { nearest } from '../util/text.js'
import { OPTION_SPECS } from './specs.js'

/** The options of a run, read and checked: what Action inputs and CLI flags both become. */
export interface Options {
  /** Files, folders, globs, `path.py:flow name`, `package.module:flow name`. */
  readonly flows: readonly string[]
  readonly storage: Exclude<StorageType, 'docker'>
  readonly pythonDependencies: readonly string[]
  /** Path relative to the working directory. */
  readonly requirementsFile?: string | undefined
  readonly envVars: Readonly<Record<string, string>>
  readonly prefectVersion?: string | undefined
  readonly directory?: string | undefined
  readonly python?: string | undefined
  readonly healthcheck: boolean
  readonly outputDirectory: string
  readonly uploadArtifact: boolean
  readonly artifactName: string
}

/** Options as they come, before they are checked: name to text, lists as lines. */
export type RawOptions = Readonly<Record<string, string | undefined>>

const NAMES = OPTION_SPECS.map(spec => spec.name)

// Prefect's class names, and ours.
const STORAGES: Readonly<Record<string, Options['storage']>> = {
  local: 'local',
  localstorage: 'local',
  memory: 'memory',
  bytes: 'bytes'
}

const lines = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))

const text = z.string().trim()
const boolean = text
  .toLowerCase()
  .refine(value => ['true', 'false'].includes(value), 'is neither true nor false')
  .transform(value => value === 'true')

const schema = z.object({
  flows: text.transform(lines).refine(list => list.length > 0, 'names no flow module'),
  storage: text.transform((value, context) => {
    const storage = STORAGES[value.toLowerCase()]
    if (storage) return storage
    const near = nearest(value, ['local', 'memory', 'bytes'])
    context.addIssue({
      code: 'custom',
      message:
        value.toLowerCase() === 'docker'
          ? "docker storage can't be built by this version yet; local, memory and bytes can"
          : `is '${value}', not local, memory or bytes${near ? `; did you mean '${near}'?` : ''}`
    })
    return z.NEVER
  }),
  'python-dependencies': text.default('').transform(lines),
  'requirements-file': text.optional(),
  'env-vars': text.default('').transform((value, context) => {
    const variables: Record<string, string> = {}
    for (const line of lines(value)) {
      const pair = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(line)
      if (!pair?.[1] || pair[1] in variables) {
        context.addIssue({
          code: 'custom',
          message: pair?.[1]
            ? `gives ${pair[1]} twice`
            : `has a line that is not KEY=VALUE: '${line.split('=')[0] ?? ''}'`
        })
      } else variables[pair[1]] = pair[2] ?? ''
    }
    return variables
  }),
  'prefect-version': text
    .regex(/^[A-Za-z0-9][\w.+!/-]*$/, 'is neither a release nor a git ref')
    .optional(),
  directory: text.optional(),
  python: text.optional(),
  healthcheck: boolean,
  'output-directory': text,
  'upload-artifact': boolean,
  'artifact-name': text.regex(/^[^":<>|*?\r\n\\/]+$/, 'has a character that GitHub forbids')
})

/** An error about an option that is none of ours, with the nearest that is. */
export function unknownOption(name: string): FlowstoreError {
  const near = nearest(name, NAMES)
  return new FlowstoreError('UNKNOWN_OPTION', `there is no option '${name}'`, {
    hint: near ? `Did you mean '${near}'?` : `There are: ${NAMES.join(', ')}.`
  })
}

/**
 * Checks options. Empty texts count as not given.
 *
 * @param cwd the folder that paths are relative to
 * @throws FlowstoreErrors with every error found
 */
export function checkOptions(raw: RawOptions, cwd: string): Options {
  const errors: FlowstoreError[] = []
  const given = Object.fromEntries(
    Object.entries(raw).filter(([, value]) => value !== undefined && value.trim() !== '')
  ) as Record<string, string>
  for (const name of Object.keys(given)) if (!NAMES.includes(name)) errors.push(unknownOption(name))
  const defaults = Object.fromEntries(
    OPTION_SPECS.flatMap(spec => (spec.default === undefined ? [] : [[spec.name, spec.default]]))
  ) as Record<string, string>

  const parsed = schema.safeParse({ ...defaults, ...given })
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const name = String(issue.path[0])
      const missing = !(name in given) && !(name in defaults)
      const code: ErrorCode = missing ? 'MISSING_OPTION' : 'INVALID_OPTION'
      errors.push(
        new FlowstoreError(
          code,
          missing ? `the option '${name}' is required` : `the option '${name}' ${issue.message}`
        )
      )
    }
  }
  const storage = STORAGES[(given['storage'] ?? 'local').toLowerCase()]
  if (given['directory'] && storage !== 'local') {
    errors.push(
      new FlowstoreError('INVALID_OPTION', "the option 'directory' goes with 'storage: local' only")
    )
  }
  const file = given['requirements-file']
  if (file && !existsSync(resolve(cwd, file))) {
    errors.push(
      new FlowstoreError('FILE_NOT_FOUND', `the requirements file '${file}' does not exist`, {
        hint: `Looked in ${cwd}.`
      })
    )
  }
  throwAll(errors)
  const value = parsed.data as z.infer<typeof schema>
  return {
    flows: value.flows,
    storage: value.storage,
    pythonDependencies: value['python-dependencies'],
    requirementsFile: value['requirements-file'],
    envVars: value['env-vars'],
    prefectVersion: value['prefect-version'],
    directory: value.directory,
    python: value.python,
    healthcheck: value.healthcheck,
    outputDirectory: value['output-directory'],
    uploadArtifact: value['upload-artifact'],
    artifactName: value['artifact-name']
  }
}

/** Reads the Action's inputs: variables named `INPUT_` and the input in upper case. */
export function inputOptions(env: RawOptions, cwd: string): Options {
  return checkOptions(
    Object.fromEntries(
      Object.entries(env).flatMap(([name, value]) =>
        name.startsWith('INPUT_') ? [[name.slice(6).toLowerCase().replaceAll(' ', '_'), value]] : []
      )
    ),
    cwd
  )
}
