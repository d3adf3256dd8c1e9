// Prefect 3's own ways to build, push and register deployments.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipEnvironment, uvEnvironment } from '../../scripts/test-bed/pip.mjs'
import { PREFECTS } from '../../scripts/test-bed/pythons.mjs'
import { HOME, POOL, PREFECT_3 } from './prefect-3.mjs'
import { prefectOf } from './prefect-server.mjs'
import { timed } from './process.mjs'

/** As Prefect's documentation has it: build, push and register by one call. */
const deployScript = ({ entrypoints, deployment }) => `import os

from prefect import deploy
from prefect.docker import DockerImage

${entrypoints
  .map(entrypoint => entrypoint.replace('.py', '').replaceAll('/', '.').split(':'))
  .map(([module, name], at) => `from ${module} import ${name} as deployed_${at}`)
  .join('\n')}

deploy(
${entrypoints.map((_, at) => `    deployed_${at}.to_deployment("${deployment}"),`).join('\n')}
    work_pool_name="${POOL}",
    image=DockerImage(
        name=os.environ["BENCH_IMAGE"], tag=os.environ["BENCH_TAG"], dockerfile="Dockerfile"
    ),
)
`

/**
 * Prepares one of Prefect's own ways: a Dockerfile as Prefect writes one, and a repository in the registry that has
 * the layers of the base image, since the push of Prefect's client has a time limit.
 *
 * @param work runs it in a folder with an environment
 * @returns takes a sample; each has a tag of its own, as a commit has
 */
const readyBuild = async (bench, release, project, image, work) => {
  const { bed, docker } = bench
  const name = `${bed.registry.url}/${image}`
  await docker(['tag', release.base, `${name}:base`])
  await docker(['push', '-q', `${name}:base`])
  writeFileSync(
    join(project.folder, 'Dockerfile'),
    [
      `FROM ${release.base}`,
      `COPY requirements.txt ${HOME}/requirements.txt`,
      `RUN pip install -r ${HOME}/requirements.txt`,
      `COPY . ${HOME}/`,
      `WORKDIR ${HOME}/`,
      ''
    ].join('\n')
  )
  writeFileSync(join(project.folder, '.dockerignore'), '__pycache__\n')
  let builds = 0
  const sample = () =>
    work({
      cwd: project.folder,
      env: {
        ...release.env,
        PYTHONPATH: [project.folder, release.site].join(':'),
        BENCH_IMAGE: name,
        BENCH_TAG: String((builds += 1))
      }
    })
  await sample()
  return sample
}

const DEPLOY_ALL = ['--no-prompt', 'deploy', '--all']

/** `prefect deploy --all` with the build and push steps of prefect-docker. */
export const readyPrefectDeploy = (bench, release, project, image) =>
  readyBuild(bench, release, project, image, options =>
    timed(prefectOf(release.python), DEPLOY_ALL, options)
  )

/** A script that calls `deploy(…, image=DockerImage(…))`. */
export const readyDeployScript = (bench, release, project, image) => {
  const script = join(bench.inFolder('scripts'), `${project.deployment}.py`)
  writeFileSync(script, deployScript(project))
  return readyBuild(bench, release, project, image, options =>
    timed(release.python, [script], options)
  )
}

/**
 * `prefect deploy --all` on a machine without Prefect: each sample makes a virtual environment and installs Prefect
 * from the index, and nothing is cached.
 *
 * @param installer `pip` or `uv`
 */
export const readyInstallAndDeploy = async (bench, release, project, image, installer) => {
  const python = bench.bed.pythons[release.minor]
  const { requirements, worker } = PREFECTS[PREFECT_3]
  const packages = [...requirements, worker, '-r', 'requirements.txt']
  const venv = join(bench.folder, `venv-${installer}`)
  const bin = name => join(venv, 'bin', name)
  const installs = {
    pip: [
      [python, '-m', 'venv', venv],
      [bin('python'), '-m', 'pip', 'install', '--no-cache-dir', ...packages]
    ],
    uv: [
      [bench.bed.uv, 'venv', '--python', python, venv],
      [bench.bed.uv, 'pip', 'install', '--no-cache', '--python', bin('python'), ...packages]
    ]
  }
  const index = { ...(await pipEnvironment()), ...(await uvEnvironment()) }
  return readyBuild(bench, release, project, image, async ({ cwd, env }) => {
    rmSync(venv, { recursive: true, force: true })
    let seconds = 0
    for (const [program, ...args] of [...installs[installer], [bin('prefect'), ...DEPLOY_ALL]]) {
      const options = { cwd, env: { ...env, ...index, PYTHONPATH: undefined } }
      seconds += (await timed(program, args, options)).seconds
    }
    return { seconds }
  })
}
