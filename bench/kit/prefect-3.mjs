// Prefect 3: the release, and repositories of flows with their deployments.
import { basename, join } from 'node:path'
import { run } from '../../scripts/test-bed/command.mjs'
import { pipEnvironment } from '../../scripts/test-bed/pip.mjs'
import { timed } from './process.mjs'
import { prefectServer } from './prefect-server.mjs'
import { DEPENDENCY, write } from './projects.mjs'

export const PREFECT_3 = '3.9.1'
export const POOL = 'bench'
/** Where Prefect's own Dockerfile puts a repository. */
export const HOME = '/opt/prefect/shop'

/** A flow of three tasks. The source that it reads changes from round to round. */
const flowModule = (name, source) => `from datetime import date

import inflection
from prefect import flow, task


@task(retries=2)
def extract(day: date) -> list[str]:
    return ["order_id", "customer_name", "${source}"]


@task
def transform(columns: list[str]) -> dict[str, str]:
    return {column: inflection.titleize(column) for column in columns}


@task
def load(titles: dict[str, str], limit: int) -> None:
    for column, title in sorted(titles.items())[:limit]:
        print(column, title)


@flow(name="${name}", log_prints=True)
def report(day: date = date(2026, 1, 1), limit: int = 10) -> None:
    "Prints the columns of a day."
    load(transform(extract(day)), limit)
`

/** A flow with its own task, one of several in a module. */
const flowOfMany = number => `
@task
def rows_${number}(day: str) -> list[int]:
    return list(range(${number % 7}, ${(number % 7) + 5}))


@flow(name="flow ${number}")
def flow_${number}(day: str = "today", least: int = ${number}) -> int:
    return total(rows_${number}(day))
`

const moduleOfMany = numbers => `from prefect import flow, task

from flows.common import total

${numbers.map(flowOfMany).join('\n')}`

const commonModule = round => `ROUND = "${round}"


def total(rows: list[int]) -> int:
    return sum(rows)
`

/** `prefect.yaml` with Prefect's steps; flowstore reads the same file. JSON is YAML. */
const prefectFile = (name, entrypoints) => ({
  name: 'shop',
  build: [
    {
      'prefect_docker.deployments.steps.build_docker_image': {
        id: 'build-image',
        image_name: '{{ $BENCH_IMAGE }}',
        tag: '{{ $BENCH_TAG }}',
        dockerfile: 'Dockerfile'
      }
    }
  ],
  push: [
    {
      'prefect_docker.deployments.steps.push_docker_image': {
        image_name: '{{ build-image.image_name }}',
        tag: '{{ build-image.tag }}'
      }
    }
  ],
  pull: [{ 'prefect.deployments.steps.set_working_directory': { directory: HOME } }],
  deployments: entrypoints.map(entrypoint => ({
    name,
    entrypoint,
    work_pool: { name: POOL, job_variables: { image: '{{ build-image.image }}' } }
  }))
})

/** Python that only imports Prefect and the modules, and describes their flows. */
const describing = entrypoints => `from prefect.flows import load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema
for entrypoint in ${JSON.stringify(entrypoints)}:
    flow = load_flow_from_entrypoint(entrypoint, use_placeholder_flow=False)
    parameter_schema(flow).model_dump(exclude_unset=True)
`

let changes = 0

const repository = (folder, entrypoints, change) => {
  // Deployments of another repository are others.
  const deployment = basename(folder)
  const file = prefectFile(deployment, entrypoints)
  write(join(folder, 'prefect.yaml'), `${JSON.stringify(file, null, 2)}\n`)
  write(join(folder, 'requirements.txt'), `${DEPENDENCY}\n`)
  change(0)
  return {
    folder,
    flows: ['flows/'],
    entrypoints,
    deployment,
    /** Changes the sources, to content that they never had before. */
    change: () => change((changes += 1))
  }
}

/** Two flows of three tasks, in two modules, each with a deployment. A change is one of one flow. */
export const twoEntrypoints = folder => {
  write(join(folder, 'flows/weekly.py'), flowModule('weekly report', 'region'))
  return repository(folder, ['flows/daily.py:report', 'flows/weekly.py:report'], round =>
    write(join(folder, 'flows/daily.py'), flowModule('daily report', `round_${round}`))
  )
}

/** Many flows in many modules, each with a deployment. All import a module; a change is one of that. */
export const manyEntrypoints = (folder, flows, modules) => {
  const each = flows / modules
  const entrypoints = Array.from({ length: modules }, (_, module) => {
    const path = `flows/part_${String(module).padStart(3, '0')}.py`
    const numbers = Array.from({ length: each }, (_, at) => module * each + at)
    write(join(folder, path), moduleOfMany(numbers))
    return numbers.map(number => `${path}:flow_${number}`)
  }).flat()
  return repository(folder, entrypoints, round =>
    write(join(folder, 'flows/common.py'), commonModule(`round ${round}`))
  )
}

/** The release with its interpreter and a separate base image, as `prefectReleases` has those before it. */
export const prefect3 = async ({ bed, docker, id, env, defer }) => {
  const python = bed.workers?.[PREFECT_3]
  const from = bed.prefectImages?.[PREFECT_3]
  if (!python || !from) {
    throw new Error(
      `The test bed lacks Prefect ${PREFECT_3}; run \`node scripts/test-bed.mjs up\` again.`
    )
  }
  const base = `${bed.registry.url}/${id}-base-${PREFECT_3}:latest`
  await docker(['build', '-q', '-t', base, '-'], { input: `FROM ${from}\nLABEL bench=${id}\n` })
  await docker(['push', '-q', base])
  // Prefect's builds leave their containers behind.
  defer(async () => {
    const containers = await docker(['ps', '-aq', '--filter', `label=bench=${id}`])
    if (containers !== '') await docker(['rm', '-f', ...containers.split('\n')])
  })
  return {
    release: PREFECT_3,
    python,
    base,
    minor: '3.12',
    // Python may write its bytecode, as it does by default.
    env: { ...env, PYTHONDONTWRITEBYTECODE: undefined }
  }
}

/** The same with a server to register at, and what Prefect's own ways need: the packages of the flows. */
export const prefect3WithServer = async bench => {
  const release = await prefect3(bench)
  const server = await prefectServer(release.python, bench.inFolder('prefect-server'), POOL)
  bench.defer(server.end)
  const site = bench.inFolder('prefect-3-site')
  await run(
    release.python,
    ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', site, DEPENDENCY],
    { env: await pipEnvironment() }
  )
  return { ...release, env: { ...release.env, ...server.env }, site }
}

/** Runs Python that only imports Prefect and the modules, and describes the flows. */
export const bareDescriptions = (python, project, env) =>
  timed(python, ['-W', 'ignore', '-c', describing(project.entrypoints)], {
    cwd: project.folder,
    env
  })
