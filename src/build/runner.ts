import { delimiter, dirname } from 'node:path'
import { FlowstoreError } from '../errors.js'
import type { Environment } from '../environment/environment.js'
import { keptPython, loadingPython } from '../environment/interpreter.js'
import { isPythonVersion, namedPythons, noSuchPython, onPath } from '../python/find.js'
import { interpreterPython } from '../python/interpreter.js'
import type { ExpectedInterpreter, LoadResult } from '../python/protocol.js'
import { stageSources } from '../sources/staging.js'
import { sha256Json } from '../util/hash.js'
import { minorOf } from '../util/version.js'
import type { Run } from './inputs.js'
import type { ImageEnvironment, Loading } from './python.js'

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

const packagesOf = ({ about }: Environment): Record<string, string> =>
  Object.fromEntries(Object.entries(about.packages).filter(([name]) => !INSTALLERS.has(name)))

/** What an interpreter with an environment image's packages is kept by: made anew, it may have others. */
const keptKey = ({ key, remote }: Environment): string =>
  remote === undefined ? key : sha256Json([key, remote.digest]).slice(0, 20)

/** The interpreter that an environment image has: with every package, or with what pickles hang on. */
function interpreterOf(environment: Environment, every: boolean): ExpectedInterpreter {
  const { python, machine } = environment.about
  const packages = packagesOf(environment)
  return {
    python: minorOf(python),
    machine,
    packages: every
      ? packages
      : Object.fromEntries(
          Object.entries(packages).filter(([name]) => ['prefect', 'cloudpickle'].includes(name))
        )
  }
}

/** Variables of an image that mean something else, or nothing, outside it. */
const OF_THE_IMAGE = /^(PATH|HOME|PYTHONPATH|PYTHONHOME|LD_LIBRARY_PATH|PIP_.*|UV_.*)$/

/** Opens an interpreter of this machine as if it were the image's: same sources, same variables. */
async function openLike(
  run: Run,
  { environment }: ImageEnvironment,
  python: string,
  why: string,
  expected: ExpectedInterpreter
): Promise<Loading> {
  const { env } = run.surroundings
  const staged = await stageSources(run.sources)
  run.defer(() => staged.remove())
  const variables = Object.entries(environment.variables).filter(([n]) => !OF_THE_IMAGE.test(n))
  const place = interpreterPython({
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
  const session = await place.open()
  run.defer(() => session.close())
  await staged.copied
  return { session, in: 'runner', why, expected }
}

/** An interpreter with the very packages of the environment image: the kept one, else a new one. */
async function exactPython(run: Run, { environment }: ImageEnvironment): Promise<string> {
  const { options, surroundings, log, sources, requirements } = run
  const { about } = environment
  const minor = minorOf(about.python)
  return loadingPython(
    {
      python: options.python ?? minor,
      prefectVersion: about.prefect,
      requirements,
      installer: options.installer,
      sources,
      exact: { key: keptKey(environment), python: minor, packages: packagesOf(environment) },
      ...surroundings
    },
    log
  )
}

/**
 * The interpreters of this machine to try for flows of an image, best first. The next is asked for only
 * where the one before is not like the image's.
 */
export async function* interpretersLike(
  run: Run,
  image: ImageEnvironment
): AsyncGenerator<Loading, void> {
  const { options, surroundings } = run
  const { environment } = image
  const every = interpreterOf(environment, true)
  const asked = options.python
  if (asked !== undefined && !isPythonVersion(asked)) {
    const [given] = namedPythons(asked, surroundings.env, surroundings.cwd)
    if (given === undefined) throw noSuchPython(asked)
    const expected = options.loadIn === 'auto' ? every : interpreterOf(environment, false)
    yield await openLike(run, image, given, `${given} is like the image's Python`, expected)
    return
  }
  const kept = keptPython(surroundings.cache, keptKey(environment))
  if (kept !== undefined) {
    yield await openLike(run, image, kept, 'an interpreter kept for this environment', every)
  }
  const [first] = ['python3', 'python'].flatMap(name => onPath(surroundings.env, name))
  if (first !== undefined) {
    yield await openLike(run, image, first, `${first} is like the image's Python`, every)
  }
}

/** An interpreter of this machine that is made for flows of an image. */
export async function* interpreterMade(
  run: Run,
  image: ImageEnvironment
): AsyncGenerator<Loading, void> {
  const python = await exactPython(run, image)
  const every = interpreterOf(image.environment, true)
  yield await openLike(run, image, python, 'an interpreter made for this environment', every)
}

/** @throws FlowstoreError VERSION_MISMATCH */
export function mismatch(differences: LoadResult['differences']): FlowstoreError {
  return new FlowstoreError(
    'VERSION_MISMATCH',
    `the runner and the image differ: ${differenceText(differences)}`,
    {
      hint: "Load the flows in the image (load-in: image), or choose an interpreter like the image's with python."
    }
  )
}
