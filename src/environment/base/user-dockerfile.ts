import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { dockerFilter } from '../../sources/ignore.js'
import type { BuildKwargs } from '../../docker/build-kwargs.js'
import type { Daemon } from '../../docker/daemon.js'
import type { Log } from '../../log.js'
import { baseImage, tagById, type BaseImage } from './base-image.js'
import { BuildFailure } from '../../docker/image-build.js'
import { copiedFiles } from '../plan/copied-files.js'

/** A user's Dockerfile, whose image is the base image. */
export interface UserDockerfile {
  /** Path relative to `cwd`. */
  readonly path: string
  /** The build context. */
  readonly cwd: string
  /** Path of the file that replaces `.dockerignore`, relative to `cwd`. */
  readonly dockerignore?: string | undefined
  readonly buildKwargs: BuildKwargs
}

/**
 * Builds the user's Dockerfile as a base image. Its context is the working directory.
 *
 * @throws FlowstoreError IMAGE_BUILD with the last lines of the step that failed
 */
export async function userBaseImage(
  daemon: Daemon,
  { path, cwd, dockerignore, buildKwargs }: UserDockerfile,
  log: Log
): Promise<BaseImage> {
  const dockerfile = await readFile(resolve(cwd, path), 'utf8')
  const filter = await dockerFilter(cwd, dockerignore)
  const { context } = await copiedFiles(cwd, [{ source: '.', destination: '/' }], filter)
  const root = 'files/0'
  let id: string
  log.info(`Building ${path}`)
  try {
    id = await daemon.build(
      {
        dockerfile,
        context: context
          .filter(entry => entry.path !== root)
          .map(entry => ({ ...entry, path: entry.path.slice(root.length + 1) })),
        kwargs: buildKwargs
      },
      log
    )
  } catch (error) {
    throw error instanceof BuildFailure ? error.imageBuild(path, path) : error
  }
  const reference = await tagById(daemon, id)
  const findCredentials = () => Promise.resolve(undefined)
  const base = await baseImage(daemon, { reference, local: true, findCredentials }, log)
  return { ...base, dockerfile }
}
