import { realpath } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { openEvent, type OpenEvent } from '../ci/github-event.js'
import { forkOf } from '../ci/index.js'
import { dockerfileContext, dockerfileText } from '../environment/base/dockerfile-context.js'
import { dockerfileInputs } from '../environment/base/dockerfile-inputs.js'
import { copiedFiles } from '../environment/plan/copied-files.js'
import { FlowstoreError } from '../errors.js'
import type { Options } from '../options/options.js'
import { hasSeveralPlatforms } from '../options/platform-checks.js'
import { STORAGE_KINDS } from '../prefect/storage-kinds.js'
import { PREFECT_FILE } from '../sources/default-left-out.js'
import { DOCKER_IGNORE, readDockerIgnore } from '../sources/docker-ignore.js'
import { readWorkTree, type WorkTree } from '../sources/work-tree.js'
import { statIfThere } from '../util/files.js'
import { GitFailure } from '../util/git.js'
import { OWN_PLATFORM } from '../util/platform.js'
import { pathBelow } from '../util/relative-path.js'
import { canBeSecret } from '../util/secret-search.js'
import type { Services, Surroundings } from './services.js'

/**
 * The options for the code of this run: a pull request from a fork is built without a push, since CI services give
 * it no secrets, and GitHub a token that can't write. A notice says so.
 */
export async function withoutForkPush(options: Options, { env, log }: Services): Promise<Options> {
  const { storage, push, allowUntrustedCode } = options
  if (!push || allowUntrustedCode || STORAGE_KINDS[storage].flowsIn !== 'image') return options
  const fork = await forkOf(env)
  if (fork === undefined) return options
  const platform = hasSeveralPlatforms(options) ? `, for ${OWN_PLATFORM} alone` : ''
  log.notice({
    level: 'notice',
    message: `the pull request is from a fork (${fork}), which has no secrets: the image is built and not pushed${platform}`
  })
  return {
    ...options,
    push: false,
    // An index is only in a registry.
    platforms: [],
    assemble: options.assemble === 'append' ? 'auto' : options.assemble
  }
}

/** Why flows should not be loaded outside a container, as a clause: their code may be a stranger's. */
export async function strangersReason(
  { allowUntrustedCode }: Pick<Options, 'allowUntrustedCode'>,
  { env }: Pick<Services, 'env'>
): Promise<string | undefined> {
  const fork = allowUntrustedCode ? undefined : await forkOf(env)
  return fork === undefined ? undefined : `the pull request is from a fork (${fork})`
}

/** Warns if values of `load-env-vars`, secrets of the build or logins of indexes go to code that may be a stranger's. */
export async function warnOfValues(options: Options, services: Services): Promise<void> {
  const { loadEnvVars, dockerfile } = options
  const { env, secrets, indexes, log } = services
  // GitHub gives a fork empty ones, and a login may be a name alone.
  const hasSecrets = [...secrets.values()].some(canBeSecret)
  const seen = [
    ...(Object.keys(loadEnvVars).length > 0 ? ['the values of load-env-vars'] : []),
    ...(hasSecrets && dockerfile !== undefined ? ['the secrets that its Dockerfile mounts'] : []),
    ...(indexes.passwords.some(canBeSecret)
      ? ['the logins of package indexes, to build packages']
      : [])
  ]
  const why = seen.length === 0 ? undefined : await whyStrange(options, env)
  if (why === undefined) return
  for (const what of seen) log.notice({ level: 'warning', message: `${why}, sees ${what}` })
}

/** Why the code of a run that loads it may be a stranger's, with it as the subject; undefined for one that is trusted. */
async function whyStrange(
  { allowUntrustedCode }: Options,
  env: Services['env']
): Promise<string | undefined> {
  const event = allowUntrustedCode ? await openEvent(env) : undefined
  if (event !== undefined) {
    return `anybody can cause a run of '${event.event}', and the code, which may be a stranger's`
  }
  const fork = await forkOf(env)
  return fork === undefined ? undefined : `the pull request is from a fork (${fork}), and its code`
}

/**
 * Refuses files that may be a stranger's.
 *
 * @param paths relative to the working directory, or absolute; those outside the work tree don't count
 * @throws FlowstoreError UNTRUSTED_CODE
 */
export type RequireCommitted = (paths: readonly string[]) => void

/**
 * What a run may load. In a run that has the secrets of the repository and that anybody can cause, that is only the
 * commit of the run: it has to be checked out, no file may differ from it, and every file that is used has to be
 * in it. Other runs may load anything.
 *
 * @param output the output directory, relative to the working directory, if it is below it
 * @throws FlowstoreError UNTRUSTED_CODE
 */
export async function committedOnly(
  options: Options,
  output: string | undefined,
  { cwd, env }: Surroundings
): Promise<RequireCommitted> {
  const event = options.allowUntrustedCode ? undefined : await openEvent(env)
  if (event === undefined) return () => undefined
  const tree = await workTreeOf(event, cwd, env)
  if (!event.commits.includes(tree.commit)) {
    const own = event.commits.length === 0 ? 'an unknown commit' : event.commits.join(' or ')
    throw untrusted(
      event,
      `commit ${tree.commit} is checked out, and the run is for ${own}`,
      CHECK_OUT
    )
  }
  if (tree.changed !== undefined) {
    throw untrusted(event, `'${tree.changed}' differs from the commit`, KEEP_UNCHANGED)
  }
  const folder = await realpath(cwd)
  const require: RequireCommitted = paths => {
    for (const path of paths) {
      const below = pathBelow(tree.top, resolve(folder, relative(cwd, resolve(cwd, path))))
      if (below === undefined || tree.files.has(below)) continue
      throw untrusted(event, `'${path}' is not in the commit`, KEEP_UNCHANGED)
    }
  }
  require(await copiedPaths(options, cwd, output))
  require(await readPaths(options, cwd))
  return require
}

async function workTreeOf(
  event: OpenEvent,
  cwd: string,
  env: Surroundings['env']
): Promise<WorkTree> {
  try {
    return await readWorkTree(cwd, env)
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error
    throw untrusted(event, error.message, CHECK_OUT, error)
  }
}

/** The files that options name, and those that are read if there are any and no option names others. */
async function readPaths(options: Options, cwd: string): Promise<string[]> {
  const { requirementsFile, dockerfile, dockerignore, python, prefectFile } = options
  const named = [requirementsFile, dockerfile, python?.includes('/') ? python : undefined]
  const found = [
    ...(dockerignore === undefined ? [DOCKER_IGNORE] : []),
    ...(prefectFile.length === 0 ? [PREFECT_FILE] : []),
    // uv reads its settings where it installs; with `auto` it is told not to.
    ...(options.installer === 'uv' ? ['uv.toml', 'pyproject.toml'] : [])
  ]
  const present = await Promise.all(
    found.map(async path => ((await statIfThere(resolve(cwd, path))) ? path : undefined))
  )
  return [...named, dockerignore, ...prefectFile, ...present].filter(path => path !== undefined)
}

/** The files that the options `files` and `dockerfile` copy into an image. */
async function copiedPaths(
  { files, dockerfile: path, dockerignore, buildKwargs }: Options,
  cwd: string,
  output: string | undefined
): Promise<string[]> {
  const dockerIgnore = await readDockerIgnore(cwd, dockerignore)
  const { context } = await copiedFiles(files, { cwd, dockerIgnore, output })
  const entries = [...context]
  if (path !== undefined) {
    const dockerfile = { path, cwd, dockerIgnore, namesIgnored: true, output, buildKwargs }
    const inputs = await dockerfileInputs(await dockerfileText(dockerfile), buildKwargs.buildargs)
    entries.push(...(await dockerfileContext(dockerfile, inputs)).context)
  }
  return entries.flatMap(entry => ('source' in entry ? [entry.source] : []))
}

const CHECK_OUT =
  "Run this on 'pull_request' or 'push', or check out the commit of the run with git. If you have read the code, set allow-untrusted-code: true."

const KEEP_UNCHANGED =
  'Let earlier steps write outside the work tree, or into a folder that .gitignore names and no option uses. If you have read the code, set allow-untrusted-code: true.'

const untrusted = (
  { event }: OpenEvent,
  why: string,
  hint: string,
  cause?: unknown
): FlowstoreError =>
  new FlowstoreError(
    'UNTRUSTED_CODE',
    `anybody can cause a run of '${event}', which has the secrets of the repository, and the code may be a stranger's: ${why}`,
    { hint, cause }
  )
