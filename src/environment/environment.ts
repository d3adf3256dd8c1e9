import { sourcesHash, type PathFilter, type Sources } from '../sources/sources.js'
import { installScript, type InstallScript } from '../packages/install-step.js'
import { requirementsIdentity, type Requirements } from '../packages/requirements.js'
import type { Installer } from '../packages/uv.js'
import { addedStepKwargs, type BuildKwargs } from '../docker/build-kwargs.js'
import type { ImageFile } from '../options/files.js'
import type { RegistryImage } from '../image/image.js'
import type { Daemon } from '../docker/connect.js'
import { sha256Json } from '../util/hash.js'
import { VERSION } from '../version.js'
import { contentsOf, copiedFiles, type CopiedFiles } from './files.js'
import { readAbout, type EnvironmentAbout } from '../image/labels.js'
import { variablesOf } from '../image/variables.js'

/** What an environment image is made of, beside its base image. */
export interface EnvironmentSpec {
  /** Release or git ref; default what the base image has, else what the requirements pin. */
  readonly prefectVersion?: string | undefined
  readonly requirements: Requirements
  /** What installs them; default `auto`. */
  readonly installer?: Installer | undefined
  readonly envVars: Readonly<Record<string, string>>
  readonly files: readonly ImageFile[]
  /** What `.dockerignore` keeps of folders in `files`; default all. */
  readonly filter?: PathFilter | undefined
  /** Lines of a Dockerfile that come last; some after the flows: {@link splitCommands}. */
  readonly extraCommands?: readonly string[]
  /** Prefect's folder in the image; default the release's. */
  readonly prefectDirectory?: string | undefined
  /** Whether flows are loaded in the image only, and stored elsewhere; default false. */
  readonly withoutFlows?: boolean
  /** Location of the flows, where it is not in that folder. */
  readonly path?: string | undefined
  readonly buildKwargs?: BuildKwargs
  /** The repository, for requirements that are paths in it. */
  readonly sources: Sources
}

/** An {@link EnvironmentSpec} whose files are read. */
export interface EnvironmentInputs {
  readonly spec: EnvironmentSpec
  readonly files: CopiedFiles
  readonly installScript: InstallScript
  /** Those of the arguments that added steps have: {@link addedStepKwargs}. */
  readonly buildKwargs: BuildKwargs
  /** Identifies all of it by its content. */
  readonly hash: string
}

/** Raised with every change of what is made of the same input, so that no older image is taken for it. */
const RECIPE = 4

/** Reads what an environment image is made of. */
export async function environmentInputs(spec: EnvironmentSpec): Promise<EnvironmentInputs> {
  const {
    requirements,
    installer = 'auto',
    sources,
    filter,
    buildKwargs: given,
    files: copies,
    ...rest
  } = spec
  const buildKwargs = addedStepKwargs(given ?? {})
  const files = await copiedFiles(sources.root, copies, filter ?? (() => true))
  const script = await installScript()
  const hash = sha256Json([
    [VERSION, RECIPE],
    rest,
    installer,
    // Labels are the image's, whose key has them: a commit's would have every commit install anew.
    { ...buildKwargs, nocache: undefined, labels: undefined },
    requirementsIdentity(requirements),
    script.hash,
    files.instructions,
    await contentsOf(files.context),
    requirements.local.length > 0 ? await sourcesHash(sources) : null
  ])
  return { spec, files, installScript: script, buildKwargs, hash }
}

/**
 * Identifies an environment image by all that goes into it. What pip finds on a day is not in it:
 * that is what an image's digest is for.
 *
 * @param base digest of the base image
 * @param platform `os/architecture`: a digest may name images of several
 */
export const environmentKey = (
  { hash }: EnvironmentInputs,
  base: string,
  platform: string
): string => sha256Json([hash, base, platform]).slice(0, 20)

/** An environment image that is there. */
export interface Environment {
  readonly key: string
  /** Reference that the daemon knows it by, or can pull it by. */
  readonly image: string
  /** Digest of its manifest; its id where it is in no registry. */
  readonly digest: string
  readonly about: EnvironmentAbout
  /** The variables that it sets. */
  readonly variables: Readonly<Record<string, string>>
  /** The user that its processes have; empty is root. */
  readonly user: string
  readonly buildKwargs: BuildKwargs
  /** It as the registry has it, where it is there. */
  readonly remote?: RegistryImage
}

/** An environment image as a registry has it, or undefined for one that is not of the key. */
export function remoteEnvironment(
  remote: RegistryImage,
  name: string,
  key: string,
  buildKwargs: BuildKwargs
): Environment | undefined {
  for (const { config } of remote.platforms) {
    const about = readAbout(config.config?.Labels ?? {}, key)
    if (about === undefined) continue
    const variables = variablesOf(config.config?.['Env'] as string[] | undefined)
    const { digest } = remote
    const user = (config.config?.['User'] as string | undefined) ?? ''
    return { key, image: `${name}@${digest}`, digest, about, variables, user, buildKwargs, remote }
  }
  return undefined
}

/** Tag of an environment image in a daemon. */
export const localTag = (key: string): string => `flowstore-environment:${key}`

/** The environment image of a key that the daemon has, or undefined. */
export async function localEnvironment(
  { engine }: Daemon,
  key: string,
  buildKwargs: BuildKwargs
): Promise<Environment | undefined> {
  const image = localTag(key)
  const facts = await engine.image(image).catch(() => undefined)
  // What an image does not have is null or left out here, whatever the types say.
  const about = facts && readAbout(facts.Config.Labels ?? {}, key)
  return (
    about && {
      ...{ key, image, digest: facts.Id, about, buildKwargs },
      variables: variablesOf(facts.Config.Env),
      user: facts.Config.User ?? ''
    }
  )
}
