import { delimiter, dirname } from 'node:path'
import type { EnvironmentImage } from '../../environment/environment.js'
import { cachedPython, loadingPython, runnerMismatch } from '../../environment/loading-python.js'
import { unpackedPython } from '../../environment/unpacked-python.js'
import type { FlowstoreError } from '../../errors.js'
import { isPythonVersion, namedPythons, noSuchPython, onPath } from '../../python/find-python.js'
import { FLOW_PACKAGES } from '../../prefect/releases.js'
import { limitsOf } from '../../python/limits.js'
import { interpreterPython } from '../../python/interpreter.js'
import type { ExpectedInterpreter, LoadResult } from '../../python/protocol/protocol.js'
import { cellOf } from './isolation.js'
import { stageSources } from '../../sources/staging.js'
import { sha256Json } from '../../util/hash.js'
import { minorOf } from '../../util/minor.js'
import { installedSources, type BuildInputs } from '../inputs.js'
import type { PlannedImage } from '../look-up.js'
import { runOrigin } from '../origin.js'
import type { Services } from '../services.js'
import type { ImageSession } from './session.js'

/** The differences in words. */
export const differenceText = (differences: LoadResult['differences']): string => {
  const first = ['python', 'machine', ...FLOW_PACKAGES]
  const rank = ({ what }: { what: string }) => (first.includes(what) ? first.indexOf(what) : 9)
  const named = [...differences]
    .sort((one, other) => rank(one) - rank(other))
    .slice(0, 3)
    .map(({ what, expected, found }) => `${what} is ${found ?? 'absent'}, ${expected} in the image`)
  const more = differences.length - named.length
  return `${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}

/** Packages that only install others: flows don't depend on them. */
const INSTALLERS = new Set(['pip', 'setuptools', 'wheel', 'uv'])

const packagesOf = ({ facts }: EnvironmentImage): Record<string, string> =>
  Object.fromEntries(Object.entries(facts.packages).filter(([name]) => !INSTALLERS.has(name)))

/**
 * Cache key of an interpreter with the packages of an environment image. A rebuilt image may have other
 * packages, so its digest is part of the key.
 */
const cacheKey = ({ key, location }: EnvironmentImage): string =>
  location.kind === 'daemon' ? key : sha256Json([key, location.image.digest]).slice(0, 20)

/** The image's interpreter with every package. */
const allPackages = (environment: EnvironmentImage): ExpectedInterpreter =>
  expectedOf(environment, packagesOf(environment))

/** The image's interpreter with only the packages that stored flows depend on. */
function flowPackages(environment: EnvironmentImage): ExpectedInterpreter {
  const packages = Object.entries(packagesOf(environment))
  return expectedOf(
    environment,
    Object.fromEntries(packages.filter(([name]) => FLOW_PACKAGES.includes(name)))
  )
}

const expectedOf = (
  { facts: { python, machine } }: EnvironmentImage,
  packages: Readonly<Record<string, string>>
): ExpectedInterpreter => ({ python: minorOf(python), machine, packages })

/** Variables of an image that have another meaning, or none, outside it. */
const IMAGE_VARIABLES = /^(PATH|HOME|PYTHONPATH|PYTHONHOME|LD_LIBRARY_PATH|PIP_.*|UV_.*)$/

/** An interpreter on this machine to load flows with. */
interface MatchingPython {
  /** Path of the interpreter. */
  readonly python: string
  readonly why: string
  readonly expected: ExpectedInterpreter
  /** See {@link ImageSession}. */
  readonly isCompared: boolean
}

/** Opens an interpreter on this machine with the sources and variables of the image. */
async function openInterpreter(
  { options, sources }: BuildInputs,
  { environment }: PlannedImage,
  { python, isCompared, why, expected }: MatchingPython,
  services: Services
): Promise<ImageSession> {
  const { env, secretPaths, defer } = services
  const staged = await stageSources(sources)
  defer(() => staged.remove())
  const variables = Object.entries(environment.variables).filter(
    ([name]) => !IMAGE_VARIABLES.test(name)
  )
  const interpreter = interpreterPython({
    python,
    sources: staged.sources,
    // Only what an interpreter needs to start.
    env: {
      PATH: [dirname(python), env['PATH']].filter(Boolean).join(delimiter),
      LD_LIBRARY_PATH: env['LD_LIBRARY_PATH'],
      SYSTEMROOT: env['SYSTEMROOT'],
      // What a cell hides; modules don't get these.
      HOME: env['HOME'],
      RUNNER_TEMP: env['RUNNER_TEMP']
    },
    envVars: Object.fromEntries(variables),
    limits: limitsOf(options),
    cell: cellOf(options),
    secretPaths
  })
  const session = await interpreter.open()
  const close = async () => {
    await session.close()
    await staged.remove()
  }
  defer(close)
  // While Prefect is imported.
  void runOrigin(services)
  await staged.copy()
  return { kind: 'interpreter', session, why, expected, close, python: interpreter, isCompared }
}

/**
 * The interpreters on this machine to try for flows of an image, best first. The next one is opened only if
 * the one before does not match the image.
 */
export async function* interpretersLike(
  inputs: BuildInputs,
  planned: PlannedImage,
  services: Services
): AsyncGenerator<ImageSession, void> {
  for (const matching of matchingPythons(inputs, planned, services)) {
    yield await openInterpreter(inputs, planned, matching, services)
  }
}

function* matchingPythons(
  { options }: BuildInputs,
  { environment }: PlannedImage,
  { env, cwd, cache }: Services
): Generator<MatchingPython, void> {
  const expected = allPackages(environment)
  const requested = options.python
  if (requested !== undefined && !isPythonVersion(requested)) {
    const [python] = namedPythons(requested, env, cwd)
    if (python === undefined) throw noSuchPython(requested)
    yield {
      python,
      why: `${python} matches the image's Python`,
      expected: options.loadIn === 'auto' ? expected : flowPackages(environment),
      isCompared: true
    }
    return
  }
  const cached = cachedPython(cache, cacheKey(environment))
  if (cached !== undefined) {
    const why = 'an interpreter cached for this environment'
    yield { python: cached, why, expected, isCompared: false }
  }
  const [python] = ['python3', 'python'].flatMap(name => onPath(env, name))
  if (python !== undefined) {
    yield { python, why: `${python} matches the image's Python`, expected, isCompared: true }
  }
}

/** An interpreter on this machine that got the packages of the environment image; else why there is none. */
export async function unpackedInterpreter(
  inputs: BuildInputs,
  planned: PlannedImage,
  services: Services
): Promise<ImageSession | string> {
  const { environment, registry } = planned
  const { cwd, env, cache, log } = services
  const unpacked = await unpackedPython(
    {
      environment,
      repository: registry.kind === 'direct' ? registry.repository : undefined,
      packages: packagesOf(environment),
      python: inputs.options.python,
      cacheKey: cacheKey(environment),
      cwd,
      env,
      cache
    },
    log
  )
  if (unpacked.kind === 'impossible') return unpacked.why
  const matching = {
    python: unpacked.path,
    why: 'an interpreter with the packages of the environment image, unpacked',
    expected: allPackages(environment),
    isCompared: false
  }
  return openInterpreter(inputs, planned, matching, services)
}

/** A new virtual environment on this machine with exactly the packages of the environment image. */
export async function* madeInterpreter(
  inputs: BuildInputs,
  planned: PlannedImage,
  services: Services
): AsyncGenerator<ImageSession, void> {
  const { options, requirements } = inputs
  const { environment } = planned
  const { cwd, env, cache, log } = services
  const minor = minorOf(environment.facts.python)
  const python = await loadingPython(
    {
      python: options.python ?? minor,
      prefectVersion: environment.facts.prefect,
      requirements,
      installer: options.installer,
      indexes: services.indexes.addresses,
      sources: await installedSources(inputs),
      exact: { key: cacheKey(environment), python: minor, packages: packagesOf(environment) },
      cwd,
      env,
      cache
    },
    log
  )
  const expected = allPackages(environment)
  const why = 'an interpreter created for this environment'
  const matching = { python, why, expected, isCompared: false }
  yield await openInterpreter(inputs, planned, matching, services)
}

/** The error VERSION_MISMATCH for the differences that a load found. */
export const mismatch = (differences: LoadResult['differences']): FlowstoreError =>
  runnerMismatch(differenceText(differences))
