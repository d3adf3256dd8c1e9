import { join, posix } from 'node:path'
import { identityOf, type LoadedFlow } from '../flows/flow.js'
import { flowKeyOptions } from '../options/identity.js'
import { requirementsIdentity } from '../packages/requirements.js'
import { loaderDelivery } from '../python/delivery.js'
import { followLinks } from '../sources/links.js'
import { hashedSources, sourcesHash, type HashedSource } from '../sources/sources-hash.js'
import { rootBelowTop } from '../sources/sources.js'
import { sha256, sha256File, sha256Json } from '../util/hash.js'
import { VERSION } from '../version.js'
import type { BuildInputs } from './inputs.js'
import { variablesHash } from './load-variables.js'
import type { PlannedImage } from './look-up.js'

/** The keys of flows by `identityOf`, and why some of them cover all sources. */
export interface FlowKeys {
  readonly keys: ReadonlyMap<string, string>
  /** Lines for the log. */
  readonly open: readonly string[]
}

/**
 * The key of each flow: it changes with the environment, the options of the load, the flow's module, the modules
 * that it imports, every data file in the folders of these modules, and the files and folders that they name by a path
 * from their own. If the modules can't tell what they import or read, the key covers all sources. For comparing flows
 * of two builds; no load is skipped because of it.
 *
 * @param image undefined for a storage without an image
 */
export async function flowKeys(
  inputs: BuildInputs,
  flows: readonly LoadedFlow[],
  image: Pick<PlannedImage, 'environment'> | null
): Promise<FlowKeys> {
  const { modules } = inputs
  const common = await commonKey(inputs, image)
  const entries = await hashedSources(inputs.sources)
  const all = await sourcesHash(inputs.sources)
  // Flows of one module are made from the same files.
  const known = new Map<string, Promise<readonly HashedSource[] | string>>()
  const above = new Map([...entries.keys()].map(path => [path, foldersAbove(path)]))
  const keys = new Map<string, string>()
  const open: string[] = []
  for (const flow of flows) {
    const { name, module, versions, closure } = flow
    const list = JSON.stringify([closure.files, closure.data])
    const files = known.get(list) ?? filesOf(closure, inputs, entries, above)
    known.set(list, files)
    const used = closure.open ?? (await files)
    if (typeof used === 'string') open.push(`The key of flow "${name}" covers all sources: ${used}`)
    const covered = typeof used === 'string' ? all : used
    // A name in flows may be that of a function which makes the flow.
    const wanted = modules.find(({ file }) => file === module)?.flows ?? null
    keys.set(
      identityOf(flow),
      sha256Json([common, identityOf(flow), module, wanted, versions, covered]).slice(0, 20)
    )
  }
  return { keys, open }
}

/** What is part of the key of every flow, as plain JSON: all but the sources. */
export async function commonKey(
  inputs: BuildInputs,
  image: Pick<PlannedImage, 'environment'> | null
): Promise<readonly unknown[]> {
  const { registryUrl, imageName, envVars } = inputs.options
  return [
    VERSION,
    sha256((await loaderDelivery()).input),
    image === null ? requirementsIdentity(inputs.requirements) : environmentIdentity(image),
    flowKeyOptions(inputs.options),
    { registryUrl, imageName, envVars },
    await variablesHash(inputs.loadVariables),
    // Modules see the names of the folders above them.
    rootBelowTop(inputs.sources)
  ]
}

const environmentIdentity = ({
  environment: { key, location }
}: Pick<PlannedImage, 'environment'>) => [
  key,
  location.kind === 'registry' ? location.image.digest : null
]

/**
 * The files that a flow is made from, with those in the folders of its modules, and the data that these name; a text
 * says why they can't be told.
 *
 * @param above of each source: {@link foldersAbove}
 */
async function filesOf(
  { files, data }: LoadedFlow['closure'],
  { sources, leftOut }: BuildInputs,
  entries: ReadonlyMap<string, HashedSource>,
  above: ReadonlyMap<string, readonly string[]>
): Promise<readonly HashedSource[] | string> {
  const found = new Map<string, HashedSource>()
  const folders = new Set<string>()
  /** Adds what a path leads to, and the links on the way; false if that is no source. */
  const add = async (path: string): Promise<boolean> => {
    const resolved = followLinks(path, entries)
    if (resolved === undefined) return false
    for (const link of resolved.links) found.set(link[0], link)
    const entry = entries.get(resolved.path)
    if (entry !== undefined) {
      found.set(resolved.path, entry)
      return true
    }
    if ([...entries.keys()].some(each => each.startsWith(`${resolved.path}/`))) {
      folders.add(resolved.path)
      return true
    }
    // A load in the repository's own folder sees it.
    const isSeen = ({ file }: BuildInputs['leftOut'][number]) =>
      file.path === resolved.path && file.link === undefined
    if (!leftOut.some(isSeen)) return false
    const content = await sha256File(join(sources.root, resolved.path))
    found.set(resolved.path, [resolved.path, false, content, true])
    return true
  }
  for (const path of files) {
    if (!(await add(path))) return `${path} is no source`
    folders.add(posix.dirname(path))
    folders.add(posix.dirname(followLinks(path, entries)?.path ?? path))
  }
  const isIn = (inside: ReadonlySet<string>, path: string): boolean =>
    above.get(path)?.some(folder => inside.has(folder)) === true
  /** Folders that are named: their modules may be read as data. */
  const named = new Set<string>()
  for (const path of data) {
    if (!(await add(path))) return `${path} is no source`
    named.add(followLinks(path, entries)?.path ?? path)
  }
  // A link may lead to another folder with data.
  for (let before = -1; before < folders.size;) {
    before = folders.size
    for (const [path, entry] of entries) {
      if (found.has(path) || !isIn(folders, path)) continue
      if (path.endsWith('.py') && !isIn(named, path)) continue
      if (entry[3]) found.set(path, entry)
      else if (!(await add(path))) return `${path} is a link to what is no source`
    }
  }
  return [...found.values()].sort(([one], [other]) => (one < other ? -1 : 1))
}

/** The folders that a path lies in, also above others, up to the root. */
function foldersAbove(path: string): string[] {
  const folders = []
  for (let folder = posix.dirname(path); ; folder = posix.dirname(folder)) {
    folders.push(folder)
    if (folder === '.') return folders
  }
}
