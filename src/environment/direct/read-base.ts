import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { FlowstoreError } from '../../errors.js'
import { variablesOf } from '../../image/image-variables.js'
import { parseManifest } from '../../image/oci/documents.js'
import { platformIn, type PlatformImage } from '../../image/oci/image.js'
import { ImageFiles } from '../../image/oci/image-files.js'
import { readImage } from '../../image/oci/read.js'
import type { Log } from '../../log.js'
import type { RegistryClient } from '../../registry/client.js'
import { parseReference, type RepositoryName } from '../../registry/reference.js'
import type { Registries } from '../../registry/registries.js'
import { verified } from '../../registry/verified.js'
import { ifThere } from '../../util/files.js'
import { humanSize } from '../../util/text.js'
import { VERSION } from '../../version.js'
import { baseFacts, isWantedFile, parseBaseFacts, type BaseFacts } from './base-facts.js'

/** A base image in a registry, read without a daemon. */
export interface RegistryBase {
  readonly client: RegistryClient
  readonly name: RepositoryName
  /** Digest that its reference names: of the index, if there is one. */
  readonly digest: string
  /** `os/architecture`. */
  readonly platform: string
  readonly image: PlatformImage
  readonly facts: BaseFacts
}

/** The configuration of an image for its processes. */
export interface ProcessConfig {
  readonly user: string
  readonly env: Readonly<Record<string, string>>
  readonly shell: readonly string[]
  readonly entrypoint: readonly string[]
}

export function processConfig({ config }: PlatformImage): ProcessConfig {
  const { User, Env, Shell, Entrypoint } = (config.config ?? {}) as Record<string, unknown>
  return {
    user: (User as string | undefined) ?? '',
    env: variablesOf(Env as string[] | undefined),
    shell: (Shell as string[] | undefined) ?? [],
    entrypoint: (Entrypoint as string[] | undefined) ?? []
  }
}

/**
 * Reads a base image from its registry: its documents, and what its files tell. Files are read once for each digest,
 * and the facts are kept in the cache.
 *
 * @param platform `os/architecture`
 * @throws FlowstoreError BASE_IMAGE_PULL; UnknownBase; LayerUnusable; RegistryUnusable
 */
export async function readBase(
  reference: string,
  platform: string,
  registries: Registries,
  cache: string,
  log: Log
): Promise<RegistryBase> {
  const { registry, repository, tag = 'latest', digest } = parseReference(reference)
  const client = await registries.client(registry)
  const found = await readImage(client, repository, digest ?? tag)
  if (found === undefined) {
    throw new FlowstoreError('BASE_IMAGE_PULL', `${registry} has no image ${reference}`, {
      hint: 'Check base-image; without it the image follows from the Prefect version and python, and not every combination was published.'
    })
  }
  const image = found.platforms.find(each => platformIn(each) === platform)
  if (image === undefined) {
    throw new FlowstoreError(
      'BASE_IMAGE_PULL',
      `the base image ${reference} is for ${found.platforms.map(platformIn).join(', ')}, not for ${platform}`,
      { hint: `Choose a base image for ${platform}, or choose other platforms.` }
    )
  }
  const read = () => factsOf(client, repository, image, reference, log)
  const facts = await cachedFacts(cache, image.manifest.digest, read)
  return { client, name: { registry, repository }, digest: found.digest, platform, image, facts }
}

/** Increase it when the facts are other ones. */
const FACTS_VERSION = 6

async function cachedFacts(
  cache: string,
  digest: string,
  read: () => Promise<BaseFacts>
): Promise<BaseFacts> {
  const name = `${digest.replace(':', '-')}-${VERSION}-${FACTS_VERSION}.json`
  const file = join(cache, 'flowstore-base', name)
  const text = await ifThere(readFile(file, 'utf8'))
  const known = text === undefined ? undefined : parseBaseFacts(text)
  if (known !== undefined) return known
  const facts = await read()
  await mkdir(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}`
  await writeFile(draft, JSON.stringify(facts))
  await rename(draft, file)
  return facts
}

async function factsOf(
  client: RegistryClient,
  repository: string,
  image: PlatformImage,
  reference: string,
  log: Log
): Promise<BaseFacts> {
  const { layers } = parseManifest(image.manifest)
  const all = layers.reduce((sum, { size }) => sum + size, 0)
  log.info(`Base image ${reference}: reading its ${layers.length} layers (${humanSize(all)}), once`)
  const files = new ImageFiles()
  const config = processConfig(image)
  const starting = startingFiles(config)
  let done = 0
  for (const layer of layers) {
    await client.readBlob(repository, layer, async body => {
      await files.add(
        verified(body, layer.digest, bytes => {
          log.progress(`reading the base image: ${humanSize(done + bytes)} of ${humanSize(all)}`)
        }),
        layer.mediaType,
        path => isWantedFile(path) || starting.includes(path)
      )
    })
    done += layer.size
  }
  return baseFacts(files, config.env['PATH'], starting)
}

/** The files that the words of an ENTRYPOINT may name. */
const startingFiles = ({ entrypoint, env }: ProcessConfig): string[] =>
  entrypoint.flatMap(word =>
    word.startsWith('/')
      ? [word]
      : (env['PATH'] ?? '').split(':').map(folder => posix.join(folder, word))
  )
