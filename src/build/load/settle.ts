import { readFile } from 'node:fs/promises'
import { posix, resolve } from 'node:path'
import { throwAll } from '../../errors.js'
import type { LoadedFlows } from '../../flows/load.js'
import {
  callNotice,
  flowlessNotice,
  helpersText,
  missingNotice,
  revealedNotice,
  riskNotice,
  unaddressableNotice
} from '../../flows/messages.js'
import type { Log } from '../../log.js'
import { lacksRegistry, missingRegistry, referenceErrors } from '../../options/checks.js'
import { platformErrors } from '../../options/platform-checks.js'
import { sameEnvironment } from '../../options/identity.js'
import type { Options } from '../../options/options.js'
import { STORAGE_KINDS } from '../../prefect/storage-kinds.js'
import { moduleCandidates } from '../../sources/specs.js'
import { withOptions, type BuildInputs } from '../inputs.js'
import type { FoundBuild, LoadedBuild, LoadOutcome, SettledBuild } from './loaded-build.js'
import { lookUpFlows } from '../look-up.js'
import type { Services } from '../services.js'
import { leftOutNotice, missedSourceHint } from './missed-source.js'
import { checkGeneration } from './check-generation.js'
import { keysOf } from './keys-of.js'
import { usableFlows, warnOfFailed, type UsableFlows } from './load-errors.js'
import { moduleElsewhereHint } from './module-elsewhere.js'
import { mergeModuleStorages, type Merged } from './module-storages.js'
import { noticeNewRelease } from './release.js'
import { revealedSettings } from './revealed-settings.js'
import { stepsWithSecrets } from './steps-with-secrets.js'

/**
 * Loads the flows with the options that the storages in their modules add. These are known after a load: if
 * they need another environment, the flows are loaded again in it.
 *
 * @param load loads the flows, or finds an image that has them
 * @throws FlowstoreError (or FlowstoreErrors with every problem of the modules)
 */
export async function settle(
  inputs: BuildInputs,
  services: Services,
  load: Load
): Promise<FoundBuild | SettledBuild> {
  const first = await loadWithDependencies(inputs, services, load)
  noticeNewRelease(first, services.log)
  const { options } = first.inputs
  if (first.kind === 'found') {
    checkGeneration(options, first.found.storage.rules.release)
    return first
  }
  const usable = { ...first, ...usableFlows(first.loaded, options) }
  checkGeneration(options, usable.loaded.versions.prefect)
  const merged = merge(usable, inputs, services)
  const settled = await withModuleOptions(usable, merged.options, services, load)
  if (settled.kind === 'found') return settled
  warnOfFailed(settled.failed, services.log)
  await noticeProblems(settled, services.log)
  const loaded = onlyMerged(settled.loaded, merged)
  const keys = await keysOf({ ...settled, loaded }, services)
  return { ...settled, secrets: merged.secrets, loaded, keys }
}

/** Loads the flows, or finds an image that has them. */
export type Load = (inputs: BuildInputs, services: Services) => Promise<LoadOutcome>

const usesImage = ({ storage, loadIn }: Options): boolean =>
  STORAGE_KINDS[storage].flowsIn === 'image' || loadIn === 'image'

/**
 * Loads the flows. If a module can't be imported and its Docker storage names dependencies, the flows are
 * loaded once more with these dependencies.
 */
async function loadWithDependencies(
  inputs: BuildInputs,
  services: Services,
  load: Load
): Promise<LoadOutcome> {
  const first = await load(inputs, services)
  if (first.kind === 'found') return first
  const { options } = inputs
  const { problems, dependencies } = first.loaded
  const missing = dependencies.filter(line => !options.pythonDependencies.includes(line))
  if (problems.length === 0 || missing.length === 0 || !usesImage(options)) return first
  services.log.info(`A module can't be imported; its Docker storage requires ${missing.join(' ')}`)
  const pythonDependencies = [...options.pythonDependencies, ...missing]
  return load(await withOptions(inputs, { ...options, pythonDependencies }, services), services)
}

type MergedFlows = Merged<LoadedFlows['flows'][number]>

/** Whether the options that modules set need another environment image, or go into another image. */
const needsOtherImage = (before: Options, merged: Options): boolean =>
  merged.registryUrl !== before.registryUrl ||
  merged.imageName !== before.imageName ||
  !sameEnvironment(before, merged)

/** Whether flows of an image have to be loaded again, since the storages in their modules need another image. */
export function isLoadedAgain(inputs: BuildInputs, flows: LoadedFlows['flows']): boolean {
  const declared = declaredPaths(inputs)
  const { options } = mergeModuleStorages(inputs.options, flows, path => declared.has(path))
  return needsOtherImage(inputs.options, options)
}

function merge(
  { inputs, loaded }: LoadedBuild,
  declaring: BuildInputs,
  services: Services
): MergedFlows {
  const { log } = services
  const declared = declaredPaths(declaring)
  const merged = mergeModuleStorages(inputs.options, loaded.flows, path => declared.has(path))
  const isStrict = inputs.options.storageConflict === 'error'
  throwAll([
    ...revealedSettings(inputs, loaded.flows),
    ...stepsWithSecrets(inputs.options, merged.options, services),
    ...merged.errors,
    ...(isStrict ? merged.conflicts : [])
  ])
  if (merged.noneStored !== undefined) throw merged.noneStored
  throwAll([...referenceErrors(merged.options), ...platformErrors(merged.options)])
  if (lacksRegistry(merged.options)) throw missingRegistry()
  for (const notice of merged.notices) log.notice(notice)
  return merged
}

/**
 * The paths that a module may copy into an image, and the folders above them: the sources, and what is no source
 * only because a load has no use for it. What ignore files exclude is not among them.
 */
function declaredPaths({ sources, leftOut }: BuildInputs): ReadonlySet<string> {
  const paths = new Set(['.'])
  for (const { path, link } of [...sources.files, ...leftOut.map(({ file }) => file)]) {
    if (link !== undefined) continue
    for (let above = path; !/(^|\/)\.\.?$/.test(above); above = posix.dirname(above))
      paths.add(above)
  }
  return paths
}

/** Adds the modules' options to a build. If they require it, the flows are loaded or looked up again. */
async function withModuleOptions(
  build: LoadedBuild & UsableFlows,
  options: Options,
  services: Services,
  load: Load
): Promise<FoundBuild | (LoadedBuild & UsableFlows)> {
  const before = build.inputs.options
  if (usesImage(before) && needsOtherImage(before, options)) {
    services.log.info('The storages in the modules need another environment or another image')
    const reloaded = await load(await withOptions(build.inputs, options, services), services)
    return reloaded.kind === 'found'
      ? reloaded
      : { ...reloaded, ...usableFlows(reloaded.loaded, options) }
  }
  const inputs = { ...build.inputs, options }
  if (build.image === null || options.imageTag === before.imageTag) return { ...build, inputs }
  const lookup = await lookUpFlows(inputs, build.image, services)
  return lookup.kind === 'found'
    ? { kind: 'found', inputs, found: lookup.found }
    : { ...build, inputs, image: lookup.planned }
}

async function noticeProblems({ inputs, loaded }: LoadedBuild, log: Log): Promise<void> {
  const { flows, unregistrable, missing, leftOut, flowless, calls, revealed } = loaded
  const helpers = helpersText(flowless)
  if (helpers !== undefined) log.info(helpers)
  const notice = flowlessNotice(flowless)
  if (notice !== undefined) log.notice(notice)
  for (const call of calls) log.notice(callNotice(call))
  for (const flow of loaded.unaddressable) log.notice(unaddressableNotice(flow))
  for (const found of revealed) {
    log.notice(
      revealedNotice(
        found,
        flows.find(flow => flow.name === found.flow)
      )
    )
  }
  for (const { message, hint, file, line } of unregistrable) {
    const more = hint === undefined ? '' : `. ${hint}`
    const text = `left out of flows.json: ${message.replace(/\.$/, '')}${more}`
    log.notice({ level: 'warning', message: text, file, line })
  }
  const isLeftOut = ({ file, line }: LoadedFlows['missing'][number]) =>
    leftOut.some(one => one.file === file && one.line === line)
  for (const one of missing.filter(each => !isLeftOut(each))) {
    const absent = moduleCandidates(one.module, inputs.importRoots)
    const hint =
      (await missedSourceHint(inputs, absent)) ?? (await moduleElsewhereHint(inputs, one.module))
    log.notice(missingNotice(one, hint))
  }
  for (const one of leftOut) log.notice(leftOutNotice(one))
  const inImage = STORAGE_KINDS[inputs.options.storage].flowsIn === 'image'
  for (const risk of await certainRisks(inputs, loaded.risks)) log.notice(riskNotice(risk, inImage))
}

/**
 * The risks without paths from `__file__`, whose files may travel, paths that are no sources, and those that may be
 * in the working directory of the image.
 */
async function certainRisks(
  inputs: BuildInputs,
  risks: LoadedFlows['risks']
): Promise<LoadedFlows['risks']> {
  const calls = risks.filter(({ kind }) => kind === 'path' || kind === 'process')
  if (!calls.some(({ kind }) => kind === 'path')) return calls
  const { options, sources } = inputs
  const declared = declaredPaths(inputs)
  const copiesAll = await dockerfileCopies(options, sources.root)
  const isCopied = (path: string) =>
    options.files.some(({ source }) => {
      const from = posix.normalize(source).replace(/\/$/, '')
      return from === '.' || path === from || path.startsWith(`${from}/`)
    })
  const isCertain = (path: string) => declared.has(path) && !copiesAll && !isCopied(path)
  return calls.filter(({ kind, name }) => kind !== 'path' || isCertain(name))
}

/** Whether the user's Dockerfile copies files: flows may find these relative to its working directory. */
async function dockerfileCopies({ dockerfile }: Options, root: string): Promise<boolean> {
  if (dockerfile === undefined) return false
  return /^\s*(COPY|ADD)\s/im.test(await readFile(resolve(root, dockerfile), 'utf8'))
}

/** Leaves out the flows that do not go into this storage. */
function onlyMerged(loaded: LoadedFlows, merged: MergedFlows): LoadedFlows {
  const names = new Set(merged.flows.map(flow => flow.name))
  return { ...loaded, flows: loaded.flows.filter(flow => names.has(flow.name)) }
}
