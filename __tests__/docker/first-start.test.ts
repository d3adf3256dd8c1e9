import { join } from 'node:path'
import { beforeAll, expect, jest, test } from '@jest/globals'
import { reportOf } from '../helpers/builds.js'
import {
  flowstore,
  freshName,
  mustRun,
  repository,
  temporaryFolder,
  type Ended
} from '../helpers/flowstore.js'
import { registryAt } from '../helpers/registry-api.js'
import { describeWith } from '../helpers/test-bed.js'
import { uvProgram, WITHOUT_INDEXES } from '../helpers/uv.js'

jest.setTimeout(300_000)

const NO_DAEMON = 'unix:///nowhere/docker.sock'

interface Manifest {
  readonly config: { readonly digest: string }
}

interface Config {
  readonly config: { readonly Labels: Readonly<Record<string, string>> }
}

describeWith(
  ['docker', 'registry', 'prefect:3.9.1', 'python:3.12'],
  'the first start of `prefect version` in an environment image',
  bed => {
    const registry = registryAt(bed.registry.url)
    let env: NodeJS.ProcessEnv

    /** The tags of environment images in a repository; it may not exist. */
    const environments = async (name: string): Promise<readonly string[]> => {
      const { tags } = await registry
        .json<{ tags: readonly string[] | null }>(`${name}/tags/list`)
        .catch(() => ({ tags: [] }))
      return (tags ?? []).filter(tag => tag.startsWith('env-'))
    }

    /** What the label of an environment image says. */
    const factsOf = async (name: string, tag: string): Promise<unknown> => {
      const { config } = await registry.json<Manifest>(`${name}/manifests/${tag}`)
      const { Labels } = (await registry.json<Config>(`${name}/blobs/${config.digest}`)).config
      return JSON.parse(Labels['io.flowstore.environment'] ?? '')
    }

    /** An image whose Prefect loads flows, and whose command does not start. */
    const broken = `${bed.registry.url}/${freshName('broken-cli')}:latest`

    const build = (
      name: string,
      base: string,
      [builder, loadIn]: readonly [string, string],
      flow = 'from prefect import flow\n\n@flow\ndef nightly():\n    pass\n'
    ): Promise<Ended> =>
      flowstore(
        [
          ...['build', 'flow.py', '--registry-url', bed.registry.url, '--image-name', name],
          ...['--base-image', base, '--prefect-version', '3.9.1', '--json', '--verbose'],
          ...['--builder', builder, '--load-in', loadIn],
          ...(loadIn === 'runner' ? ['--python', '3.12'] : [])
        ],
        repository({ 'flow.py': flow }),
        loadIn === 'image' || builder === 'daemon' ? { ...env, DOCKER_HOST: bed.dockerHost } : env
      )

    beforeAll(async () => {
      const PATH = [join(await uvProgram(), '..'), WITHOUT_INDEXES['PATH']].join(':')
      env = { ...WITHOUT_INDEXES, PATH, DOCKER_HOST: NO_DAEMON, XDG_CACHE_HOME: temporaryFolder() }
      const cli = `$(python -c 'import os, prefect; print(os.path.dirname(prefect.__file__))')/cli/__init__.py`
      const context = repository({
        Dockerfile: `FROM ${bed.prefectImages['3.9.1']}\nRUN echo 'import no_such_module' > ${cli}\n`
      })
      await mustRun('docker', ['build', '-q', '-t', broken, context])
      await mustRun('docker', ['push', '-q', broken])
    })

    test.each([
      ['without a daemon', 'direct', 'runner'],
      ['without a daemon, in a container', 'direct', 'image'],
      ['by the daemon', 'daemon', 'runner']
    ])('fails the build of an image that is built %s', async (_title, builder, loadIn) => {
      const name = freshName('first-start')
      const { code, stderr } = await build(name, broken, [builder, loadIn])
      expect(stderr).toContain(
        "error IMAGE_BUILD: the environment image can't be built: 'prefect version' does not start in it, and a worker needs it"
      )
      expect(stderr).toContain("ModuleNotFoundError: No module named 'no_such_module'")
      expect(code).toBe(4)
      // The next build finds no image that was never started.
      expect(await environments(name)).toEqual([])
    })

    test('is recorded, also if modules do not load, and not done again', async () => {
      const name = freshName('first-start')
      const how = ['direct', 'runner'] as const
      const failing = await build(name, bed.prefectImages['3.9.1'], how, 'import no_such_module\n')
      expect(failing.code).toBe(3)
      const [tag = '', ...others] = await environments(name)
      expect(others).toEqual([])
      expect(await factsOf(name, tag)).toMatchObject({ started: 'prefect version' })
      const again = await build(name, bed.prefectImages['3.9.1'], how)
      expect(reportOf(again).environment).toMatchObject({ builder: null })
      expect(await environments(name)).toEqual([tag])
    })
  }
)
