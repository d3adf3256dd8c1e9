import type { Daemon } from '../../docker/daemon.js'
import type { Log } from '../../log.js'
import { baseImage, tagById, type BaseImage } from './base-image.js'
import { BuildFailure } from '../../docker/image-build.js'
import { leftOutNotices } from '../plan/left-out.js'
import { dockerfileContext, dockerfileText, type UserDockerfile } from './dockerfile-context.js'
import { dockerfileInputs } from './dockerfile-inputs.js'
import { refuseInBuild } from '../refuse-secrets.js'
import type { EnvironmentRequest } from '../request.js'

/**
 * Builds the user's Dockerfile as a base image. Its context is the working directory.
 *
 * @throws FlowstoreError SECRET_FOUND; IMAGE_BUILD with the last lines of the step that failed
 */
export async function userBaseImage(
  daemon: Daemon,
  userDockerfile: UserDockerfile,
  { secrets, findSecret }: Pick<EnvironmentRequest, 'secrets' | 'findSecret'>,
  log: Log
): Promise<BaseImage> {
  const { path, dockerIgnore, namesIgnored, buildKwargs } = userDockerfile
  const dockerfile = await dockerfileText(userDockerfile)
  const inputs = await dockerfileInputs(dockerfile, buildKwargs.buildargs)
  const { context, leftOut } = await dockerfileContext(userDockerfile, inputs)
  const where = `that ${path} would copy`
  const remedy = namesIgnored
    ? 'name it in a COPY of that file'
    : 'set the option dockerfile, since a module sets this one, and name it in a COPY'
  for (const notice of leftOutNotices(leftOut, where, remedy, dockerIgnore)) log.notice(notice)
  await refuseInBuild(path, dockerfile, context, findSecret)
  let id: string
  log.info(`Building ${path}`)
  try {
    id = await daemon.build({ dockerfile, context, kwargs: buildKwargs, secrets }, log)
  } catch (error) {
    throw error instanceof BuildFailure ? error.imageBuild(path, path) : error
  }
  const reference = await tagById(daemon, id)
  const findCredentials = () => Promise.resolve(undefined)
  const base = await baseImage(daemon, { reference, local: true, findCredentials }, log)
  return { ...base, dockerfile }
}
