import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { environmentFacts } from '../environment/environment-labels.js'
import { registryTag, type MadeEnvironment } from '../environment/environment.js'
import { labelJson } from '../image/labels.js'
import { lookUpImage, type ImageRepository } from '../image/repository.js'
import type { Log } from '../log.js'
import type { Options } from '../options/options.js'
import * as z from '../util/schema.js'
import { isIn, type Baseline } from './baseline.js'
import type { SettledBuild } from './load/loaded-build.js'
import type { FoundImage, PlannedImage } from './look-up.js'
import type { Services } from './services.js'

/** The image that an earlier result names. */
interface EarlierImage {
  readonly tag: string
  readonly digest: string
  /** The result, for a notice. */
  readonly by: string
}

const resultSchema = z.object({
  outputs: z.object({ 'image-ref': z.string(), 'image-tag': z.string() })
})

/** The image of a repository that the result in the output directory names; undefined without one. */
async function earlierImage(
  { outputDirectory }: Options,
  cwd: string,
  repository: ImageRepository
): Promise<EarlierImage | undefined> {
  const file = resolve(cwd, outputDirectory, 'report.json')
  const { data } = resultSchema.safeParse(labelJson(await readFile(file, 'utf8').catch(() => '')))
  const [name, digest] = data?.outputs['image-ref'].split('@') ?? []
  if (data === undefined || digest === undefined || name !== repository.name) return undefined
  return { tag: data.outputs['image-tag'], digest, by: `the result in ${outputDirectory}` }
}

/**
 * Warns of images that were there, and that the registry says it does not have: they are made again, as those of a first
 * build are. An earlier result in the output directory, or the image that flows are compared with, shows that they were.
 */
export async function warnOfLost(
  { inputs, image: planned }: Pick<SettledBuild, 'inputs' | 'image'>,
  baseline: Baseline | undefined,
  { cwd, log }: Pick<Services, 'cwd' | 'log'>
): Promise<void> {
  if (planned?.registry.kind !== 'direct') return
  const { repository } = planned.registry
  const { options } = inputs
  const compared = baseline !== undefined && isIn(baseline, repository) ? baseline : undefined
  const earlier = await earlierImage(options, cwd, repository)
  const warn = (tag: string, by: string) => {
    tell(repository, tag, by, log)
  }
  if (planned.wasAbsent === true) {
    const tag = registryTag(planned.environment.key)
    const by =
      compared?.environmentKey === planned.environment.facts.key
        ? `${compared.name} was built on`
        : earlier && (await whatShows(earlier, planned, repository))
    if (by !== undefined) warn(tag, by)
  }
  if (planned.isTagAbsent === true) {
    const tag = options.imageTag ?? planned.key
    if (earlier?.tag === tag) warn(tag, `${earlier.by} names`)
    else if (tag === compared?.key) warn(tag, `${compared.name} has the key of`)
  }
}

/** Warns of an environment image that was made again, although the image with flows on it was there. */
export function warnOfLostBase(
  { environment, wasAbsent }: MadeEnvironment,
  { repository, image }: Pick<FoundImage, 'repository' | 'image'>,
  log: Log
): void {
  if (wasAbsent !== true) return
  const by = `${repository.name}@${image.digest} was built on`
  tell(repository, registryTag(environment.key), by, log)
}

/** @param by what shows that it was there, and how */
function tell({ name }: ImageRepository, tag: string, by: string, log: Log): void {
  log.notice({
    level: 'warning',
    message: `the registry has lost the image ${name}:${tag}, which ${by}: it is made again`
  })
}

/** How an earlier image shows that there was an environment image, as a clause; undefined if it does not show it. */
async function whatShows(
  { digest, by }: EarlierImage,
  { environment }: PlannedImage,
  repository: ImageRepository
): Promise<string | undefined> {
  const lookup = await lookUpImage(repository, digest).catch(() => undefined)
  if (lookup?.kind !== 'found') return undefined
  const labels = lookup.image.own.config.config?.Labels ?? {}
  return environmentFacts(labels)?.key === environment.facts.key
    ? `the image of ${by} was built on`
    : undefined
}
