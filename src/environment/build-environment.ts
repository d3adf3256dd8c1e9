import { BuildFailure } from '../docker/image-build.js'
import type { Daemon } from '../docker/daemon.js'
import { dockerfileText } from '../docker/dockerfile.js'
import { FlowstoreError } from '../errors.js'
import { KEY_LABEL } from '../image/labels.js'
import type { Log } from '../log.js'
import { pipHint, pipReason } from '../packages/installer-output.js'
import { containerPython } from '../python/container.js'
import { registryDigest } from './base/base-image.js'
import { daemonReference, environmentInDaemon, type EnvironmentImage } from './environment.js'
import { environmentLabels, type EnvironmentFacts } from './environment-labels.js'
import { doesNotStart } from './first-start.js'
import {
  checkCommand,
  planDockerfile,
  type BuildPart,
  type DependenciesPlan,
  type EnvironmentPlan
} from './plan/plan.js'
import type { EnvironmentRequest } from './request.js'

/** What a build gets beside its plan. */
type Building = Pick<EnvironmentRequest, 'secrets' | 'log'>

/**
 * Builds an environment image with the daemon, and labels it with the facts of the result.
 *
 * @param dependencies reference of the image with its dependencies; default none, so they are installed
 * @throws FlowstoreError DEPENDENCY_INSTALL with pip's own lines, IMAGE_BUILD
 */
export async function buildEnvironment(
  daemon: Daemon,
  plan: EnvironmentPlan,
  { secrets, log }: Building,
  dependencies?: string
): Promise<EnvironmentImage> {
  const { key, base, prefect } = plan
  log.info(`Environment ${key}: building it on ${base.reference}, with Prefect ${prefect}`)
  const onDependencies = dependencies === undefined ? undefined : plan.dependencies?.rest
  const from = onDependencies === undefined ? base.from : dependencies
  try {
    const part = onDependencies ?? plan
    const id = await buildPart(daemon, plan, key, from ?? base.from, part, { secrets, log })
    const facts = await factsOf(daemon, id, plan)
    await label(daemon, plan, facts, log)
  } catch (error) {
    throw error instanceof BuildFailure ? buildError(error, plan) : error
  }
  const environment = await environmentInDaemon(daemon, key)
  if (environment !== undefined) return environment
  throw new FlowstoreError(
    'IMAGE_BUILD',
    `the environment image ${daemonReference(key)} was built, but the daemon no longer has it`,
    { hint: 'Another process removed it from the daemon: run this again.' }
  )
}

/**
 * Builds the image with the dependencies of an environment image.
 *
 * @returns its reference in the daemon
 * @throws FlowstoreError DEPENDENCY_INSTALL with pip's own lines, IMAGE_BUILD
 */
export async function buildDependencies(
  daemon: Daemon,
  plan: EnvironmentPlan,
  dependencies: DependenciesPlan,
  building: Building
): Promise<string> {
  try {
    await buildPart(daemon, plan, dependencies.key, plan.base.from, dependencies, building)
  } catch (error) {
    throw error instanceof BuildFailure ? buildError(error, plan) : error
  }
  return daemonReference(dependencies.key)
}

const buildPart = (
  daemon: Daemon,
  { buildKwargs: kwargs }: EnvironmentPlan,
  key: string,
  from: string,
  { instructions, context }: BuildPart,
  { secrets, log }: Building
): Promise<string> =>
  daemon.build(
    {
      dockerfile: dockerfileText([`FROM ${from}`, ...instructions]),
      context,
      labels: { [KEY_LABEL]: key },
      tag: daemonReference(key),
      kwargs,
      secrets
    },
    log
  )

/** Reads the facts of a built image: its Python, packages and folders. */
async function factsOf(
  daemon: Daemon,
  id: string,
  plan: EnvironmentPlan
): Promise<EnvironmentFacts> {
  const { key, base, prefect, folders, lateInstructions } = plan
  const probed = await containerPython(daemon, id).probe(folders)
  return {
    key,
    base: base.reference,
    baseDigest: registryDigest(base),
    python: probed.versions.python,
    prefect: probed.versions.prefect ?? prefect,
    machine: probed.machine,
    packages: probed.packages,
    dockerfile: planDockerfile(plan),
    started: plan.parts.check?.join(' '),
    late: [...lateInstructions],
    folders: probed.folders,
    site: { folders: probed.site, baseLayers: base.layers, libc: probed.libc }
  }
}

/** The facts are known only after the build, so a separate step adds the labels. */
const label = (
  daemon: Daemon,
  { key, buildKwargs }: EnvironmentPlan,
  facts: EnvironmentFacts,
  log: Log
): Promise<string> =>
  daemon.build(
    {
      dockerfile: dockerfileText([`FROM ${daemonReference(key)}`]),
      context: [],
      labels: environmentLabels(facts),
      tag: daemonReference(key),
      kwargs: { platform: buildKwargs.platform }
    },
    log
  )

function buildError(
  failure: BuildFailure,
  { base: { reference, versions }, parts: { check } }: EnvironmentPlan
): FlowstoreError {
  if (check !== undefined && failure.message.includes(checkCommand(check))) {
    return doesNotStart(check, failure.lines, failure)
  }
  const isPip =
    / -m pip install /.test(failure.message) || failure.lines.some(line => /^ERROR: /.test(line))
  const message = isPip
    ? `the flows' dependencies can't be installed on ${reference} (Python ${versions.python})`
    : `the environment image can't be built: ${failure.message}`
  const detail = pipReason(failure.lines.join('\n')) || undefined
  return new FlowstoreError(isPip ? 'DEPENDENCY_INSTALL' : 'IMAGE_BUILD', message, {
    detail,
    hint: isPip && detail !== undefined ? pipHint(detail) : undefined,
    cause: failure
  })
}
