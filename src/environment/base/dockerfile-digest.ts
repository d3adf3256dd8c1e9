import { FlowstoreError } from '../../errors.js'
import { sha256Json } from '../../util/hash.js'
import { contentsOf } from '../plan/copied-files.js'
import { environmentKwargs } from '../../docker/build-kwargs.js'
import { dockerfileContext, dockerfileText, type UserDockerfile } from './dockerfile-context.js'
import { dockerfileInputs } from './dockerfile-inputs.js'

/** Facts about the image of a user's Dockerfile before it is built. */
export interface DockerfileDigest {
  /** Identifies its content. */
  readonly digest: string
  /** The images that it is built on. */
  readonly images: readonly string[]
}

/**
 * Identifies the image of a user's Dockerfile without building it: its text, what it copies, and the images
 * that it is built on.
 *
 * @param digestOf the digest of an image that it is built on
 * @returns undefined if only a build can tell
 */
export async function dockerfileDigest(
  dockerfile: UserDockerfile,
  digestOf: (reference: string) => Promise<string | undefined>
): Promise<DockerfileDigest | undefined> {
  const { buildKwargs } = dockerfile
  const text = await dockerfileText(dockerfile)
  const inputs = await dockerfileInputs(text, buildKwargs.buildargs)
  if (!inputs.isComplete) return undefined
  try {
    const bases: string[] = []
    for (const reference of inputs.images) {
      const digest = await digestOf(reference)
      if (digest === undefined) return undefined
      bases.push(digest)
    }
    const { context } = await dockerfileContext(dockerfile, inputs, inputs.sources)
    const kwargs = environmentKwargs(buildKwargs)
    const digest = `sha256:${sha256Json([text, await contentsOf(context), bases, kwargs])}`
    return { digest, images: inputs.images }
  } catch (error) {
    // A missing image or file also fails the build, which reports it better.
    if (error instanceof FlowstoreError) return undefined
    throw error
  }
}
