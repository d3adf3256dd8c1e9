import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import * as z from '../util/schema.js'
import { FlowstoreError, throwAll, type ErrorCode } from '../errors.js'
import type { StorageKind as StorageType } from '../prefect/storage-kinds.js'
import { nearest } from '../util/text.js'
import { isRepository, isTag, parseReference } from '../registry/reference.js'
import { parseBuildKwargs, type BuildKwargs } from '../docker/build-kwargs.js'
import { imageFiles, type ImageFile } from './files.js'
import { OPTION_SPECS, type OptionSpec } from './specs.js'
import { tagProblem } from './tags.js'

/** The options of a run, read and checked: what Action inputs and CLI flags both become. */
export interface Options {
  /** Files, folders, globs, `path.py:flow name`, `package.module:flow name`. */
  readonly flows: readonly string[]
  readonly storage: StorageType
  readonly storageConflict: 'merge' | 'error'
  /** Registry with its path, no scheme and no slash at its end. */
  readonly registryUrl?: string | undefined
  readonly imageName?: string | undefined
  readonly imageTag?: string | undefined
  /** Templates of further tags; see {@link resolveTags}. */
  readonly tags: readonly string[]
  readonly baseImage?: string | undefined
  /** Path relative to the working directory; in place of `baseImage`. */
  readonly dockerfile?: string | undefined
  /** Path relative to the working directory. */
  readonly dockerignore?: string | undefined
  readonly buildKwargs: BuildKwargs
  readonly pythonDependencies: readonly string[]
  /** Path relative to the working directory. */
  readonly requirementsFile?: string | undefined
  readonly installer: 'auto' | 'pip' | 'uv'
  readonly envVars: Readonly<Record<string, string>>
  readonly files: readonly ImageFile[]
  /** Lines of a Dockerfile. */
  readonly extraDockerfileCommands: readonly string[]
  readonly prefectDirectory?: string | undefined
  readonly storedAsScript: boolean
  readonly path?: string | undefined
  readonly baseUrl?: string | undefined
  /** Folder with ca.pem, cert.pem and key.pem. */
  readonly tlsConfig?: string | undefined
  readonly prefectVersion?: string | undefined
  readonly localImage: boolean
  readonly push: boolean
  readonly assemble: 'auto' | 'append' | 'build'
  readonly force: boolean
  readonly refresh: boolean
  readonly directory?: string | undefined
  readonly loadIn: 'auto' | 'image' | 'runner'
  readonly python?: string | undefined
  readonly healthcheck: boolean
  readonly outputDirectory: string
  readonly uploadArtifact: boolean
  readonly artifactName: string
  /** Names of the options that say something else than their default. */
  readonly given: readonly string[]
}

/** Options as they come, before they are checked: name to text, lists as lines. */
export type RawOptions = Readonly<Record<string, string | undefined>>

const NAMES = OPTION_SPECS.map(spec => spec.name)

// Prefect's class names, and ours.
const STORAGES: Readonly<Record<string, StorageType>> = {
  docker: 'docker',
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

const specOf = (name: string): OptionSpec => {
  const spec = OPTION_SPECS.find(candidate => candidate.name === name)
  if (!spec) throw new Error(`no option ${name}`)
  return spec
}

function notOneOf(value: string, choices: readonly string[] = []): string {
  const near = nearest(value, choices)
  return `is '${value}', not one of ${choices.join(', ')}${near ? `; did you mean '${near}'?` : ''}`
}

const text = z.string().trim()

/** One of the choices of an option, or an error that names the nearest. */
const oneOf = <T>(name: string, find: (value: string) => T | undefined) =>
  text.transform((value, context): T => {
    const found = find(value)
    if (found !== undefined) return found
    context.addIssue({ code: 'custom', message: notOneOf(value, specOf(name).choices) })
    return z.NEVER
  })

const choice = <T extends string>(name: string, choices: readonly T[]) =>
  oneOf(name, value => choices.find(word => word === value))

const boolean = text
  .toLowerCase()
  .refine(value => ['true', 'false'].includes(value), 'is neither true nor false')
  .transform(value => value === 'true')

const schema = z.object({
  flows: text.transform(lines).refine(list => list.length > 0, 'names no flow module'),
  storage: oneOf('storage', value => STORAGES[value.toLowerCase()]).default('docker'),
  'storage-conflict': choice('storage-conflict', ['merge', 'error']),
  'registry-url': text
    .transform(value => value.replace(/\/+$/, ''))
    .refine(value => !value.includes('://'), "has a scheme; write it without, as in 'ghcr.io/acme'")
    .optional(),
  'image-name': text
    .refine(
      isRepository,
      'is no image name: lower case letters, digits and single . _ - between, with / between parts'
    )
    .optional(),
  'image-tag': text
    .refine(isTag, 'is no tag: up to 128 letters, digits, . _ -, the first no . or -')
    .optional(),
  tags: text
    .default('')
    .transform(lines)
    .superRefine((list, context) => {
      for (const message of list.flatMap(tagProblem)) context.addIssue({ code: 'custom', message })
    }),
  'base-image': text.optional(),
  dockerfile: text.optional(),
  dockerignore: text.optional(),
  'build-kwargs': text
    .transform((value, context) => {
      const parsed = parseBuildKwargs(value)
      if (typeof parsed !== 'string') return parsed
      context.addIssue({ code: 'custom', message: parsed })
      return z.NEVER
    })
    .optional(),
  'python-dependencies': text.default('').transform(lines),
  'requirements-file': text.optional(),
  installer: choice('installer', ['auto', 'pip', 'uv']),
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
  files: text.default('').transform(lines),
  // Not `lines`: a continued line keeps its indentation, and a comment is Docker's to read.
  'extra-dockerfile-commands': z
    .string()
    .default('')
    .transform(value => value.split(/\r?\n/).filter(line => line.trim() !== '')),
  'prefect-directory': text
    .refine(value => value.startsWith('/'), 'is no absolute path in the image')
    .transform(value => value.replace(/(?<=.)\/+$/, ''))
    .optional(),
  'stored-as-script': boolean,
  path: text.optional(),
  'base-url': text.optional(),
  'tls-config': text.optional(),
  'prefect-version': text
    .regex(/^[A-Za-z0-9][\w.+!/-]*$/, 'is neither a release nor a git ref')
    .optional(),
  'local-image': boolean,
  push: boolean,
  assemble: choice('assemble', ['auto', 'append', 'build']),
  force: boolean,
  refresh: boolean,
  directory: text.optional(),
  'load-in': choice('load-in', ['auto', 'image', 'runner']).optional(),
  python: text.optional(),
  healthcheck: boolean,
  'ignore-healthchecks': boolean,
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

// What only an image has, and what only an image to load in has.
const IMAGE_ONLY = [
  'registry-url',
  'image-name',
  'image-tag',
  'tags',
  'assemble',
  'force',
  'prefect-directory'
]
const DAEMON_ONLY = [
  'base-image',
  'dockerfile',
  'dockerignore',
  'build-kwargs',
  'files',
  'extra-dockerfile-commands',
  'base-url',
  'tls-config',
  'local-image',
  'refresh'
]

/** Without an image there is none to be like: `auto` is the interpreter then. */
function loadPlace<P extends string>(given: P | undefined, storage: StorageType) {
  if (storage === 'docker') return given ?? 'image'
  return given === undefined || given === 'auto' ? 'runner' : given
}

/** Errors about options that would have no effect with the storage asked for. */
function misplaced(
  given: Readonly<Record<string, string>>,
  storage: StorageType,
  loadIn: string
): FlowstoreError[] {
  const without: readonly (readonly [readonly string[], boolean, string])[] = [
    [['directory'], storage === 'local', "'storage: local'"],
    [
      ['stored-as-script', 'path'],
      storage === 'docker' || storage === 'local',
      "'storage: docker' and 'storage: local'"
    ],
    [IMAGE_ONLY, storage === 'docker', "'storage: docker'"],
    [
      DAEMON_ONLY,
      storage === 'docker' || loadIn !== 'runner',
      "'storage: docker' or 'load-in: image'"
    ]
  ]
  const pythonPath = !/^\d+\.\d+$/.test(given['python'] ?? '')
  const idlePython =
    loadIn === 'image' &&
    'python' in given &&
    ('base-image' in given || 'dockerfile' in given || pythonPath)
      ? [
          new FlowstoreError(
            'INVALID_OPTION',
            "the option 'python' chooses an interpreter for 'load-in: runner', or the version of the default base image",
            { hint: 'With base-image, flows are loaded by the Python of that image.' }
          )
        ]
      : []
  return [
    ...without.flatMap(([names, fits, what]) =>
      names
        .filter(name => !fits && name in given && given[name] !== specOf(name).default)
        .map(
          name =>
            new FlowstoreError('INVALID_OPTION', `the option '${name}' goes with ${what} only`)
        )
    ),
    ...idlePython
  ]
}

/** Errors about the image's name, and about a push that has nowhere to go. */
function referenceErrors(value: z.infer<typeof schema>): FlowstoreError[] {
  const registry = value['registry-url']
  const errors: FlowstoreError[] = []
  if (value.storage === 'docker' && value.push && registry === undefined) {
    errors.push(
      new FlowstoreError('MISSING_OPTION', "the option 'registry-url' is required to push", {
        hint: 'Say where to push to with registry-url, or set push: false.'
      })
    )
  }
  if (value.storage === 'docker' && !value.push && value.assemble === 'append') {
    errors.push(
      new FlowstoreError(
        'INVALID_OPTION',
        "'assemble: append' puts the flows on an image in the registry, and 'push: false' leaves that alone",
        { hint: 'Leave assemble out: without a push the daemon builds the image.' }
      )
    )
  }
  for (const [name, reference] of [
    ['registry-url', registry && `${registry}/name`],
    ['base-image', value['base-image']]
  ] as const) {
    if (reference === undefined) continue
    try {
      parseReference(reference)
    } catch (error) {
      const { hint } = error as FlowstoreError
      errors.push(
        new FlowstoreError(
          'INVALID_REFERENCE',
          `the option '${name}' is no image reference: '${value[name] ?? ''}'`,
          { hint }
        )
      )
    }
  }
  return errors
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
  const storage = STORAGES[(given['storage'] ?? 'docker').toLowerCase()] ?? 'docker'
  const loadIn = loadPlace(given['load-in'], storage)
  errors.push(...misplaced(given, storage, loadIn))
  if (parsed.success) errors.push(...referenceErrors(parsed.data))
  const { files, errors: fileErrors } = imageFiles(lines(given['files'] ?? ''), cwd)
  errors.push(...fileErrors)
  for (const [name, what] of [
    ['requirements-file', 'requirements file'],
    ['dockerfile', 'Dockerfile'],
    ['dockerignore', 'dockerignore file'],
    ['tls-config', 'folder of certificates']
  ] as const) {
    const path = given[name]
    if (path && !existsSync(resolve(cwd, path))) {
      errors.push(
        new FlowstoreError('FILE_NOT_FOUND', `the ${what} '${path}' does not exist`, {
          hint: `Looked in ${cwd}.`
        })
      )
    }
  }
  if (given['dockerfile'] && given['base-image']) {
    // Prefect's words, from 0.7.2 on.
    errors.push(
      new FlowstoreError(
        'INVALID_OPTION',
        'Only one of `base_image` and `dockerfile` can be provided.'
      )
    )
  }
  if (given['stored-as-script']?.toLowerCase() === 'true' && !given['path']) {
    errors.push(
      new FlowstoreError(
        'MISSING_OPTION',
        'A `path` must be provided to show where flow `.py` file is stored.'
      )
    )
  }
  throwAll(errors)
  const value = parsed.data as z.infer<typeof schema>
  return {
    flows: value.flows,
    storage: value.storage,
    storageConflict: value['storage-conflict'],
    registryUrl: value['registry-url'],
    imageName: value['image-name'],
    imageTag: value['image-tag'],
    tags: value.tags,
    baseImage: value['base-image'],
    dockerfile: value['dockerfile'],
    dockerignore: value['dockerignore'],
    buildKwargs: value['build-kwargs'] ?? {},
    pythonDependencies: value['python-dependencies'],
    requirementsFile: value['requirements-file'],
    installer: value.installer,
    envVars: value['env-vars'],
    files,
    extraDockerfileCommands: value['extra-dockerfile-commands'],
    prefectDirectory: value['prefect-directory'],
    storedAsScript: value['stored-as-script'],
    path: value.path,
    baseUrl: value['base-url'],
    tlsConfig: value['tls-config'],
    prefectVersion: value['prefect-version'],
    localImage: value['local-image'],
    push: value.push,
    assemble: value.assemble,
    force: value.force,
    refresh: value.refresh,
    directory: value.directory,
    loadIn: loadPlace(value['load-in'], value.storage),
    python: value.python,
    healthcheck: value.healthcheck && !value['ignore-healthchecks'],
    outputDirectory: value['output-directory'],
    uploadArtifact: value['upload-artifact'],
    artifactName: value['artifact-name'],
    given: Object.keys(given).filter(name => given[name] !== specOf(name).default)
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
