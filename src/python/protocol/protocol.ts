import type { FlowContent } from '../../prefect/generation.js'
import * as z from '../../util/schema.js'
import type { RequestLimits } from '../limits.js'
import { ancestrySchema } from './ancestry.js'

/** The version of the protocol that `python/flowstore_loader` speaks; both sides refuse any other. */
export const PROTOCOL = 14

// The loader is started as `python -c BOOT once` or `python -c BOOT session`; its standard input begins with the
// loader (see `delivery.ts`). `once` answers the request in the next line with files in its folder. A session is sent
// each request as a line with its length, the request, and a line with its token. It answers in a process that has
// imported Prefect but none of the user's modules, and which does not have the token: the session reads it when all
// processes of the modules have ended. Then it prints a line `TOKEN EXITCODE FILES`: the files of the request's folder
// by their paths, in base64, or null if they are large and have to be read there. Before all, it prints a line
// `\x1eunsealed` if modules could reach it. While it loads modules, it prints a
// line `\x1eDONE/ALL FILE\x1e` to standard error before each, and one without a file after the last; likewise lines
// `\x1eflow JSON\x1e` while it serializes flows or reads them back, and a line `\x1eended\x1e` before it ends what takes too
// long, see `marks.ts`. A request that reaches a limit has the file `ended.json`, see `limits.ts`.

/** One flow module to load. */
export interface ModuleRequest {
  /** Path of the module, relative to `root`, with `/`. */
  readonly file: string
  /**
   * Names or variables of the flows to take from it, or names of functions that return flows; `*` and null take all
   * flows.
   */
  readonly flows: readonly string[] | null
  /** Whether `flows` names this file: then it is an error if it has no flow. */
  readonly explicit: boolean
}

/** Asks for the installed versions; imports neither Prefect nor any module. */
interface ProbeRequest {
  readonly protocol: typeof PROTOCOL
  readonly action: 'probe'
  /** Folders to describe, with their parents. */
  readonly folders: readonly string[]
  /** Folder that `result.json` is written to. */
  readonly output: string
}

/** The expected interpreter: `major.minor`, the machine, packages by normalized name. */
export interface ExpectedInterpreter {
  readonly python: string
  readonly machine: string
  readonly packages: Readonly<Record<string, string>>
}

/** Asks to import modules and to serialize their flows. */
export interface LoadRequest {
  readonly protocol: typeof PROTOCOL
  readonly action: 'load'
  /** Root of the declared sources; the working directory while modules are imported. */
  readonly root: string
  /** The folder that holds all declared sources: `root`, or one above it. */
  readonly top: string
  /** Folders to put on `sys.path`, relative to `root`, in this order, after that of the module. */
  readonly importRoots: readonly string[]
  readonly modules: readonly ModuleRequest[]
  /** Variables that modules see while they are loaded; nothing may keep their values. */
  readonly variables: Readonly<Record<string, string>>
  /**
   * How the modules of the repository that a flow module imports are stored: by `reference` (the result lists
   * the files to ship) or by `value`, inside the pickle.
   */
  readonly helpers: 'reference' | 'value'
  /**
   * Folder of the image that has files of the repository, at their paths in it: the pickles name it instead of
   * `root`. Null leaves all paths as they are.
   */
  readonly carriedTo: string | null
  /**
   * Ascending. The last entry whose `since` is not later than the loaded Prefect applies, else cloudpickle's
   * default.
   */
  readonly pickleProtocols: readonly { readonly since: string; readonly protocol: number }[]
  /** Prefect's names of the parameters to read from the storages that modules set on their flows. */
  readonly storageOptions: readonly string[]
  /**
   * Asks for each flow in the form of `prefect register --json`, for releases from `since` on; null asks for
   * none. `labels` are the labels of the storage, if Prefect's configuration allows default labels; releases
   * before `labelsSince` register without them.
   */
  readonly flowsJson: {
    readonly since: string
    readonly labelsSince: string
    readonly labels: readonly string[]
  } | null
  /** Python files of the repository that are not below `root`, relative to it: imports of them are reported. */
  readonly leftOut: readonly string[]
  /** Further flow modules of the build, relative to `root`: they are not loaded, and other modules may import them. */
  readonly beside: readonly string[]
  /** Whether the result has `seen`. */
  readonly observe: boolean
  /** If the interpreter differs from it, nothing is imported; null accepts any interpreter. */
  readonly expect: ExpectedInterpreter | null
  readonly limits: RequestLimits
  /** Folder that `result.json`, `flows/*.pickle` and `flows/*.json` are written to. */
  readonly output: string
}

/** A stored flow, in a file that the loader can read. */
interface FlowInFile {
  readonly name: string
  readonly path: string
  /** What the file holds; for an entrypoint, `path` is the folder that it is relative to. */
  readonly content: FlowContent
  readonly entrypoint?: string
}

/** What the Prefect release itself is asked about stored flows. */
export interface ReleaseChecks {
  /** The storage's JSON, for the release's `StorageSchema`; null if it has no class for the storage. */
  readonly storage: string | null
  /** Whether each flow is serialized, as a registration does it. */
  readonly serialize: boolean
  /** Whether the release's checks of results and of environments are made, as it makes them for such a storage. */
  readonly results: boolean
}

/** Asks to read flows back from their files, in an interpreter that has seen none of the user's modules. */
export interface CheckRequest {
  readonly protocol: typeof PROTOCOL
  readonly action: 'check'
  readonly flows: readonly FlowInFile[]
  readonly checks: ReleaseChecks
  readonly limits: RequestLimits
  readonly output: string
}

/** Asks to unpack files below `/`, as a layer of an image does. */
interface PlaceRequest {
  readonly protocol: typeof PROTOCOL
  readonly action: 'place'
  /** A tar archive, in base64. */
  readonly archive: string
  readonly output: string
}

/** Asks a session which files changed since it began. */
interface ChangesRequest {
  readonly protocol: typeof PROTOCOL
  readonly action: 'changes'
  /** Time at which the container was created, in seconds of the kernel's clock. */
  readonly created: number
  /** Absolute paths to ignore, with everything below them. */
  readonly besides: readonly string[]
  readonly output: string
}

/** Asks to start a command of a package. */
interface StartRequest {
  readonly protocol: typeof PROTOCOL
  readonly action: 'start'
  /** The name of a script, which is that of its package too, and arguments. */
  readonly command: readonly string[]
  readonly limits: RequestLimits
  readonly output: string
}

/** Asks to run a flow. */
interface RunRequest {
  readonly protocol: typeof PROTOCOL
  readonly action: 'run'
  readonly flow: FlowInFile
  readonly parameters: Readonly<Record<string, unknown>>
  readonly output: string
}

export type LoaderRequest =
  | ProbeRequest
  | LoadRequest
  | PlaceRequest
  | CheckRequest
  | ChangesRequest
  | StartRequest
  | RunRequest

const protocol = z.literal(PROTOCOL)

/** The version of a package. It becomes part of messages, labels and keys. */
const version = z.string().regex(/^[\w.+!-]{1,100}$/)
/** The name of a flow, which may be any text. */
const flowName = z.string().min(1)

/** The interpreter and its packages. The version of an absent package is null. */
export const probeResultSchema = z.object({
  protocol,
  action: z.literal('probe'),
  /** `sys.executable`. */
  executable: z.string(),
  versions: z.object({
    python: version,
    prefect: version.nullable(),
    cloudpickle: version.nullable(),
    pip: version.nullable()
  }),
  /** Every distribution: normalized name to version. */
  packages: z.record(z.string(), z.string()),
  /** `platform.machine()`, such as `x86_64`. */
  machine: z.string(),
  /** The C library: `glibc 2.36` or `musl`; empty for another system than Linux. */
  libc: z.string(),
  /** The folders that packages are imported from, without links, in the order of the search. */
  site: z.array(z.string()),
  /** The requested folders that are visible, each with its parents. */
  folders: z.record(z.string(), ancestrySchema)
})
export type ProbeResult = z.infer<typeof probeResultSchema>

/** A problem in the user's code. `file` is relative to `root` if it is below `top`. */
const problemSchema = z.object({
  code: z.enum([
    'MODULE_NOT_FOUND',
    'MODULE_SYNTAX',
    'MODULE_IMPORT',
    'FLOW_NOT_FOUND',
    'FLOW_SERIALIZE',
    'NAME_CONFLICT',
    'OTHER_GENERATION',
    'PREFECT_NOT_FOUND',
    'LOAD_FAILED',
    'LOAD_LIMIT'
  ]),
  message: z.string(),
  file: z.string().nullable(),
  line: z.number().int().nullable(),
  /** The traceback cut to the user's frames, or null. */
  detail: z.string().nullable(),
  hint: z.string().nullable(),
  /** Where a file or a module would be that is missing, relative to `root`. */
  absent: z.array(z.string())
})
export type LoadProblem = z.infer<typeof problemSchema>

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** A flow as Prefect serializes it: the JSON text of each field except `storage`. */
export const serializedSchema = z.record(z.string(), z.string().refine(isJson))

/** What the load of a flow says in every generation. */
const loadedSchema = z.object({
  name: flowName,
  /** The module that it comes from, relative to `root`. */
  module: z.string(),
  line: z.number().int(),
  /** The first import of each module that the flow needs, inside or outside the repository. */
  imports: z.record(z.string(), z.object({ file: z.string(), line: z.number().int() })),
  /**
   * The files of the repository that it is made from, relative to `root`: its module, the packages around it, and
   * what these import; and the `data` that these name by paths from their own, files and folders. `open` says why they
   * may not be all, or is null.
   */
  closure: z.object({
    files: z.array(z.string()),
    data: z.array(z.string()),
    open: z.string().nullable()
  })
})

export const pickledSchema = loadedSchema.extend({
  /** The result of `slugify`, which becomes part of a path. */
  slug: z.string().regex(/^[a-z0-9-]*$/),
  /** The raw pickle, relative to `output`. */
  file: z.string(),
  parameters: z.array(
    z.object({ name: z.string(), required: z.boolean(), default: z.unknown().optional() })
  ),
  /** The storage that the module sets on the flow, with the options that differ from the class's defaults. */
  storage: z
    .object({ type: z.string(), options: z.record(z.string(), z.unknown()) })
    .nullable(),
  /** `image` of the flow's run_config, or null. */
  runImage: z.string().nullable(),
  /** A file of {@link serializedSchema}, relative to `output`, or null. */
  serialized: z.string().nullable()
})

/** What Prefect 2 and 3 know of a flow. */
const detailsSchema = z.object({
  version: z.string().nullable(),
  description: z.string().nullable(),
  isAsync: z.boolean(),
  isGenerator: z.boolean(),
  retries: z.number().nullable(),
  retryDelaySeconds: z.unknown().optional(),
  timeoutSeconds: z.number().nullable(),
  parameterSchema: z.record(z.string(), z.unknown())
})

export const entrypointSchema = loadedSchema.extend({
  /** A path or a module, and a name in it. It becomes part of commands and documents. */
  entrypoint: z.string().regex(/^[^\n\r\0:]+[.:][^\n\r\0:]+$/),
  details: detailsSchema
})

export const seenSchema = z.object({
  /** The files of the sources that were opened, by modules or by the loader, relative to `root`. */
  files: z.array(z.string()),
  /** Why the result may depend on more than their content and on the paths of the sources, or null. */
  why: z.string().nullable(),
  /** What it has done that another load could see, or null. */
  changes: z.string().nullable(),
  /** Folders whose names differ from run to run. */
  folders: z.array(z.string()),
  /**
   * Names that files or folders of the sources have, and by which modules import, or have loaded, what is no source. A
   * module of the sources with such a name can't be a file beside the flows.
   */
  foreign: z.array(z.string()),
  /** The functions of the sources that have built flows: the file, relative to `root`, and the name. */
  called: z.array(z.object({ file: z.string(), name: z.string() })),
  /** For each module in `flowless`: the functions of each thing in it that would build flows. */
  builders: z.record(z.string(), z.array(z.array(z.string())))
})

export const loadResultSchema = z.object({
  protocol,
  action: z.literal('load'),
  /** Null only when Prefect could not be imported. */
  versions: z
    .object({ python: version, prefect: version, cloudpickle: version })
    .nullable(),
  flows: z.array(z.union([pickledSchema, entrypointSchema])),
  /** Files of the repository that flows import at run time; empty if helpers are stored by value. */
  helpers: z.array(
    z.object({
      /** Path relative to `root`. */
      file: z.string(),
      /** Path relative to an import root: its path below an entry of `sys.path`. */
      path: z.string().regex(/^(?!.*(^|\/)\.\.?(\/|$))[^/\\\0][^\\\0]*$/)
    })
  ),
  /** Files of the repository whose modules are inside the pickles, relative to `root`. */
  inPickles: z.array(z.string()),
  problems: z.array(problemSchema),
  /** Differences from the expected interpreter; if there are any, nothing was loaded. */
  differences: z.array(
    z.object({ what: z.string(), expected: z.string(), found: z.string().nullable() })
  ),
  /** Flows that can be stored, but not in the form that `prefect register --json` reads. */
  unregistrable: z.array(problemSchema),
  /**
   * Import statements that run only when a flow runs, and whose module is neither in the repository nor in the
   * interpreter. `module` is its top-level package, `file` relative to `root`.
   */
  missing: z.array(
    z.object({
      module: z.string(),
      flows: z.array(z.string()),
      file: z.string(),
      line: z.number().int()
    })
  ),
  /** Flows that no entrypoint can name, each with the reason as a sentence. */
  unaddressable: z.array(
    z.object({ name: z.string(), file: z.string(), line: z.number().int(), why: z.string() })
  ),
  /** Import statements whose module is one of the request's `leftOut`. */
  leftOut: z.array(
    z.object({
      path: z.string(),
      flows: z.array(z.string()),
      file: z.string(),
      line: z.number().int()
    })
  ),
  /**
   * Modules without a flow that `flows` does not name: `seen` has what would build flows, each as a clause such as
   * "the function `f` builds a flow", `factories` the names of functions that return flows without arguments.
   */
  flowless: z.array(
    z.object({ file: z.string(), seen: z.array(z.string()), factories: z.array(z.string()) })
  ),
  /**
   * Calls in functions that fail in a run: a `path` names a file or folder of the repository, relative to the
   * working directory of the load; a `process` is sent a function of a module in a pickle. `name` is the path
   * relative to `root`, or the function; `file` is relative to `root`. Also paths that modules build from
   * `__file__`: a `file` is the file or folder `name`, of a `folder` something below it is read.
   */
  risks: z.array(
    z.object({
      kind: z.enum(['path', 'process', 'file', 'folder']),
      name: z.string(),
      flows: z.array(z.string()),
      file: z.string(),
      line: z.number().int()
    })
  ),
  /**
   * Requirements in the literal `python_dependencies` of Docker storages, for modules that could not be
   * imported without them.
   */
  dependencies: z.array(z.string()),
  /**
   * Calls of modules that have no effect while they are loaded, such as `flow.register()`. `file` is relative to
   * `root`, or null if no file of the repository is above the call.
   */
  calls: z.array(
    z.object({ call: z.string(), file: z.string().nullable(), line: z.number().int().nullable() })
  ),
  /** Flow modules that took long to import, in seconds. */
  slow: z.array(z.object({ file: z.string(), seconds: z.number() })),
  /** Flows that hold the value of a variable of the request: its name, and where in the flow. */
  revealed: z.array(z.object({ variable: z.string(), flow: z.string(), where: z.string() })),
  /** What a load that is observed has seen and done; null for another, or if it failed. */
  seen: seenSchema.nullable(),
  /** Seconds: `prefect` (its import), `modules`, `serialize`. */
  durations: z.record(z.string(), z.number())
})
export type LoadResult = z.infer<typeof loadResultSchema>

export const checkResultSchema = z.object({
  protocol,
  action: z.literal('check'),
  /** One entry for each requested flow, in order. */
  flows: z.array(
    z.object({
      name: z.string(),
      ok: z.boolean(),
      /** `Class: message` of the exception, or null. */
      error: z.string().nullable(),
      /** Name of the module that could not be imported, or null. */
      missingModule: z.string().nullable(),
      detail: z.string().nullable(),
      /** What the release's own checks warn of, in its words. */
      warnings: z.array(z.string()),
      /** Why the release's own checks refuse the flow, in its words, or null. */
      refused: z.string().nullable(),
      /** `Class: message` of the exception if the release can't serialize the flow, or null. */
      unserializable: z.string().nullable(),
      /** What Prefect 2 and 3 know of the flow; null in the other generation, and if it did not load. */
      details: detailsSchema.nullable()
    })
  ),
  /** `Class: message` of the exception if the release can't read the storage's JSON, or null. */
  storageError: z.string().nullable()
})
export type CheckResult = z.infer<typeof checkResultSchema>

export const startResultSchema = z.object({
  protocol,
  action: z.literal('start'),
  exitCode: z.number().int(),
  /** The end of its output. */
  printed: z.string()
})
export type StartResult = z.infer<typeof startResultSchema>

export const placeResultSchema = z.object({
  protocol,
  action: z.literal('place'),
  /** False if the image's user can't own the files. */
  placed: z.boolean()
})

/** Some changed paths, or null if the search takes too long. */
export const changesResultSchema = z.object({ changed: z.array(z.string()).nullable() })

export const runResultSchema = z.object({
  protocol,
  action: z.literal('run'),
  /** Class name of the final state, such as `Success`; null if the flow could not be read or run. */
  state: z.string().nullable(),
  successful: z.boolean(),
  /** The state's message, or `Class: message` of the exception. */
  message: z.string().nullable(),
  detail: z.string().nullable(),
  /** Whether the parameters are wrong, so that the flow did not run. */
  refused: z.boolean(),
  /** Whether the flow could be read. */
  loaded: z.boolean()
})
export type RunResult = z.infer<typeof runResultSchema>
