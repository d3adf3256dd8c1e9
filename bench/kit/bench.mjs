// What the cases share: the test bed, a folder and unique names for the run, and their removal.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { run } from '../../scripts/test-bed/command.mjs'
import { pipEnvironment } from '../../scripts/test-bed/pip.mjs'
import { root } from '../../scripts/test-bed/places.mjs'
import { timed } from './process.mjs'

export const BUNDLE = join(root, 'dist/flowstore.js')

/** The address of a daemon that does not exist: a run that succeeds with it needed no daemon. */
export const NOWHERE = 'unix:///nonexistent/docker.sock'

/** What `node scripts/test-bed.mjs up` has set up. */
const readBed = () => {
  const path = join(root, '.test-bed/bed.json')
  if (!existsSync(path)) {
    throw new Error('The benchmark uses the test bed: run `node scripts/test-bed.mjs up` first.')
  }
  const bed = JSON.parse(readFileSync(path, 'utf8'))
  const needed = ['docker', 'registry', 'python:3.6', 'prefect:1.4.1', 'venv:0.5.4', 'venv:1.4.1']
  const missing = needed.filter(part => bed.skipped[part])
  if (missing.length > 0) {
    throw new Error(
      `The test bed lacks ${missing.map(part => `${part} (${bed.skipped[part]})`).join(', ')}; run \`node scripts/test-bed.mjs up\` again.`
    )
  }
  return bed
}

/** A docker client with BuildKit: of several on PATH, some may lack the plugin for it. */
const buildKitClient = async (env, name) => {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, 'docker')
    if (!existsSync(path)) continue
    const works = await timed(path, ['build', '-q', '-t', name, '-'], {
      env: { ...env, DOCKER_BUILDKIT: '1' },
      input: 'FROM scratch\nLABEL bench=1\n'
    }).then(
      () => true,
      () => false
    )
    if (works) return path
  }
  throw new Error('no docker client on PATH can build with BuildKit')
}

const MANIFESTS = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.manifest.v1+json'
].join(', ')

/** A registry without login, asked directly. */
const registryOf = url => {
  const ask = (path, options) => fetch(`http://${url}/v2/${path}`, options)
  const json = async path => {
    const answer = await ask(path, { headers: { accept: MANIFESTS } })
    return answer.ok ? answer.json() : undefined
  }
  const tags = async name => (await json(`${name}/tags/list`))?.tags ?? []
  return {
    tags,
    manifest: (name, tag) => json(`${name}/manifests/${tag}`),
    /** Deletes the manifests of every repository whose name contains a text. */
    async forget(text) {
      const names = (await json('_catalog?n=10000'))?.repositories ?? []
      for (const name of names.filter(known => known.includes(text))) {
        for (const tag of await tags(name)) {
          const head = await ask(`${name}/manifests/${tag}`, {
            method: 'HEAD',
            headers: { accept: MANIFESTS }
          })
          const digest = head.headers.get('docker-content-digest')
          if (digest) await ask(`${name}/manifests/${digest}`, { method: 'DELETE' })
        }
      }
    }
  }
}

/** Cleans up before the process ends at Ctrl-C or SIGTERM. */
export const endWhenInterrupted = end => {
  const interrupted = () => {
    console.error('\nInterrupted: removing what was made')
    void end().finally(() => process.exit(130))
  }
  process.once('SIGINT', interrupted)
  process.once('SIGTERM', interrupted)
}

/**
 * Sets up a run of the benchmark; `end` removes everything that the run created.
 *
 * @param options `bytecode`: whether Python may write bytecode next to modules, as it does by default
 */
export const openBench = async ({ bytecode = false } = {}) => {
  const bed = readBed()
  if (!existsSync(BUNDLE)) throw new Error('There is no dist/: run `node scripts/build-dist.mjs`.')
  const id = `bench-${randomBytes(4).toString('hex')}`
  const folder = mkdtempSync(join(tmpdir(), `flowstore-${id}-`))
  const ends = []
  const inFolder = name => {
    const path = join(folder, name)
    mkdirSync(path, { recursive: true })
    return path
  }
  const kept = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'SSL_CERT_FILE']
  const env = {
    ...Object.fromEntries(kept.map(name => [name, process.env[name]])),
    ...Object.fromEntries(
      Object.entries(await pipEnvironment()).filter(([, value]) => value !== undefined)
    ),
    DOCKER_HOST: bed.dockerHost,
    // Without the logins and plugins of the current user.
    DOCKER_CONFIG: inFolder('docker-config'),
    // Bytecode next to a module would be an additional source.
    ...(bytecode ? {} : { PYTHONDONTWRITEBYTECODE: '1' })
  }
  const dockerProgram = await buildKitClient(env, `${id}:probe`)
  const docker = (args, { host = bed.dockerHost, input } = {}) =>
    run(dockerProgram, args, { env: { DOCKER_HOST: host }, input })

  const removeImages = async text => {
    const format = '{{.Repository}} {{.Tag}} {{.Digest}}'
    const lines = (await docker(['images', '--digests', '--format', format])).split('\n')
    const own = lines.map(line => line.split(' ')).filter(([name]) => name.includes(text))
    const names = own.flatMap(([name, tag, digest]) => [
      ...(tag === '<none>' ? [] : [`${name}:${tag}`]),
      ...(digest === '<none>' ? [] : [`${name}@${digest}`]),
      // An environment image has a second name, which has only its key.
      ...(tag.startsWith('env-') ? [`flowstore-environment:${tag.slice(4)}`] : [])
    ])
    for (const name of new Set(names)) await docker(['image', 'rm', name]).catch(() => {})
  }

  const python = async (release, line) => (await run(bed.venvs[release], ['-c', line])).trim()

  return {
    bed,
    id,
    folder,
    env,
    inFolder,
    docker,
    removeImages,
    dockerProgram,
    python,
    registry: registryOf(bed.registry.url),
    /** Registers work for the end. */
    defer: end => ends.push(end),
    /** An environment whose PATH begins with the interpreter of a version. */
    withPython: version => ({
      ...env,
      PATH: [dirname(bed.pythons[version] ?? '.'), env.PATH].join(delimiter)
    }),
    async end() {
      for (const end of ends.reverse()) {
        await Promise.resolve(end()).catch(error =>
          console.error(`Not cleaned up: ${error.message}`)
        )
      }
      await removeImages(id)
      await registryOf(bed.registry.url).forget(id)
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** The interpreter that a run has cached for the only environment of a cache. */
export const keptInterpreter = cache => {
  const folder = join(cache, 'flowstore/flowstore-python')
  const found = existsSync(folder) ? readdirSync(folder) : []
  if (found.length !== 1) throw new Error(`${found.length} interpreters are kept in ${cache}`)
  const [architecture] = readdirSync(join(folder, found[0])).filter(name => !name.includes('.'))
  return join(folder, found[0], architecture, 'bin/python')
}
