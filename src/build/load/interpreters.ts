import { delimiter, dirname } from 'node:path'
import type { EnvironmentImage } from '../../environment/environment.js'
import { keptPython, loadingPython } from '../../environment/interpreter.js'
import { FlowstoreError } from '../../errors.js'
import { isPythonVersion, namedPythons, noSuchPython, onPath } from '../../python/find.js'
import { interpreterPython } from '../../python/interpreter.js'
import type { ExpectedInterpreter, LoadResult } from '../../python/protocol.js'
import { stageSources } from '../../sources/staging.js'
import { sha256Json } from '../../util/hash.js'
import { minorOf } from '../../util/version.js'
import type { BuildInputs } from '../inputs.js'
import type { PlannedImage } from '../look-up.js'
import type { Services } from '../services.js'
import type { LoadSession } from './session.js'

/** What differs, for people. */
export const differenceText = (differences: LoadResult['differences']): string => {
  const first = ['python', 'machine', 'prefect', 'cloudpickle']
  const rank = ({ what }: { what: string }) => (first.includes(what) ? first.indexOf(what) : 9)
  const named = [...differences]
    .sort((one, other) => rank(one) - rank(other))
    .slice(0, 3)
    .map(({ what, expected, found }) => `${what} is ${found ?? 'absent'}, ${expected} in the image`)
  const more = differences.length - named.length
  return `${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}

/** Packages that install others: no flow is made or read by them. */
const INSTALLERS = new Set(['pip', 'setuptools', 'wheel', 'uv'])

const packagesOf = ({ facts }: EnvironmentImage): Record<string, string> =>
  Object.fromEntries(Object.entries(facts.packages).filter(([name]) => !INSTALLERS.has(name)))

/**
 * Key that an interpreter with the packages of an environment image is kept under. Made anew, an image
 * may have other packages, so its digest counts.
 */
const cacheKey = ({ key, location }: EnvironmentImage): string =>
  location.kind === 'daemon' ? key : sha256Json([key, location.image.digest]).slice(0, 20)

/** Every package of the image. */
const allPackages = (environment: EnvironmentImage): ExpectedInterpreter =>
  expectedOf(environment, packagesOf(environment))

/** Only the packages that pickles depend on. */
function picklePackages(environment: EnvironmentImage): ExpectedInterpreter {
  const packages = Object.entries(packagesOf(environment))
  return expectedOf(
    environment,
    Object.fromEntries(packages.filter(([name]) => ['prefect', 'cloudpickle'].includes(name)))
  )
}

const expectedOf = (
  { facts: { python, machine } }: EnvironmentImage,
  packages: Readonly<Record<string, string>>
): ExpectedInterpreter => ({ python: minorOf(python), machine, packages })

/** Variables of an image that mean something else, or nothing, outside it. */
const IMAGE_VARIABLES = /^(PATH|HOME|PYTHONPATH|PYTHONHOME|LD_LIBRARY_PATH|PIP_.*|UV_.*)$/

/** An interpreter of this machine to load with. */
interface Candidate {
  /** Path of the interpreter. */
  readonly python: string
  readonly why: string
  readonly expected: ExpectedInterpreter
}

/** Opens an interpreter of this machine as if it were the image's: same sources, same variables. */
async function openLike(
  { sources }: BuildInputs,
  { environment }: PlannedImage,
  { python, why, expected }: Candidate,
  { env, defer }: Services
): Promise<LoadSession> {
  const staged = await stageSources(sources)
  defer(() => staged.remove())
  const variables = Object.entries(environment.variables).filter(
    ([name]) => !IMAGE_VARIABLES.test(name)
  )
  const interpreter = interpreterPython({
    python,
    sources: staged.sources,
    // What it takes to start; nothing else of this machine's.
    env: {
      PATH: [dirname(python), env['PATH']].filter(Boolean).join(delimiter),
      LD_LIBRARY_PATH: env['LD_LIBRARY_PATH'],
      SYSTEMROOT: env['SYSTEMROOT']
    },
    envVars: Object.fromEntries(variables)
  })
  // Prefect is imported while the sources are copied.
  const session = await interpreter.open()
  defer(() => session.close())
  await staged.copied
  return { kind: 'interpreter', session, why, expected }
}

/**
 * The interpreters of this machine to try for flows of an image, best first. The next is opened only
 * where the one before is not like the image's.
 */
export async function* interpretersLike(
  inputs: BuildInputs,
  planned: PlannedImage,
  services: Services
): AsyncGenerator<LoadSession, void> {
  for (const candidate of candidates(inputs, planned, services)) {
    yield await openLike(inputs, planned, candidate, services)
  }
}

function* candidates(
  { options }: BuildInputs,
  { environment }: PlannedImage,
  { env, cwd, cache }: Services
): Generator<Candidate, void> {
  const expected = allPackages(environment)
  const asked = options.python
  if (asked !== undefined && !isPythonVersion(asked)) {
    const [python] = namedPythons(asked, env, cwd)
    if (python === undefined) throw noSuchPython(asked)
    yield {
      python,
      why: `${python} matches the image's Python`,
      expected: options.loadIn === 'auto' ? expected : picklePackages(environment)
    }
    return
  }
  const cached = keptPython(cache, cacheKey(environment))
  if (cached !== undefined) {
    yield { python: cached, why: 'an interpreter cached for this environment', expected }
  }
  const [python] = ['python3', 'python'].flatMap(name => onPath(env, name))
  if (python !== undefined) {
    yield { python, why: `${python} matches the image's Python`, expected }
  }
}

/** An interpreter of this machine that is made with the very packages of the environment image. */
export async function* madeInterpreter(
  inputs: BuildInputs,
  planned: PlannedImage,
  services: Services
): AsyncGenerator<LoadSession, void> {
  const { options, sources, requirements } = inputs
  const { environment } = planned
  const { cwd, env, cache, log } = services
  const minor = minorOf(environment.facts.python)
  const python = await loadingPython(
    {
      python: options.python ?? minor,
      prefectVersion: environment.facts.prefect,
      requirements,
      installer: options.installer,
      sources,
      exact: { key: cacheKey(environment), python: minor, packages: packagesOf(environment) },
      cwd,
      env,
      cache
    },
    log
  )
  const expected = allPackages(environment)
  const candidate = { python, why: 'an interpreter created for this environment', expected }
  yield await openLike(inputs, planned, candidate, services)
}

/** @throws FlowstoreError VERSION_MISMATCH */
export function mismatch(differences: LoadResult['differences']): FlowstoreError {
  return new FlowstoreError(
    'VERSION_MISMATCH',
    `the runner and the image differ: ${differenceText(differences)}`,
    {
      hint: 'Load the flows in the image (load-in: image), or set python to an interpreter that matches the image.'
    }
  )
}
