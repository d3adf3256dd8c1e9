// What a release of Prefect does on one Python, in an environment that flowstore makes.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { run } from '../test-bed/command.mjs'
import { pipEnvironment } from '../test-bed/pip.mjs'
import { cache, root } from '../test-bed/places.mjs'

const CONFORMANCE = join(root, '__tests__/conformance')

/** Seconds that a step may take. */
const LIMIT = 900

/** The modules of each generation, what a build of them takes, and the flow that is run. */
const GENERATIONS = {
  entrypoints: {
    modules: 'zoo',
    build: ['flows', '--on-load-error', 'warn'],
    flow: 'flows/functions.py:plain'
  },
  pickles: { modules: 'flows', build: ['.'], flow: 'orders with helpers' }
}

/** Removes what a cell has left in the daemon. */
const removeImages = async ({ registry }, release, env) => {
  const listed = await run('docker', ['image', 'ls', '-q', `${registry}/matrix/${release}`], {
    env
  })
  const images = [...new Set(listed.split('\n').filter(Boolean))]
  if (images.length > 0) await run('docker', ['image', 'rm', '--force', ...images], { env })
}

/** The line of a command's output that says most. */
const reasonOf = text => {
  const lines = text.trim().split('\n')
  // flowstore puts a bar before each line of a traceback.
  const raised = lines.findLast(line => /^[\s|]*([\w.]+(Error|Exception)\b|× |ERROR: )/.test(line))
  const said = lines.find(line => line.startsWith('error '))
  return (raised ?? said ?? lines.at(-1) ?? '')
    .replace(/^[\s|]+/, '')
    .trim()
    .slice(0, 200)
}

/** The interpreter of the only environment that flowstore has made in a folder. */
const environmentIn = folder => {
  const files = readdirSync(folder, { recursive: true })
  const made = files.find(file => /flowstore-python.*\/bin\/python$/.test(file))
  if (made === undefined) throw new Error('flowstore made no environment')
  return join(folder, made)
}

/** A repository of images for each release: `down` of the test bed forgets what is in its registry. */
const registryFor = ({ registry }, release) => [
  ...['--registry-url', registry, '--image-name', `matrix/${release}`]
]

/** The entrypoints that the release itself loads. */
const loadedByPrefect = async (python, project, entrypoints, env) => {
  const asked = join(project, '../asked.json')
  writeFileSync(asked, JSON.stringify(entrypoints))
  const script = join(CONFORMANCE, 'prefect_entrypoints.py')
  const output = await run(python, [script, project, asked], { env, seconds: LIMIT })
  const { entrypoints: answers } = JSON.parse(output)
  return entrypoints.filter(entrypoint => 'flow' in answers[entrypoint])
}

/**
 * Builds the modules, asks the release what it loads, starts its command, and runs a flow. In an image, the build's own
 * healthcheck asks and starts.
 *
 * @param {{release: string, generation: 'entrypoints' | 'pickles', interpreter?: string, image?: {base: string,
 *   registry: string, dockerHost: string}}} cell an interpreter, or what an image is built with
 * @param {string[]} entrypoints those that a release of `entrypoints` is asked about
 * @param {string | undefined} uv the program that installs; undefined for pip
 * @returns {Promise<{found?: string[], loaded?: string[], failed?: {step: string, reason: string, text: string}}>}
 */
export const observe = async ({ release, generation, interpreter, image }, entrypoints, uv) => {
  const { modules, build, flow } = GENERATIONS[generation]
  const work = mkdtempSync(join(tmpdir(), 'flowstore-matrix-'))
  const [project, made, home] = ['project', 'cache', 'home'].map(name => join(work, name))
  const env = {
    ...(await pipEnvironment()),
    ...{ XDG_CACHE_HOME: made, UV_CACHE_DIR: join(cache, 'uv') },
    ...{ CI: undefined, PYTHONDONTWRITEBYTECODE: undefined },
    ...(image && { DOCKER_HOST: image.dockerHost }),
    PATH: [...(uv === undefined ? [] : [dirname(uv)]), process.env.PATH].join(delimiter)
  }
  // A flow that a module calls must find no server, and start none.
  const withoutServer = {
    ...env,
    ...{ HOME: home, PREFECT_HOME: home },
    ...{ PREFECT_API_URL: undefined, PREFECT_SERVER_EPHEMERAL_ENABLED: 'false' },
    // The first releases of 3.0 know the setting by another name; in 2.20 that one has more effect.
    ...(release.startsWith('3.0.') && { PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: 'false' })
  }
  const flowstore = args =>
    run(process.execPath, [join(root, 'dist/flowstore.js'), ...args], {
      ...{ cwd: project, env, seconds: LIMIT }
    })

  const seen = {}
  let step = 'build'
  try {
    mkdirSync(home)
    cpSync(join(CONFORMANCE, modules), project, { recursive: true })
    const storage = image
      ? ['docker', '--base-image', image.base, ...registryFor(image, release)]
      : ['local', '--directory', join(work, 'built'), '--python', interpreter]
    await flowstore([
      ...['build', ...build, '--prefect-version', release, '--storage', ...storage],
      ...['--installer', uv === undefined ? 'pip' : 'uv']
    ])
    const report = JSON.parse(readFileSync(join(project, '.flowstore/report.json'), 'utf8'))
    const python = image ? undefined : environmentIn(made)
    seen.found = report.flows.map(({ name, location }) =>
      generation === 'entrypoints' ? location : name
    )
    if (generation === 'entrypoints' && python !== undefined) {
      step = 'load'
      seen.loaded = await loadedByPrefect(python, project, entrypoints, withoutServer)
      step = 'prefect version'
      const prefect = join(dirname(python), 'prefect')
      await run(prefect, ['version'], { env: withoutServer, seconds: LIMIT })
    }
    step = 'run'
    const withPython = python === undefined ? [] : ['--python', python]
    await flowstore(['run', '.flowstore/storage.json', '--flow', flow, ...withPython])
  } catch (error) {
    seen.failed = { step, reason: reasonOf(error.message), text: error.message }
  } finally {
    if (image) await removeImages(image, release, env)
    rmSync(work, { recursive: true, force: true })
  }
  return seen
}
