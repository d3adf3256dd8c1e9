// One sample of each contestant: flowstore, Prefect's own build, a pipeline written by hand.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BUNDLE } from './bench.mjs'
import { DEPENDENCY } from './projects.mjs'
import { timed } from './process.mjs'

/**
 * Runs the bundle's CLI as a job does.
 *
 * @param options `bundle`: the CLI's script, default this checkout's; `node`: options of Node
 * @returns its seconds, and its report
 */
export const flowstore = async (project, args, env, { bundle = BUNDLE, node = [] } = {}) => {
  const { seconds } = await timed(
    process.execPath,
    [...node, bundle, 'build', ...project.flows, ...args],
    { cwd: project.folder, env }
  )
  const report = JSON.parse(readFileSync(join(project.folder, '.flowstore/report.json'), 'utf8'))
  return { seconds, report }
}

/**
 * Flags of flowstore for a release of Prefect and an image name in the registry.
 *
 * @param options `dependency`: whether the flows' dependency is installed; `requirements`: a requirements
 *   file; `variables`: those of the image
 */
export const flags = (
  { release, base },
  registry,
  image,
  { dependency = true, requirements, variables } = {}
) => [
  ...['--registry-url', registry, '--image-name', image, '--base-image', base],
  ...['--prefect-version', release],
  ...(dependency ? ['--python-dependencies', DEPENDENCY] : []),
  ...(requirements ? ['--requirements-file', requirements] : []),
  ...(variables ? ['--env-vars', variables] : [])
]

/** Runs Prefect's own `Docker.build()`. */
export const prefectBuild = ({ python, script, environment, base }, project, options) =>
  timed(python, [script], {
    cwd: project.folder,
    env: {
      ...environment(project.folder),
      BENCH_REGISTRY: options.registry,
      BENCH_IMAGE: options.image,
      BENCH_BASE: options.base ?? base,
      BENCH_VARIABLES: options.variables ?? ''
    }
  })

/** Runs Python that only imports the modules and pickles the flows. */
export const bareDumps = (python, project, env) =>
  timed(python, ['-W', 'ignore', '-c', project.dumps], { cwd: project.folder, env })

/**
 * A pipeline written by hand. The environment image is built once, here. For each change, the flows
 * are pickled, added to it by BuildKit, read back in a container, and pushed.
 */
export const handWritten = async (
  bench,
  { release, python, environment, base, scripts },
  image
) => {
  const { bed, docker, dockerProgram, inFolder, env } = bench
  const context = inFolder(`by-hand-${release}`)
  const prepared = `${bed.registry.url}/${image}:environment`
  const prefect = release === '0.5.4' ? `prefect==${release} ` : ''
  await docker(['build', '-q', '-t', prepared, '-'], {
    input: `FROM ${base}\nRUN pip install ${prefect}${DEPENDENCY}\nRUN mkdir -p /opt/flows && python -W ignore -c 'import prefect'\n`
  })
  await docker(['push', '-q', prepared])
  writeFileSync(
    join(context, 'Dockerfile'),
    `FROM ${prepared}\nENV PYTHONPATH=/opt/repository\nCOPY flows /opt/repository/flows\nCOPY pickles /opt/flows\n`
  )
  const check = readFileSync(join(scripts, 'check_flows.py'), 'utf8')
  let builds = 0
  return async project => {
    const name = `${bed.registry.url}/${image}:${(builds += 1)}`
    const options = { cwd: project.folder, env: environment(project.folder) }
    const from = performance.now()
    rmSync(join(context, 'pickles'), { recursive: true, force: true })
    mkdirSync(join(context, 'pickles'))
    await timed('cp', ['-r', 'flows', context], { cwd: project.folder, env })
    await timed(python, [join(scripts, 'pickle_flows.py'), join(context, 'pickles')], options)
    await timed(dockerProgram, ['build', '-q', '-t', name, context], {
      env: { ...env, DOCKER_BUILDKIT: '1' }
    })
    await timed(dockerProgram, ['run', '--rm', name, 'python', '-W', 'ignore', '-c', check], {
      env
    })
    await timed(dockerProgram, ['push', '-q', name], { env })
    return { seconds: (performance.now() - from) / 1000 }
  }
}

/** Runs Node with an empty script. */
export const emptyNode = async bench => {
  const script = join(bench.folder, 'empty.mjs')
  if (!existsSync(script)) writeFileSync(script, '')
  return timed(process.execPath, [script], { env: bench.env })
}
