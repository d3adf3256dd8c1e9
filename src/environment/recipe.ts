import type { BuildKwargs } from '../docker/build-kwargs.js'
import { addedStepKwargs } from '../docker/build-kwargs.js'
import type { ImageFile } from '../options/files.js'
import { installScript, type InstallScript } from '../packages/install-step.js'
import { requirementsIdentity, type Requirements } from '../packages/requirements.js'
import type { Installer } from '../packages/uv.js'
import { sourcesHash } from '../sources/hash.js'
import type { PathFilter } from '../sources/ignore.js'
import type { Sources } from '../sources/sources.js'
import { sha256Json } from '../util/hash.js'
import { VERSION } from '../version.js'
import { contentsOf, copiedFiles, type CopiedFiles } from './plan/files.js'

/** What an environment image is made of, beside its base image. */
export interface EnvironmentRecipe {
  /** Release or git ref; default what the requirements pin, else what the base image has. */
  readonly prefectVersion?: string | undefined
  readonly requirements: Requirements
  /** What installs them; default `auto`. */
  readonly installer?: Installer | undefined
  readonly envVars: Readonly<Record<string, string>>
  readonly files: readonly ImageFile[]
  /** What `.dockerignore` keeps of folders in `files`; default all. */
  readonly filter?: PathFilter | undefined
  /** Lines of a Dockerfile that come last, some of them after the flows: {@link splitCommands}. */
  readonly extraCommands?: readonly string[]
  /** Prefect's folder in the image; default the release's. */
  readonly prefectDirectory?: string | undefined
  /** Whether flows are loaded in the image only, and stored elsewhere; default false. */
  readonly withoutFlows?: boolean
  /** Location of the flows, where it is not in Prefect's folder. */
  readonly path?: string | undefined
  readonly buildKwargs?: BuildKwargs
  /** The repository, for requirements that are paths in it. */
  readonly sources: Sources
}

/** A recipe whose files are read. */
export interface PreparedRecipe {
  readonly recipe: EnvironmentRecipe
  readonly files: CopiedFiles
  readonly installScript: InstallScript
  /** The build arguments that the added steps take: {@link addedStepKwargs}. */
  readonly buildKwargs: BuildKwargs
  /** Identifies all of it by its content. */
  readonly hash: string
}

/** Raised whenever the same recipe gives another image, so that no older image is taken for it. */
const RECIPE_VERSION = 4

/** Reads the files of a recipe, and identifies it by its content. */
export async function prepareRecipe(recipe: EnvironmentRecipe): Promise<PreparedRecipe> {
  const {
    requirements,
    installer = 'auto',
    sources,
    filter,
    buildKwargs: givenKwargs,
    files: copies,
    ...rest
  } = recipe
  const buildKwargs = addedStepKwargs(givenKwargs ?? {})
  const files = await copiedFiles(sources.root, copies, filter ?? (() => true))
  const script = await installScript()
  const hash = sha256Json([
    [VERSION, RECIPE_VERSION],
    rest,
    installer,
    // Labels are in the key of the image with flows: with those of a commit, each would install anew.
    { ...buildKwargs, nocache: undefined, labels: undefined },
    requirementsIdentity(requirements),
    script.hash,
    files.instructions,
    await contentsOf(files.context),
    requirements.local.length > 0 ? await sourcesHash(sources) : null
  ])
  return { recipe, files, installScript: script, buildKwargs, hash }
}

/**
 * Identifies an environment image by all that goes into it. What pip finds on a day is not part of the
 * key: the digest of the image tells that.
 *
 * @param base digest of the base image
 * @param platform `os/architecture`, since a digest may name images of several
 */
export const environmentKey = ({ hash }: PreparedRecipe, base: string, platform: string): string =>
  sha256Json([hash, base, platform]).slice(0, 20)
