import * as z from '../util/schema.js'
import { FlowstoreError } from '../errors.js'
import type { FlowWithStorage } from '../flows/flow.js'
import { parseBuildKwargs, type BuildKwargs } from '../docker/build-kwargs.js'
import type { Options } from '../options/options.js'
import type { StorageKind as StorageType } from '../prefect/storage-kinds.js'
import type { Notice } from '../log.js'

/** What came of the flows' own storages. */
export interface Merged<F> {
  /** The options, with what the modules add. */
  readonly options: Options
  readonly secrets: readonly string[]
  /** The flows that go into the storage. */
  readonly flows: readonly F[]
  readonly notices: readonly Notice[]
  /** What `storage-conflict: error` refuses. */
  readonly conflicts: readonly FlowstoreError[]
}

const OURS: Readonly<Record<string, StorageType>> = {
  Docker: 'docker',
  Local: 'local',
  LocalStorage: 'local',
  Memory: 'memory',
  Bytes: 'bytes'
}

const words = z.array(z.string())
const table = z.record(z.string(), z.string())

/** Prefect's parameter, the option that it is here, and how it is read. */
const SCALARS = [
  ['registry_url', 'registry-url', 'registryUrl', z.string()],
  ['image_name', 'image-name', 'imageName', z.string()],
  ['image_tag', 'image-tag', 'imageTag', z.string()],
  ['base_image', 'base-image', 'baseImage', z.string()],
  ['dockerfile', 'dockerfile', 'dockerfile', z.string()],
  ['dockerignore', 'dockerignore', 'dockerignore', z.string()],
  ['prefect_version', 'prefect-version', 'prefectVersion', z.string()],
  ['local_image', 'local-image', 'localImage', z.boolean()],
  ['prefect_directory', 'prefect-directory', 'prefectDirectory', z.string()],
  ['path', 'path', 'path', z.string()],
  ['stored_as_script', 'stored-as-script', 'storedAsScript', z.boolean()],
  ['directory', 'directory', 'directory', z.string()],
  [
    'build_kwargs',
    'build-kwargs',
    'buildKwargs',
    z.unknown().transform((value, context) => {
      const parsed = parseBuildKwargs(JSON.stringify(value))
      if (typeof parsed !== 'string') return parsed
      context.addIssue({ code: 'custom', message: parsed })
      return z.NEVER
    })
  ]
] as const

const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other)
const shown = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value)

type Allowed = (value: unknown, options: Options, isDeclared: (path: string) => boolean) => boolean

const onlySources: Allowed = (value, _options, isDeclared) => isDeclared(String(value))
const notFromContainers: Allowed = (_value, { storage, loadIn }) =>
  storage === 'docker' || loadIn === 'runner'

/** When a module may say what no option says; what is not here, always. */
const ALLOWED: Readonly<Record<string, Allowed>> = {
  dockerfile: onlySources,
  dockerignore: onlySources,
  directory: notFromContainers,
  path: notFromContainers,
  stored_as_script: notFromContainers,
  build_kwargs: value => {
    const { network_mode: network, extra_hosts: hosts } = value as BuildKwargs
    return network === undefined && hosts === undefined
  }
}

/**
 * Puts the storages that modules give their flows under the options: what an option says wins and a
 * notice names the difference; what no option says is taken; lists and tables are joined. Flows whose
 * storage is none of ours (S3, GCS, GitHub, …) are left alone, unless `storage` is given.
 *
 * A module is somebody's code, so it gets no file of the machine into an image that is none of the
 * sources, and what was loaded in a container chooses no path on the machine.
 *
 * @param isDeclared tells whether a path, relative to the working directory, is a file or folder of the
 * sources
 */
export function mergeOwnStorages<F extends FlowWithStorage>(
  options: Options,
  flows: readonly F[],
  isDeclared: (path: string) => boolean
): Merged<F> {
  const notices: Notice[] = []
  const conflicts: FlowstoreError[] = []
  const kept: F[] = []
  const secrets = new Set<string>()
  const merged: Record<string, unknown> = { ...options }
  const from = new Map<string, string>()

  const differ = (flow: F, message: string): void => {
    const at = { file: flow.module, line: flow.line }
    notices.push({ level: 'notice', message: `flow "${flow.name}": ${message}`, ...at })
    conflicts.push(
      new FlowstoreError('STORAGE_CONFLICT', `flow "${flow.name}": ${message}`, {
        ...at,
        hint: 'Take the storage out of the module, or set storage-conflict: merge.'
      })
    )
  }

  for (const flow of flows) {
    const { storage } = flow
    const kind = storage === null ? undefined : OURS[storage.type]
    if (storage !== null && kind === undefined && !options.given.includes('storage')) {
      notices.push({
        level: 'notice',
        message: `flow "${flow.name}" has ${storage.type} storage of its own and is left alone; set storage to store it here`,
        file: flow.module,
        line: flow.line
      })
      continue
    }
    kept.push(flow)
    if (flow.runImage !== null && options.storage === 'docker') {
      differ(
        flow,
        `its run_config asks for the image ${flow.runImage}; agents run it in the storage's image`
      )
    }
    if (storage === null) continue
    if (kind !== options.storage) {
      differ(flow, `its own storage is ${storage.type}; it is stored in ${options.storage} storage`)
      continue
    }
    const own = storage.options
    const take = <T>(name: string, schema: z.ZodType<T>): T | undefined => {
      if (own[name] === undefined) return undefined
      const parsed = schema.safeParse(own[name])
      if (parsed.success) return parsed.data
      differ(flow, `its ${name} can't be read: ${parsed.error.issues[0]?.message ?? ''}`)
      return undefined
    }

    for (const [name, option, key, schema] of SCALARS) {
      const value: unknown = take(name, schema as z.ZodType)
      if (value === undefined || same(value, merged[key])) continue
      const allowed = ALLOWED[name]?.(value, options, isDeclared) ?? true
      if (!options.given.includes(option) && !allowed) {
        differ(flow, `its ${name} ${shown(value)} is not taken from a module: say it as an option`)
        continue
      }
      if (options.given.includes(option)) {
        differ(flow, `its ${name} is ${shown(value)}; the option says ${shown(options[key])}`)
      } else if (from.has(key)) {
        differ(
          flow,
          `its ${name} is ${shown(value)}, that of flow "${from.get(key) ?? ''}" is ${shown(merged[key])}, which holds`
        )
      } else {
        merged[key] = value
        from.set(key, flow.name)
      }
    }
    for (const [name, key] of [
      ['python_dependencies', 'pythonDependencies'],
      ['extra_dockerfile_commands', 'extraDockerfileCommands']
    ] as const) {
      const have = merged[key] as readonly string[]
      merged[key] = [...have, ...(take(name, words) ?? []).filter(word => !have.includes(word))]
    }
    const variables = merged['envVars'] as Record<string, string>
    for (const [name, value] of Object.entries(take('env_vars', table) ?? {})) {
      if (variables[name] === undefined) {
        merged['envVars'] = { ...(merged['envVars'] as object), [name]: value }
      } else if (variables[name] !== value) {
        differ(flow, `its env_vars have another ${name}; the first one holds`)
      }
    }
    for (const [source, destination] of Object.entries(take('files', table) ?? {})) {
      const files = merged['files'] as Options['files']
      const taken = files.find(file => file.destination === destination)
      if (taken === undefined && !isDeclared(source)) {
        differ(flow, `its files name ${source}, which is nothing of the declared sources`)
      } else if (taken === undefined) {
        merged['files'] = [...files, { source, destination, only: isDeclared }]
      } else if (taken !== undefined && taken.source !== source) {
        differ(flow, `its files put ${source} at ${destination}, where ${taken.source} goes`)
      }
    }
    if (take('ignore_healthchecks', z.boolean()) && options.healthcheck) {
      differ(flow, 'it ignores healthchecks; they are made')
    }
    for (const secret of take('secrets', words) ?? []) secrets.add(secret)
  }
  return {
    options: merged as unknown as Options,
    secrets: [...secrets],
    flows: kept,
    notices,
    conflicts
  }
}

/** The options given that win over what a module says, or have it stored here after all. */
export const overModules = ({ given }: Options): readonly string[] =>
  given.filter(name => name === 'storage' || SCALARS.some(([, option]) => option === name)).sort()

/** What of the options makes the environment image. */
const ENVIRONMENT = [
  'baseImage',
  'dockerfile',
  'dockerignore',
  'buildKwargs',
  'pythonDependencies',
  'envVars',
  'files',
  'extraDockerfileCommands',
  'prefectDirectory',
  'prefectVersion',
  'localImage'
] as const

/** Whether two sets of options make the same environment image. */
export const sameEnvironment = (one: Options, other: Options): boolean =>
  ENVIRONMENT.every(key => same(one[key], other[key]))
