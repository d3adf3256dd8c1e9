// The test bed of the slower tests: a Docker daemon, registries, base images, interpreters with
// Prefect, Node 20, 22 and 24, act. `up` sets it up, `down` stops what `up` started.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { dockerDaemon, gateway, stopDaemon } from './test-bed/daemon.mjs'
import { baseImages } from './test-bed/images.mjs'
import { withLock } from './test-bed/lock.mjs'
import { nodeOf } from './test-bed/nodes.mjs'
import { needCommands } from './test-bed/packages.mjs'
import { root } from './test-bed/places.mjs'
import {
  actRunner,
  findPythons,
  PREFECTS,
  prefectEnvironment,
  prefectsOf,
  prefixOf,
  uvInstaller,
  workerEnvironment
} from './test-bed/pythons.mjs'
import { CREDENTIALS, registry, stopRegistry } from './test-bed/registry.mjs'

const description = join(root, '.test-bed/bed.json')
const seconds = from => `${((performance.now() - from) / 1000).toFixed(1)} s`.padStart(8)

const up = async () => {
  const begun = performance.now()
  const bed = {
    dockerHost: null,
    dockerd: null,
    gateway: null,
    registry: null,
    authRegistry: null,
    baseImages: {},
    prefectBase: null,
    prefectImages: {},
    pythons: {},
    venvs: {},
    workers: {},
    uv: null,
    node20: null,
    node22: null,
    node24: null,
    act: null,
    skipped: {}
  }
  const save = () => {
    mkdirSync(dirname(description), { recursive: true })
    writeFileSync(description, `${JSON.stringify(bed, null, 2)}\n`)
  }

  // If a part fails, the parts that need it are skipped too; all others are still set up.
  const part = async (name, needs, work) => {
    const from = performance.now()
    const lacking = needs.find(need => bed.skipped[need])
    try {
      if (lacking) throw new Error(`needs ${lacking}`)
      const made = await work()
      console.log(`${seconds(from)}  ${name}: ${made}`)
    } catch (error) {
      bed.skipped[name] = error.message
      console.log(`${seconds(from)}  ${name}: SKIPPED, ${error.message}`)
    }
    save()
  }

  const pythonPart = async () => {
    await part('pythons', [], async () => {
      bed.pythons = await findPythons()
      return Object.keys(bed.pythons).join(', ') || 'none'
    })
  }

  const dockerParts = async () => {
    await part('docker', [], async () => {
      const { host, pid } = await dockerDaemon()
      bed.dockerHost = host
      bed.dockerd = pid === null ? null : { pid }
      bed.gateway = await gateway(host)
      return host
    })
    await part('registry', [], async () => {
      bed.registry = await registry('registry', { port: 15000 })
      return bed.registry.url
    })
    await part('authRegistry', [], async () => {
      const found = await registry('registry-with-login', { port: 15001, auth: true })
      bed.authRegistry = { ...found, ...CREDENTIALS }
      return found.url
    })
    const images = bed.registry && baseImages(bed.dockerHost, bed.registry.url)
    const needs = ['docker', 'registry']
    await part('debian:plain', needs, async () => (bed.baseImages.plain = await images.plain()))
    for (const version of ['3.6', '3.9', '3.12']) {
      await part(`python:${version}`, needs, async () => {
        const python = bed.pythons[version]
        const prefix = python && (await prefixOf(python))
        return (bed.baseImages[version] = await images.python(version, prefix))
      })
    }
    await part('prefect:1.4.1', [...needs, 'python:3.9'], async () => {
      const { requirements } = PREFECTS['1.4.1']
      return (bed.prefectBase = await images.prefect('1.4.1', '3.9', requirements))
    })
    const prefectImage = release =>
      part(`prefect:${release}`, [...needs, 'python:3.12', 'uv'], async () => {
        const { requirements } = PREFECTS[release]
        const made = await images.prefectWithUv(release, '3.12', requirements, bed.uv)
        return (bed.prefectImages[release] = made)
      })
    await Promise.all(['3.9.1', '2.20.27'].map(prefectImage))
    await part('commands', [], async () => {
      await needCommands('git', 'skopeo')
      return 'git, skopeo'
    })
  }

  const venvPart = (release, needs) =>
    part(`venv:${release}`, needs, async () => {
      return (bed.venvs[release] = await prefectEnvironment(release, bed.pythons, bed.uv))
    })

  const otherParts = async () => {
    for (const release of prefectsOf('pickled')) await venvPart(release, [])
    for (const major of ['20', '22', '24']) {
      await part(`node${major}`, [], async () => (bed[`node${major}`] = await nodeOf(major)))
    }
    await part('act', [], async () => (bed.act = await actRunner(bed.pythons)))
  }

  const uvParts = async () => {
    for (const release of prefectsOf('entrypoint')) await venvPart(release, ['uv'])
    for (const [release, { worker }] of Object.entries(PREFECTS)) {
      if (worker === undefined) continue
      await part(`worker:${release}`, ['uv'], async () => {
        return (bed.workers[release] = await workerEnvironment(release, bed.pythons, bed.uv))
      })
    }
  }

  await pythonPart()
  await part('uv', [], async () => (bed.uv = await uvInstaller(bed.pythons)))
  await Promise.all([dockerParts(), otherParts(), uvParts()])
  const missing = Object.keys(bed.skipped)
  console.log(`${seconds(begun)}  in all; ${description}`)
  if (process.env.CI && missing.length > 0) {
    console.error(`On CI nothing may be left out; missing: ${missing.join(', ')}`)
    process.exitCode = 1
  }
}

const down = async () => {
  await stopRegistry('registry')
  await stopRegistry('registry-with-login')
  await stopDaemon()
  rmSync(description, { force: true })
}

const commands = { up: () => withLock(up), down: () => withLock(down) }
const command = commands[process.argv[2]]
if (command === undefined) {
  console.error('usage: node scripts/test-bed.mjs up|down')
  process.exitCode = 2
} else {
  await command()
}
