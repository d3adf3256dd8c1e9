import { FlowstoreError } from '../errors.js'
import { containerPython } from '../python/container.js'
import { pipReason } from '../packages/installer-output.js'
import type { Daemon } from '../docker/connect.js'
import type { Log } from '../log.js'
import { BuildFailure, buildImage } from '../docker/build.js'
import { dockerfileText } from '../docker/dockerfile.js'
import { localEnvironment, localTag, type Environment } from './environment.js'
import type { EnvironmentPlan } from './plan.js'
import { aboutLabel, KEY_LABEL, type EnvironmentAbout } from '../image/labels.js'

/** Output of pip and the like, without the step's own line. */
const reason = (failure: BuildFailure): string => pipReason(failure.lines.join('\n'))

/**
 * Builds an environment image, and labels it with what it turned out to have.
 *
 * @throws FlowstoreError DEPENDENCY_INSTALL with pip's own lines, IMAGE_BUILD
 */
export async function buildEnvironment(
  daemon: Daemon,
  plan: EnvironmentPlan,
  log: Log
): Promise<Environment> {
  const { key, base, buildKwargs, instructions } = plan
  log.info(`Environment ${key}: building it on ${base.reference}, with Prefect ${plan.prefect}`)
  const labels = { [KEY_LABEL]: key }
  const tag = localTag(key)
  try {
    const made = await buildImage(
      daemon,
      {
        dockerfile: dockerfileText([`FROM ${base.from}`, ...instructions]),
        context: plan.context,
        ...{ labels, tag, kwargs: buildKwargs }
      },
      log
    )
    const probed = await containerPython(daemon.engine, made).probe(plan.folders)
    const { versions, packages, machine, folders } = probed
    const about: EnvironmentAbout = {
      ...{ key, base: base.reference, machine, packages, folders },
      python: versions.python,
      prefect: versions.prefect ?? plan.prefect,
      late: [...plan.lateInstructions],
      dockerfile: dockerfileText([
        base.dockerfile?.trimEnd() ?? `FROM ${base.from}`,
        ...instructions
      ])
    }
    await buildImage(
      daemon,
      {
        dockerfile: dockerfileText([`FROM ${tag}`]),
        context: [],
        labels: { ...labels, ...aboutLabel(about) },
        ...{ tag, kwargs: { platform: buildKwargs.platform } }
      },
      log
    )
    const environment = await localEnvironment(daemon, key, buildKwargs)
    if (environment === undefined) {
      throw new FlowstoreError(
        'IMAGE_BUILD',
        `the environment image ${tag} was built and is gone`,
        {
          hint: 'Something else removed it from the daemon meanwhile: run this again.'
        }
      )
    }
    return environment
  } catch (error) {
    if (!(error instanceof BuildFailure)) throw error
    const pipFailed =
      / -m pip install /.test(error.message) || error.lines.some(line => /^ERROR: /.test(line))
    throw new FlowstoreError(
      pipFailed ? 'DEPENDENCY_INSTALL' : 'IMAGE_BUILD',
      pipFailed
        ? `the flows' dependencies can't be installed on ${base.reference} (Python ${base.versions.python})`
        : `the environment image can't be built: ${error.message}`,
      { detail: reason(error) || undefined, cause: error }
    )
  }
}
