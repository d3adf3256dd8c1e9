// The repositories that are built: small real flows, for Prefect 0.5.4 and 1.4.1.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { run } from '../../scripts/test-bed/command.mjs'
import { prefectFromGit } from './git.mjs'

/** The package that the flows import in addition to Prefect. */
export const DEPENDENCY = 'inflection==0.5.1'

/** A flow of three tasks. The source that it reads changes from round to round. */
const flowModule = (name, source) => `import inflection
from prefect import Flow, task


@task
def extract():
    return ["order_id", "customer_name", "${source}"]


@task
def transform(columns):
    return {column: inflection.titleize(column) for column in columns}


@task
def load(titles):
    for column, title in sorted(titles.items()):
        print(column, title)


with Flow("${name}") as flow:
    load(transform(extract()))
`

/** A flow with its own task, one of several in a module. */
const flowOfMany = (number, storage) => `
@task
def rows_${number}(day):
    return [(day, number) for number in range(${number % 7}, ${(number % 7) + 5})]


with Flow("flow ${number}"${storage === '' ? '' : ', storage=storage'}) as flow_${number}:
    day = Parameter("day", default="today")
    total(rows_${number}(day))
`

const moduleOfMany = (numbers, salt, storage) => `from prefect import Flow, Parameter, task
${storage === '' ? '' : `from prefect.storage import Docker\n\nstorage = ${storage}\n`}
SALT = "${salt}"


@task
def total(rows):
    return sum(number for _, number in rows)

${numbers.map(number => flowOfMany(number, storage)).join('\n')}`

export const write = (path, text) => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

let changes = 0

/** What the contestants get: `flows` are flowstore's arguments, `modules` what Python imports. */
export const project = (folder, modules, change) => ({
  folder,
  flows: ['flows/'],
  modules,
  /** Changes one flow, to content that it never had before. */
  change: () => change((changes += 1)),
  /** Python that only imports the modules and pickles their flows. */
  dumps: [
    'import cloudpickle, importlib, prefect',
    `for name in ${JSON.stringify(modules)}:`,
    '    for value in list(vars(importlib.import_module(name)).values()):',
    '        if isinstance(value, prefect.Flow):',
    '            cloudpickle.dumps(value)'
  ].join('\n')
})

const TWO_FLOWS = { modules: ['flows.daily', 'flows.weekly'], packages: [DEPENDENCY] }

/** Two flows of three tasks, in two modules. */
export const twoFlows = folder => {
  const change = round =>
    write(join(folder, 'flows/daily.py'), flowModule('daily report', `round_${round}`))
  write(join(folder, 'flows/weekly.py'), flowModule('weekly report', 'region'))
  change(0)
  return project(folder, TWO_FLOWS.modules, change)
}

/**
 * Many flows in many modules.
 *
 * @param storage Python code of the storage that each module sets on its flows; default none
 */
export const manyFlows = (folder, flows, modules, storage = '') => {
  const each = flows / modules
  const name = module => `flows.part_${String(module).padStart(3, '0')}`
  const writeModule = (module, salt) => {
    const numbers = Array.from({ length: each }, (_, at) => module * each + at)
    write(
      join(folder, `${name(module).replace('.', '/')}.py`),
      moduleOfMany(numbers, salt, storage)
    )
  }
  for (let module = 0; module < modules; module += 1) writeModule(module, '')
  const names = Array.from({ length: modules }, (_, module) => name(module))
  return project(folder, names, round => writeModule(0, `round ${round}`))
}

/**
 * A script next to a repository that calls Prefect's own `Docker.build()` for the flow of each module.
 *
 * @param sources the folder that pickled flows import from, copied into the image; default none
 */
const buildScript = (release, { modules, packages, sources }) => `import importlib, os, sys
from prefect.${release.startsWith('0.5') ? 'environments.storage' : 'storage'} import Docker

env_vars = dict(line.split("=", 1) for line in os.environ["BENCH_VARIABLES"].split())
${sources ? 'env_vars["PYTHONPATH"] = "/opt/repository"\n' : ''}storage = Docker(
    registry_url=os.environ["BENCH_REGISTRY"],
    base_image=os.environ["BENCH_BASE"],
    image_name=os.environ["BENCH_IMAGE"],
    python_dependencies=${JSON.stringify(packages)},
    env_vars=env_vars,
    files=${sources ? `{os.path.abspath("${sources}"): "/opt/repository/${sources}"}` : '{}'},
    base_url=os.environ["DOCKER_HOST"],
)
for name in ${JSON.stringify(modules)}:
    storage.add_flow(importlib.import_module(name).flow)
storage.build()
`

/**
 * What Prefect's own build of a repository needs.
 *
 * @returns `script`, and `environment`: variables for a Python with a repository and its packages
 */
export const prefectScript = async ({ folder, env }, { release, python }, project, name) => {
  const { pipEnvironment } = await import('../../scripts/test-bed/pip.mjs')
  const site = join(folder, `site-${name}-${release}`)
  await run(
    python,
    ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', site, ...project.packages],
    { env: await pipEnvironment() }
  )
  const script = join(folder, 'scripts', `build-${name}-${release}.py`)
  write(script, buildScript(release, project))
  return {
    script,
    environment: repository => ({ ...env, PYTHONPATH: [repository, site].join(':') })
  }
}

/** A script that writes a pickle for each flow, as flows are stored in an image. */
const pickleScript = `import sys
import cloudpickle
from flows import daily, weekly

for flow in (daily.flow, weekly.flow):
    with open("%s/%s.prefect" % (sys.argv[1], flow.name.replace(" ", "-")), "wb") as file:
        cloudpickle.dump(flow, file)
`

const CHECK = `import cloudpickle, glob
for path in glob.glob("/opt/flows/*.prefect"):
    with open(path, "rb") as file:
        print(cloudpickle.load(file).name)
`

/** Releases of Prefect, each with its interpreter, its base image and scripts that use it. */
export const prefectReleases = async (bench, releases = ['0.5.4', '1.4.1']) => {
  const { bed, docker, id, inFolder, defer } = bench
  const scripts = inFolder('scripts')
  write(join(scripts, 'pickle_flows.py'), pickleScript)
  write(join(scripts, 'check_flows.py'), CHECK)
  const made = {}
  for (const release of releases) {
    const python = bed.venvs[release]
    made[release] = {
      release,
      python,
      scripts,
      minor: release === '0.5.4' ? '3.6' : '3.9',
      ...(await prefectScript(bench, { release, python }, TWO_FLOWS, 'two-flows'))
    }
  }
  // A separate base image for the run, so that images built on it can be recognized.
  const ownBase = async (release, from, ...lines) => {
    const base = `${bed.registry.url}/${id}-base-${release}:latest`
    await docker(['build', '-q', '-t', base, '-'], {
      input: [`FROM ${from}`, `ENV BENCH=${id}`, ...lines, ''].join('\n')
    })
    await docker(['push', '-q', base])
    made[release].base = base
  }
  if (made['0.5.4']) {
    // The Dockerfile that 0.5.4 writes installs Prefect from GitHub.
    const git = await prefectFromGit(bed.venvs['0.5.4'], '0.5.4', bed.gateway, inFolder('git'))
    defer(git.end)
    await ownBase('0.5.4', bed.baseImages['3.6'], `RUN ${git.configure}`)
  }
  if (made['1.4.1']) await ownBase('1.4.1', bed.prefectBase)
  return made
}
