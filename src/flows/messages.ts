import { FlowstoreError } from '../errors.js'
import type { Notice } from '../log.js'
import type { LoadResult, ModuleRequest } from '../python/protocol/protocol.js'

/** The first names of flows, as the subject of a sentence. */
export function subject(flows: readonly string[]): string {
  const names = flows.slice(0, 5).map(name => `"${name}"`)
  const shown = names.join(', ') + (flows.length > names.length ? `, ... (${flows.length})` : '')
  return `${flows.length === 1 ? 'flow' : 'flows'} ${shown}`
}

/**
 * The warning about an import that would fail when the flow runs.
 *
 * @param elsewhere where the repository has the module, and what to do; undefined if it does not have it
 */
export function missingNotice(
  { module, flows, file, line }: LoadResult['missing'][number],
  elsewhere?: string
): Notice {
  const message =
    elsewhere === undefined
      ? `the module '${module}' is neither in the repository nor installed, and ${subject(flows)} ` +
        'may import it at run time: add its package to python-dependencies'
      : `${subject(flows)} may import the module '${module}' at run time. ${elsewhere}`
  return { level: 'warning', message, file, line }
}

/**
 * The warning about a call that would fail when the flow runs.
 *
 * @param inImage whether the flow goes into an image, with modules of the repository beside it
 */
export function riskNotice(
  { kind, name, flows, file, line }: LoadResult['risks'][number],
  inImage: boolean
): Notice {
  const message = kind === 'path' ? pathRisk(name, flows, inImage) : poolRisk(name, flows, inImage)
  return { level: 'warning', message, file, line }
}

const pathRisk = (path: string, flows: readonly string[], inImage: boolean): string =>
  `${subject(flows)} may read '${path}' relative to the working directory, which is another one in a run: ` +
  (inImage
    ? 'build the path from Path(__file__).parent, or copy the file into the image, such as with ' +
      `\`files: ${path}:/srv/${path}\`, and read it by its path there`
    : 'build the path from Path(__file__).parent, or read the file when the module is loaded')

const poolRisk = (name: string, flows: readonly string[], inImage: boolean): string =>
  `${subject(flows)} may send the function '${name}' to a pool of processes, which fails: the function is stored with the flow, where they can't import it. ` +
  (inImage
    ? 'Move it to a module that this one imports and that `flows` leaves out, with a line such as `!flows/pool.py`'
    : 'Use threads, or docker storage with the function in another module')

/** The notice about a flow that no entrypoint can name. */
export const unaddressableNotice = ({
  name,
  file,
  line,
  why
}: LoadResult['unaddressable'][number]): Notice => ({
  level: 'notice',
  message: `flow "${name}" is left out: ${why.replace(/\.$/, '')}`,
  file,
  line
})

/** The notice about a call in a module that has no effect while it is loaded. */
export const callNotice = ({ call, file, line }: LoadResult['calls'][number]): Notice => ({
  level: 'notice',
  message: `\`${call}\` has no effect while flows are loaded: put it below \`if __name__ == "__main__":\`, or remove it`,
  file: file ?? undefined,
  line: line ?? undefined
})

/**
 * The warning about a flow that holds the value of a variable for the load.
 *
 * @param flow the flow's module and line
 */
export const revealedNotice = (
  { variable, flow: name, where }: LoadResult['revealed'][number],
  flow: { readonly module: string; readonly line: number } | undefined
): Notice => ({
  level: 'warning',
  message:
    `flow "${name}" holds the value of ${variable} of load-env-vars (${where}), and whoever can read the flow can read it: ` +
    'read the variable in the task that needs it, when it runs',
  file: flow?.module,
  line: flow?.line
})

type Flowless = LoadResult['flowless'][number]

/** Modules that are named in one line. */
const MOST_NAMED = 5

function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMED
  return `${names.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** What would build flows in a module, as sentences. */
const seenText = ({ seen }: Flowless): string =>
  seen.map(clause => `${clause.slice(0, 1).toUpperCase()}${clause.slice(1)}.`).join(' ')

/** The same with the module's name, as one sentence. */
const seenIn = ({ file, seen }: Flowless): string => `In ${file}, ${seen.join(', and ')}.`

/** What to do about code that builds a flow, but does not run when its module is imported. */
function flowlessHint(flowless: readonly Flowless[]): string {
  const [factory] = flowless.flatMap(({ file, factories }) =>
    factories.map(name => `${file}:${name}`)
  )
  const bind = 'bind the flow to a variable at the top level of the module'
  return factory === undefined
    ? `To store such a flow, ${bind}.`
    : `To store such a flow, name the function in flows, such as ${factory}, or ${bind}.`
}

/** The notice about modules that would build a flow, but have none; undefined without any. */
export function flowlessNotice(flowless: readonly Flowless[]): Notice | undefined {
  const builders = flowless.filter(({ seen }) => seen.length > 0)
  const [first] = builders
  if (first === undefined) return undefined
  const one = builders.length === 1
  const sentences = one
    ? [`no flow is stored from ${first.file}.`, seenText(first)]
    : [
        `no flow is stored from ${builders.length} modules.`,
        ...builders.slice(0, MOST_NAMED).map(seenIn),
        ...(builders.length > MOST_NAMED
          ? [`${builders.length - MOST_NAMED} more modules do.`]
          : [])
      ]
  return {
    level: 'notice',
    message: [
      ...sentences,
      flowlessHint(builders),
      `To leave ${one ? 'the' : 'a'} module out, add the line !${one ? first.file : 'FILE'} to flows.`
    ].join(' '),
    file: first.file
  }
}

/** The line about modules without a flow that build none; undefined without any. */
export function helpersText(flowless: readonly Flowless[]): string | undefined {
  const files = flowless.filter(({ seen }) => seen.length === 0).map(({ file }) => file)
  if (files.length === 0) return undefined
  return `${files.length} ${files.length === 1 ? 'module has' : 'modules have'} no flow: ${listed(files)}`
}

const FLOW_IS = {
  pickles: 'A flow is a prefect.Flow bound at module level, also in a list or dict there.',
  entrypoints:
    'A flow is a function with `@flow` that is bound to a variable at the top level of a module.'
}

/** The error if there is no flow to store. */
export function noFlow(
  modules: readonly ModuleRequest[],
  flowless: readonly Flowless[],
  unaddressable: LoadResult['unaddressable'] = [],
  flowsAre: 'pickles' | 'entrypoints' = 'pickles'
): FlowstoreError {
  const builders = flowless.filter(({ seen }) => seen.length > 0)
  const refused = unaddressable.map(
    ({ name, file, line, why }) => `${file}:${line}: flow "${name}": ${why}`
  )
  const detail = [...builders.map(seenIn), ...refused].join('\n')
  return new FlowstoreError(
    'FLOW_NOT_FOUND',
    `no flow in ${listed(modules.map(module => module.file))}`,
    detail === ''
      ? { hint: FLOW_IS[flowsAre] }
      : { ...(builders.length > 0 && { hint: flowlessHint(builders) }), detail }
  )
}
