import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type Dockerode from 'dockerode'
import { noSources, type Sources } from '../discover/sources.js'
import { runContainer } from '../util/container.js'
import type { TarEntry } from '../util/tar.js'
import {
  checkResult,
  LOADER_FILE,
  loadResult,
  probeResult,
  requestJson,
  runResult,
  type FlowRun,
  type LoaderOutput,
  type PythonPlace
} from './loader.js'

/** Where the loader, the sources and its results lie in a loading container; never in an image. */
const HOME = '/flowstore'
const OUTPUT = `${HOME}/out`
const SOURCES = `${HOME}/src`
const FLOWS = `${HOME}/flows`

/** Archive entries that put the declared sources below a folder. */
export function sourceEntries(sources: Sources, prefix: string): TarEntry[] {
  const folders = new Set<string>()
  for (const { path } of sources.files) {
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
      folders.add(path.slice(0, at))
    }
  }
  return [
    // Modules may write beside themselves while they are imported, whatever user the image has.
    { path: prefix, folder: true, mode: 0o777 },
    ...[...folders].map(path => ({
      path: `${prefix}/${path}`,
      folder: true as const,
      mode: 0o777
    })),
    ...sources.files.map(file =>
      file.link === undefined
        ? {
            path: `${prefix}/${file.path}`,
            source: join(sources.root, file.path),
            size: file.size,
            mode: file.executable ? 0o755 : 0o644
          }
        : { path: `${prefix}/${file.path}`, link: file.link }
    )
  ]
}

/**
 * Python in containers of an image: no network, nothing of the runner's environment,
 * sources copied in.
 *
 * @param image reference or id of an image that the daemon has
 * @param sources what a load sees; default nothing
 */
export function containerPython(
  docker: Dockerode,
  image: string,
  sources: Sources = noSources('/')
): PythonPlace {
  const description = `a container of ${image}`

  const run = async (
    request: string,
    files: readonly TarEntry[],
    live: Partial<FlowRun> = {}
  ): Promise<LoaderOutput> =>
    runContainer(docker, {
      image,
      // Unbuffered, so that what a flow prints comes when it prints it.
      ...(live.env ? { env: { PYTHONUNBUFFERED: '1', ...live.env }, network: true } : {}),
      onOutput: live.onOutput,
      signal: live.signal,
      // Prefect's own commands say `python`; images that have only python3 are loaded all the same.
      command: [
        'sh',
        '-c',
        `exec "$(command -v python || command -v python3 || echo python)" ${HOME}/loader.py ${HOME}/request.json`
      ],
      workingDirectory: '/',
      output: OUTPUT,
      files: [
        { path: HOME.slice(1), folder: true },
        { path: OUTPUT.slice(1), folder: true, mode: 0o777 },
        { path: `${HOME.slice(1)}/loader.py`, content: await readFile(LOADER_FILE) },
        { path: `${HOME.slice(1)}/request.json`, content: request },
        ...files
      ]
    })

  return {
    description,
    probe: async () =>
      probeResult(await run(requestJson({ action: 'probe', output: OUTPUT }), []), description),
    load: async request =>
      loadResult(
        await run(
          requestJson({ ...request, action: 'load', root: SOURCES, output: OUTPUT }),
          sourceEntries(sources, SOURCES.slice(1))
        ),
        description
      ),
    check: async flows => {
      const paths = flows.map((flow, index) => ('path' in flow ? flow.path : `${FLOWS}/${index}`))
      return checkResult(
        await run(
          requestJson({
            action: 'check',
            flows: flows.map(({ name }, index) => ({ name, path: paths[index] ?? '' })),
            output: OUTPUT
          }),
          [
            { path: FLOWS.slice(1), folder: true },
            ...flows.flatMap((flow, index) =>
              'content' in flow
                ? [{ path: `${FLOWS}/${index}`.slice(1), content: flow.content }]
                : []
            )
          ]
        ),
        description
      )
    },
    run: async (flow, live) => {
      const path = 'path' in flow ? flow.path : `${FLOWS}/0`
      return runResult(
        await run(
          requestJson({
            action: 'run',
            flow: { name: flow.name, path },
            parameters: live.parameters,
            output: OUTPUT
          }),
          'path' in flow
            ? []
            : [
                { path: FLOWS.slice(1), folder: true },
                { path: path.slice(1), content: flow.content }
              ],
          live
        ),
        description
      )
    }
  }
}
