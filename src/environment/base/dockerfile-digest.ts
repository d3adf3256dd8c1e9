import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Add, Copy, DockerfileParser, From } from 'dockerfile-ast'
import { dockerFilter } from '../../sources/ignore.js'
import { FlowstoreError } from '../../errors.js'
import { sha256Json } from '../../util/hash.js'
import { contentsOf, copiedFiles } from '../plan/copied-files.js'
import type { UserDockerfile } from './user-dockerfile.js'
import { environmentKwargs } from '../../docker/build-kwargs.js'

/** What a Dockerfile builds on and copies, according to its text. */
export interface DockerfileInputs {
  /** References of images, without its own stages. */
  readonly images: readonly string[]
  /** Paths in the build context. */
  readonly sources: readonly string[]
}

/** Facts about the image of a user's Dockerfile before it is built. */
export interface DockerfileDigest {
  /** Identifies its content. */
  readonly digest: string
  /** The images that it is built on. */
  readonly images: readonly string[]
}

/** `$NAME`, `${NAME}` and `${NAME:-default}` with their values; undefined if one is unknown. */
function expanded(text: string, values: ReadonlyMap<string, string>): string | undefined {
  const result = text.replace(
    /\$(?:(\w+)|\{(\w+)(?::-([^}]*))?\})/g,
    (all, bare: string | undefined, braced: string | undefined, otherwise: string | undefined) =>
      values.get(bare ?? braced ?? '') ?? otherwise ?? all
  )
  return result.includes('$') ? undefined : result
}

/** The part of a path before any pattern. Docker's patterns match hidden files, and folders with their content. */
function fixedPart(source: string): string {
  const parts = source.split('/').filter(part => part !== '')
  const pattern = parts.findIndex(part => /[*?[\\]/.test(part))
  return (pattern === -1 ? parts : parts.slice(0, pattern)).join('/') || '.'
}

/** Sources and destination of COPY or ADD. */
function pathsOf(instruction: Copy | Add): string[] {
  const content = instruction.getRawArgumentsContent() ?? ''
  if (content.startsWith('[')) {
    try {
      return JSON.parse(content) as string[]
    } catch {
      // Not the JSON form: a path may begin with a bracket.
    }
  }
  return instruction.getArguments().map(part => part.getValue())
}

/**
 * Reads the inputs of an image from its Dockerfile (Dockerfile reference: ARG before FROM, `--from`,
 * `--mount`).
 *
 * @returns undefined if they depend on something outside the text, such as an address that ADD reads
 */
export function dockerfileInputs(
  text: string,
  buildargs: Readonly<Record<string, string>> = {}
): DockerfileInputs | undefined {
  const file = DockerfileParser.parse(text)
  const lines = text.split(/\r?\n/)
  const values = new Map<string, string>()
  for (const argument of file.getInitialARGs()) {
    const property = argument.getProperty()
    const name = property?.getName() ?? ''
    const value = buildargs[name] ?? property?.getValue()
    if (value !== null && value !== undefined) values.set(name, value)
  }
  const stages = new Set(['scratch'])
  const images = new Set<string>()
  const sources = new Set<string>()
  const addImage = (reference: string | undefined): boolean => {
    if (reference === undefined) return false
    if (!stages.has(reference.toLowerCase()) && !/^\d+$/.test(reference)) images.add(reference)
    return true
  }
  for (const instruction of file.getInstructions()) {
    const { start, end } = instruction.getRange()
    const words = lines.slice(start.line, end.line + 1).join('\n')
    if (instruction instanceof From) {
      if (!addImage(expanded(instruction.getImage() ?? '$', values))) return undefined
      const stage = instruction.getBuildStage()
      if (stage !== null) stages.add(stage.toLowerCase())
      continue
    }
    for (const [, mount = ''] of words.matchAll(/--mount=(\S+)/g)) {
      const from = /(?:^|,)from=([^,]+)/.exec(mount)?.[1]
      if (from === undefined) {
        if (!/(?:^|,)type=(?:cache|tmpfs|secret|ssh)(?:,|$)/.test(mount)) sources.add('.')
      } else if (!addImage(expanded(from, values))) return undefined
    }
    if (!(instruction instanceof Copy || instruction instanceof Add)) continue
    const from = /(?:^|\s)--from=(\S+)/.exec(words)?.[1]
    if (from !== undefined) {
      if (!addImage(expanded(from, values))) return undefined
      continue
    }
    const paths = pathsOf(instruction)
    for (const source of paths.slice(0, -1)) {
      if (source.includes('$') || source.startsWith('<<') || source.includes('://'))
        return undefined
      sources.add(fixedPart(source))
    }
  }
  return { images: [...images], sources: [...sources] }
}

/**
 * Identifies the image of a user's Dockerfile without building it: its text, what it copies, and the images
 * that it is built on.
 *
 * @param digestOf the digest of an image that it is built on
 * @returns undefined if only a build can tell
 */
export async function dockerfileDigest(
  { path, cwd, dockerignore, buildKwargs }: UserDockerfile,
  digestOf: (reference: string) => Promise<string | undefined>
): Promise<DockerfileDigest | undefined> {
  const text = await readFile(resolve(cwd, path), 'utf8')
  const inputs = dockerfileInputs(text, buildKwargs.buildargs)
  if (inputs === undefined) return undefined
  const bases: string[] = []
  for (const reference of inputs.images) {
    // A fault here also fails the build, which reports it.
    const digest = await digestOf(reference).catch(() => undefined)
    if (digest === undefined) return undefined
    bases.push(digest)
  }
  try {
    const { context } = await copiedFiles(
      cwd,
      inputs.sources.map(source => ({ source, destination: '/' })),
      await dockerFilter(cwd, dockerignore)
    )
    const kwargs = environmentKwargs(buildKwargs)
    const digest = `sha256:${sha256Json([text, await contentsOf(context), bases, kwargs])}`
    return { digest, images: inputs.images }
  } catch (error) {
    // The build reports a missing file better.
    if (error instanceof FlowstoreError) return undefined
    throw error
  }
}
