import { posix } from 'node:path'
import { nearest } from '../../util/text.js'
import type { DeployableFlow } from '../deployable-flow.js'

/** An entrypoint in parts. */
interface Entrypoint {
  /** Path of a module, or undefined for a module path. */
  readonly file: string | undefined
  /** Dotted path of module and attribute. */
  readonly dotted: string
  readonly attribute: string
}

/** An entrypoint as Prefect reads it: a path before the last colon, or else the path of a module. */
function parseEntrypoint(text: string, project: string): Entrypoint {
  const colon = text.lastIndexOf(':')
  const module = colon === -1 ? text : text.slice(0, colon)
  const attribute = colon === -1 ? '' : text.slice(colon + 1)
  if (!module.endsWith('.py')) {
    return {
      file: undefined,
      dotted: attribute === '' ? module : `${module}.${attribute}`,
      attribute
    }
  }
  const relative = module.startsWith(`${project}/`) ? module.slice(project.length + 1) : module
  const file = posix.normalize(relative)
  const dotted = file.replace(/(?:\/__init__)?\.py$/, '').replaceAll('/', '.')
  return { file, dotted: `${dotted}.${attribute}`, attribute }
}

/** The module file of an entrypoint with a path, normalized; undefined for the path of a module. */
export const moduleFile = (entrypoint: string, project: string): string | undefined =>
  parseEntrypoint(entrypoint, project).file

/**
 * The flow that an entrypoint of a user names: by path and attribute, or by the path of the module. The name of the
 * flow says nothing, since flows can share it.
 *
 * @param project the folder of the sources where the flows run; paths may begin with it
 */
export function flowOf(
  entrypoint: string,
  flows: readonly DeployableFlow[],
  project: string
): DeployableFlow | undefined {
  const wanted = parseEntrypoint(entrypoint, project)
  const parsed = flows.map(flow => ({ flow, ...parseEntrypoint(flow.entrypoint, project) }))
  const exact = parsed.find(({ file, dotted, attribute }) =>
    wanted.file !== undefined && file !== undefined
      ? file === wanted.file && attribute === wanted.attribute
      : dotted === wanted.dotted
  )
  const isModulePath = wanted.file === undefined && wanted.dotted.includes('.')
  if (exact !== undefined || !isModulePath) return exact?.flow
  // The module may lie below a folder that Python imports from, such as src.
  const below = parsed.filter(({ dotted }) => dotted.endsWith(`.${wanted.dotted}`))
  return below.length === 1 ? below[0]?.flow : undefined
}

/**
 * The entrypoint that is most like a text: of the flows in the same file if there are any, and of those the one whose name
 * stands in the place of its function.
 *
 * @param project as for {@link flowOf}
 */
export function nearestEntrypoint(
  entrypoint: string,
  flows: readonly DeployableFlow[],
  project: string
): string | undefined {
  const { file, attribute } = parseEntrypoint(entrypoint, project)
  const beside =
    file === undefined ? [] : flows.filter(flow => moduleFile(flow.entrypoint, project) === file)
  const named = beside.find(({ name }) => name === attribute)
  if (named !== undefined) return named.entrypoint
  const text = entrypoint.replace(/^\.\//, '')
  const nearestOf = (some: readonly DeployableFlow[]) =>
    nearest(
      text,
      some.map(flow => flow.entrypoint)
    )
  return nearestOf(beside) ?? nearestOf(flows)
}
