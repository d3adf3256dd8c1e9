import { addedStepKwargs, environmentKwargs, type BuildKwargs } from '../docker/build-kwargs.js'
import type { ImageFile } from '../options/values/image-files.js'
import type { IndexAddresses } from '../packages/indexes.js'
import { installScript, type InstallScript } from '../packages/install-step.js'
import { requirementsIdentity, type Requirements } from '../packages/requirements.js'
import type { Installer } from '../packages/uv.js'
import type { PickledFlowLine } from '../prefect/pickled-flow-line.js'
import type { LayoutRequest } from '../prefect/generation.js'
import { sourcesHash } from '../sources/sources-hash.js'
import { noDockerIgnore, type DockerIgnore } from '../sources/docker-ignore.js'
import type { Sources } from '../sources/sources.js'
import type { Notice } from '../log.js'
import { sha256Json } from '../util/hash.js'
import { VERSION } from '../version.js'
import { contentsOf, copiedFiles, type CopiedFiles } from './plan/copied-files.js'
import { FILE_REMEDY, leftOutNotices } from './plan/left-out.js'

/** The inputs of an environment image except its base image. */
export interface EnvironmentRecipe {
  /** Release or git ref; default what the requirements pin, else what the base image has. */
  readonly prefectVersion?: string | undefined
  readonly requirements: Requirements
  /** Shows that the flows are of Prefect 0.5 to 1.4; no part of what identifies the recipe. */
  readonly pickledFlow?: PickledFlowLine | undefined
  /** Where packages come from, without logins; default what pip is configured with. */
  readonly indexes?: IndexAddresses | undefined
  /** Installs them; default `auto`. */
  readonly installer?: Installer | undefined
  readonly envVars: Readonly<Record<string, string>>
  readonly files: readonly ImageFile[]
  /** The `.dockerignore` for folders in `files`; default no rules. */
  readonly dockerIgnore?: DockerIgnore | undefined
  /** The output directory, if it is below the repository's folder and relative to it; `files` copies around it. */
  readonly output?: string | undefined
  /** Lines of a Dockerfile that run last, some of them after the flows: {@link splitCommands}. */
  readonly extraCommands?: readonly string[]
  /** Name of the project, which the folder of its sources in the image has; default `flows`. */
  readonly project?: string | undefined
  /** The working directory below the folder that holds all sources; default that folder. */
  readonly workingDirectory?: string | undefined
  /** Folders to import modules from, relative to the working directory; default none. */
  readonly importRoots?: readonly string[] | undefined
  /** Prefect's folder in the image; default the release's. */
  readonly prefectDirectory?: string | undefined
  /** Whether flows are only loaded in the image and stored elsewhere; default false. */
  readonly withoutFlows?: boolean
  /** Location of the flows, if it is not in Prefect's folder. */
  readonly path?: string | undefined
  readonly buildKwargs?: BuildKwargs
  /** What requirements that are paths in the repository are built from. */
  readonly sources: Sources
}

/** A recipe whose files are read. */
export interface PreparedRecipe {
  readonly recipe: EnvironmentRecipe
  readonly files: CopiedFiles
  readonly installScript: InstallScript
  /** The build arguments for the added steps: {@link addedStepKwargs}. */
  readonly buildKwargs: BuildKwargs
  /** Identifies the recipe by its content. */
  readonly hash: string
}

/** What decides the layout of the image of a recipe. */
export const layoutRequest = ({
  project = 'flows',
  workingDirectory = '',
  importRoots = [],
  prefectDirectory,
  path
}: EnvironmentRecipe): LayoutRequest => ({
  project,
  workingDirectory,
  importRoots,
  prefectDirectory,
  path
})

/** The warning for what git ignores below the sources of `files`; none if that is nothing. */
export function filesNotices({ files, recipe }: PreparedRecipe): readonly Notice[] {
  const { dockerIgnore = noDockerIgnore() } = recipe
  const where = 'in what the option files copies'
  return leftOutNotices(files.leftOut, where, FILE_REMEDY, dockerIgnore)
}

/** Increase it when the same recipe gives another image, so that older images are not used. */
const RECIPE_VERSION = 13

/** Reads the files of a recipe, and identifies it by its content. */
export async function prepareRecipe(recipe: EnvironmentRecipe): Promise<PreparedRecipe> {
  const {
    requirements,
    installer = 'auto',
    sources,
    dockerIgnore = noDockerIgnore(),
    output,
    buildKwargs: userKwargs,
    files: copies,
    ...rest
  } = recipe
  const buildKwargs = addedStepKwargs(userKwargs ?? {})
  const files = await copiedFiles(copies, { cwd: sources.root, dockerIgnore, output })
  const script = await installScript()
  const hash = sha256Json([
    [VERSION, RECIPE_VERSION],
    { ...rest, pickledFlow: undefined },
    installer,
    environmentKwargs(buildKwargs),
    requirementsIdentity(requirements),
    script.hash,
    files.instructions,
    await contentsOf(files.context),
    requirements.local.length > 0 ? await sourcesHash(sources) : null
  ])
  return { recipe, files, installScript: script, buildKwargs, hash }
}

/**
 * Identifies an environment image by its inputs. The releases that pip finds are not part of the key: the
 * digest of the image covers them.
 *
 * @param base digest of the base image
 * @param platform `os/architecture`, since a digest may name images of several platforms
 */
export const environmentKey = ({ hash }: PreparedRecipe, base: string, platform: string): string =>
  sha256Json([hash, base, platform]).slice(0, 20)
