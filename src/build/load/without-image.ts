import { loadingPython } from '../../environment/loading-python.js'
import { findOrMakeEnvironment } from '../find-or-make-environment.js'
import { checkBeforeLoad } from '../check-before-load.js'
import { limitsOf } from '../../python/limits.js'
import { interpreterPython } from '../../python/interpreter.js'
import { installedSources, type BuildInputs } from '../inputs.js'
import { planBuild } from '../plan.js'
import type { Services } from '../services.js'
import { checkGeneration } from './check-generation.js'
import { cellOf } from './isolation.js'
import { loadInSession, type SessionFlows } from './load-in-session.js'
import { openContainer, type LoadSession } from './session.js'

/** Loads flows for a storage without an image: with an interpreter on this machine, or in a container. */
export async function loadWithoutImage(
  inputs: BuildInputs,
  services: Services
): Promise<SessionFlows> {
  const { log } = services
  await checkBeforeLoad(inputs, services)
  const open =
    inputs.options.loadIn === 'image'
      ? await log.phase('environment', () => containerOpener(inputs, services))
      : await log.phase('environment', () => interpreterOpener(inputs, services))
  return log.phase('load', async () => loadInSession(inputs, await open(), services))
}

type Opener = () => Promise<LoadSession>

async function containerOpener(inputs: BuildInputs, services: Services): Promise<Opener> {
  const { request, registry } = await planBuild(inputs, services)
  const { environment } = await findOrMakeEnvironment(request, registry)
  checkGeneration(inputs.options, environment.facts.prefect)
  return () => openContainer(environment, request, inputs.sources, 'load-in is image', services)
}

async function interpreterOpener(inputs: BuildInputs, services: Services): Promise<Opener> {
  const { options, sources, requirements, pickledFlow } = inputs
  const { cwd, env, cache, log, defer } = services
  const python = await loadingPython(
    {
      python: options.python,
      prefectVersion: options.prefectVersion,
      installer: options.installer,
      indexes: services.indexes.addresses,
      requirements,
      pickledFlow,
      sources: await installedSources(inputs),
      cwd,
      env,
      cache
    },
    log
  )
  return async () => {
    const session = await interpreterPython({
      python,
      sources,
      env,
      envVars: options.envVars,
      limits: limitsOf(options),
      cell: cellOf(options),
      secretPaths: services.secretPaths
    }).open()
    const close = () => session.close()
    defer(close)
    return {
      kind: 'interpreter',
      session,
      close,
      why: `${options.storage} storage has no image`,
      expected: undefined
    }
  }
}
