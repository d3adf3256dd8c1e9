import { existsSync } from 'node:fs'
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
import { isLibraryFile, libraryModules, writeModules } from './library-sources.js'

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
  /** The file with the modules of its standard library that have no bytecode. */
  readonly library: string
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
  const read = () => filesOf(client, repository, image, reference, log)
  const known = await cachedFacts(cache, image, read)
  return { client, name: { registry, repository }, digest: found.digest, platform, image, ...known }
}

/** Increase it when the facts are other ones. */
const FACTS_VERSION = 7

type KnownBase = Pick<RegistryBase, 'facts' | 'library'>

async function cachedFacts(
  cache: string,
  image: PlatformImage,
  read: () => Promise<ImageFiles>
): Promise<KnownBase> {
  const name = `${image.manifest.digest.replace(':', '-')}-${VERSION}-${FACTS_VERSION}`
  const file = join(cache, 'flowstore-base', `${name}.json`)
  const library = join(cache, 'flowstore-base', `${name}-library.jsonl`)
  const text = existsSync(library) ? await ifThere(readFile(file, 'utf8')) : undefined
  const known = text === undefined ? undefined : parseBaseFacts(text)
  if (known !== undefined) return { facts: known, library }
  const files = await read()
  const { env, ...config } = processConfig(image)
  const facts = baseFacts(files, env['PATH'], startingFiles({ env, ...config }))
  await mkdir(dirname(file), { recursive: true })
  await writeWhole(library, draft => writeModules(draft, libraryModules(files, facts.python)))
  await writeWhole(file, draft => writeFile(draft, JSON.stringify(facts)))
  return { facts, library }
}

/** Puts a file in its place when it is complete. */
async function writeWhole(file: string, write: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${file}.${process.pid}`
  await write(draft)
  await rename(draft, file)
}

async function filesOf(
  client: RegistryClient,
  repository: string,
  image: PlatformImage,
  reference: string,
  log: Log
): Promise<ImageFiles> {
  const { layers } = parseManifest(image.manifest)
  const all = layers.reduce((sum, { size }) => sum + size, 0)
  log.info(`Base image ${reference}: reading its ${layers.length} layers (${humanSize(all)}), once`)
  const files = new ImageFiles()
  const starting = startingFiles(processConfig(image))
  let done = 0
  for (const layer of layers) {
    await client.readBlob(repository, layer, async body => {
      await files.add(
        verified(body, layer.digest, bytes => {
          log.progress(`reading the base image: ${humanSize(done + bytes)} of ${humanSize(all)}`)
        }),
        layer.mediaType,
        path => isWantedFile(path) || isLibraryFile(path) || starting.includes(path)
      )
    })
    done += layer.size
  }
  return files
}

/** The files that the words of an ENTRYPOINT may name. */
const startingFiles = ({ entrypoint, env }: ProcessConfig): string[] =>
  entrypoint.flatMap(word =>
    word.startsWith('/')
      ? [word]
      : (env['PATH'] ?? '').split(':').map(folder => posix.join(folder, word))
  )
