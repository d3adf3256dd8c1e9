import { FlowstoreError } from '../errors.js'
import * as z from '../util/schema.js'
import type { Work } from './protocol/work.js'

/** What one load, or one check of stored flows, may take. */
export interface Limits {
  readonly seconds: number
  /** Bytes; undefined is no limit. */
  readonly memory: number | undefined
  /** Processes and threads. */
  readonly processes: number
}

/** The defaults of the options `load-timeout`, `load-memory` and `load-processes`. */
export const DEFAULT_LIMITS: Limits = { seconds: 600, memory: undefined, processes: 512 }

/** The options of {@link Limits}. */
export interface LimitOptions {
  readonly loadTimeout: number
  readonly loadMemory: number | undefined
  readonly loadProcesses: number
}

export const limitsOf = ({ loadTimeout, loadMemory, loadProcesses }: LimitOptions): Limits => ({
  seconds: loadTimeout,
  memory: loadMemory,
  processes: loadProcesses
})

/** Limits as a request holds them. */
export interface RequestLimits {
  readonly seconds: number
  readonly memory: number | null
  readonly processes: number
  /** Whether the container has the limits of memory and processes. */
  readonly inContainer: boolean
}

export const requestLimits = (limits: Limits, inContainer: boolean): RequestLimits => ({
  ...limits,
  memory: limits.memory ?? null,
  inContainer
})

/** Maximum bytes of an answer: it is read as a whole. */
export const MOST_ANSWER = 500_000_000

/** Bytes in the unit of `load-memory`: `512m`, `4g`. */
const sizeText = (bytes: number): string =>
  bytes % 2 ** 30 === 0 ? `${bytes / 2 ** 30}g` : `${Math.round(bytes / 2 ** 20)}m`

/** Why a session has ended a request: the content of `ended.json`. */
export const endSchema = z.object({
  reason: z.enum(['time', 'memory', 'size']),
  /** The Python stack as `faulthandler` writes it, or empty. */
  stack: z.string()
})
export type LimitEnd = z.infer<typeof endSchema>

/** What a Python did when it ended. */
export interface LimitedWork {
  readonly limits: Limits
  /** What it did last, with files relative to `root`; undefined if it is not known. */
  readonly work: Work | undefined
  /** The root of the sources, for paths of the stack. */
  readonly root: string
  /** Description of the Python, for messages. */
  readonly where: string
}

const HINTS = {
  time: 'Move slow work, such as a download or a query, from the top level of the module into a task. If the import really takes that long, set load-timeout.',
  memory: 'Move the work that needs the memory into a task, or set load-memory to more.',
  size: 'A flow holds large data: read it in a task when it runs. Else a module has written into the folder of the results.'
}

const FLOW_TIME_HINT =
  'What the flow holds does this work: make it inside a task, when it runs. If it really takes that long, set load-timeout.'

/** Work as the subject of a sentence. */
const workText = ({ kind, name }: Work): string =>
  ({
    import: `the import of ${name}`,
    serialize: `the serialization of flow "${name}"`,
    read: `reading flow "${name}" back`
  })[kind]

/** The error LOAD_LIMIT of a request that reached a limit. */
export function limitError({ reason, stack }: LimitEnd, limited: LimitedWork): FlowstoreError {
  const { limits, work, root, where } = limited
  const during = work === undefined ? 'the load of the flows' : workText(work)
  const isOfFlow = work !== undefined && work.kind !== 'import'
  const texts = {
    time: `${during} did not end within load-timeout, ${limits.seconds} s (${where})`,
    memory: `${during} needs more memory than load-memory allows, ${sizeText(limits.memory ?? 0)} (${where})`,
    size: `the result of the load is larger than ${MOST_ANSWER / 1e6} MB (${where})`
  }
  const detail = userStack(stack, root)
  return new FlowstoreError('LOAD_LIMIT', texts[reason], {
    hint: isOfFlow && reason === 'time' ? FLOW_TIME_HINT : HINTS[reason],
    file: work?.file,
    line: (work?.file === undefined ? undefined : lineIn(detail, work.file)) ?? work?.line,
    detail: detail === '' ? undefined : detail
  })
}

const FRAME = /^ {2}File "(.*)", line (\d+|\?\?\?) in /
const OF_LOADER = /^ {2}File "<(flowstore_loader|frozen importlib|string>)/

/** Lines of a stack that are shown. */
const MOST_LINES = 40

/** The frames of a stack that are not the loader's, with paths relative to the root of the sources. */
function userStack(stack: string, root: string): string {
  const threads = stack.trimEnd().split(/\n(?=(?:Current thread|Thread) )/)
  const lines = threads.flatMap(thread => {
    const all = thread.split('\n').filter(line => line.trim() !== '')
    const kept = all.filter(line => !OF_LOADER.test(line))
    return kept.some(line => FRAME.test(line)) ? kept : []
  })
  return lines
    .slice(0, MOST_LINES)
    .map(line => line.replace(`File "${root}/`, 'File "'))
    .join('\n')
}

/** The line of a module that a stack is in. */
function lineIn(stack: string, module: string): number | undefined {
  const frames = stack.split('\n').map(line => FRAME.exec(line))
  const [, , line] = frames.find(frame => frame?.[1] === module) ?? []
  return line === undefined || !/^\d+$/.test(line) ? undefined : Number(line)
}
