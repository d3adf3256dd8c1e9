import type { BuildKwargs } from '../../src/docker/build-kwargs.js'
import type { BaseImage } from '../../src/environment/base/base-image.js'
import { planEnvironment, type EnvironmentPlan } from '../../src/environment/plan/plan.js'
import { prepareRecipe } from '../../src/environment/recipe.js'
import { silentLog } from '../../src/log.js'
import { readRequirements } from '../../src/packages/read-requirements.js'
import type { Installer } from '../../src/packages/uv.js'
import { listSources } from '../../src/sources/listing.js'
import type { Sources } from '../../src/sources/sources.js'
import { repository } from './flowstore.js'

/** A base image with an old Python and no Prefect. */
export const BASE: BaseImage = {
  reference: 'python:3.6',
  from: 'python:3.6@sha256:1',
  digest: 'sha256:1',
  platform: 'linux/amd64',
  user: '',
  env: {},
  shell: [],
  python: 'python',
  versions: { python: '3.6.15', prefect: null, cloudpickle: null, pip: '21.3.1' },
  layers: 1
}

/** A base image with Prefect 1.4.1. */
export const WITH_PREFECT: BaseImage = {
  ...BASE,
  versions: { python: '3.9.18', prefect: '1.4.1', cloudpickle: '3.1.2', pip: '23.3.2' }
}

/** The inputs of an environment image's plan. */
export interface Recipe {
  /** Default {@link BASE}. */
  readonly base?: BaseImage
  readonly prefectVersion?: string
  readonly lines?: readonly string[]
  readonly file?: string | undefined
  readonly envVars?: Readonly<Record<string, string>>
  readonly files?: readonly { readonly source: string; readonly destination: string }[]
  readonly installer?: Installer
  readonly extraCommands?: readonly string[]
  readonly buildKwargs?: BuildKwargs
  readonly importRoots?: readonly string[]
}

/** Prefect 0.5.4, to be installed on {@link BASE}. */
export const OLD_PREFECT: Recipe = { prefectVersion: '0.5.4' }

/** A repository with requirements, a folder with data and a program. */
export const recipeRepository = (): string =>
  repository({ 'requirements.txt': 'pandas\n', 'data/a.csv': '1', 'tool.sh': '#!/bin/sh' })

/** Plans an environment image for a repository; default a fresh one. */
export async function plan(
  recipe: Recipe,
  root = recipeRepository(),
  log = silentLog(),
  sources?: Sources
): Promise<EnvironmentPlan> {
  const prepared = await prepareRecipe({
    prefectVersion: recipe.prefectVersion,
    requirements: await readRequirements(root, recipe.lines ?? [], recipe.file),
    installer: recipe.installer,
    envVars: recipe.envVars ?? {},
    files: recipe.files ?? [],
    extraCommands: recipe.extraCommands ?? [],
    buildKwargs: recipe.buildKwargs ?? {},
    importRoots: recipe.importRoots,
    sources: sources ?? (await listSources(root))
  })
  return planEnvironment(prepared, recipe.base ?? BASE, log)
}

/** The texts in the build context of a plan, by their paths. */
export const textsOf = ({ context }: EnvironmentPlan): Record<string, string> =>
  Object.fromEntries(
    context.flatMap(entry => ('content' in entry ? [[entry.path, String(entry.content)]] : []))
  )
