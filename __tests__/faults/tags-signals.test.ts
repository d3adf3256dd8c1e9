import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import type { PublishedReport } from '../../src/publish/outputs.js'
import { startRun } from '../helpers/daemon-runs.js'
import { serveDeployments } from '../helpers/deployments-api.js'
import { fieldIn } from '../helpers/field.js'
import { freshName, oneFlow, repository } from '../helpers/flowstore.js'
import { digestOfTag } from '../helpers/registry-digest.js'
import { registryProxy, type RegistryProxy } from '../helpers/registry-proxy.js'
import { describeWith, type TestBed } from '../helpers/test-bed.js'

/** Seconds that GitHub gives a cancelled step before the second signal. */
const GRACE = 7.5

/** The files of a result, without drafts. */
const contentOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder)
      .filter(name => name !== 'failure.json' && !name.startsWith('.'))
      .map(name => [name, readFileSync(join(folder, name), 'utf8')])
  )

const root = repository({ 'f.py': oneFlow('a') })
const name = freshName('signals')

/**
 * An image with the tag `latest`, whose module was changed since.
 *
 * @param second a further tag. `interrupted` runs a build with both, and sends a signal when this one is asked for
 */
async function changedImage(bed: TestBed, second: string) {
  const registry = bed.registry.url
  const proxy = await registryProxy(registry)
  const { flowstore } = fieldIn(root)
  const env = { DOCKER_HOST: bed.dockerHost }
  const build = (...tags: readonly string[]) => [
    ...['build', 'f.py', '--json', '--registry-url', proxy.host, '--image-name', name],
    ...['--base-image', bed.prefectBase, ...tags.flatMap(tag => ['--tags', tag])]
  ]
  const digestOf = (tag: string) => digestOfTag(registry, name, tag)
  const first = await flowstore(build('latest'), env)
  if (first.code !== 0) throw new Error(first.text)
  const { outputs } = JSON.parse(first.stdout) as PublishedReport
  const files = contentOf(join(root, '.flowstore'))
  writeFileSync(join(root, 'f.py'), `${oneFlow('a')}# for ${second}\n`)
  return {
    proxy,
    digestOf,
    former: outputs.digest,
    /** Expects the files of the build before. */
    keepsFiles: () => {
      expect(contentOf(join(root, '.flowstore'))).toEqual(files)
    },
    /** What the registry names, without the images of the environment. */
    tags: async (): Promise<readonly string[]> => {
      const answer = await fetch(`http://${registry}/v2/${name}/tags/list`)
      const { tags } = (await answer.json()) as { tags: string[] }
      return tags.filter(tag => !tag.startsWith('env-'))
    },
    named: (tag: string) => `${proxy.host}/${name}:${tag}`,
    whole: () => flowstore(build('latest', second), env),
    interrupted: async (signal: NodeJS.Signals, onSecond: () => void = () => undefined) => {
      const run = startRun(build('latest', second), root, env, 60_000)
      let at = 0
      proxy.rules.push(({ method, path }) => {
        if (at === 0 && method === 'PUT' && path.endsWith(`/manifests/${second}`)) {
          at = performance.now()
          run.kill(signal)
          onSecond()
        }
        return undefined
      })
      const ended = await run.ended
      proxy.rules.splice(0)
      proxy.plan = () => undefined
      return { ...ended, seconds: at === 0 ? NaN : (performance.now() - at) / 1000 }
    }
  }
}

describeWith(
  ['docker', 'registry', 'prefect:1.4.1'] as const,
  'a run that a signal ends between two tags',
  bed => {
    test.each(['SIGINT', 'SIGTERM'] as const)(
      'puts back the tags that it moved, and names them (%s)',
      async signal => {
        const image = await changedImage(bed, signal)
        const before = await image.tags()
        const { output, seconds, signal: by } = await image.interrupted(signal)
        expect([by, output]).toEqual([signal, expect.stringContaining('error INTERRUPTED')])
        expect(seconds).toBeLessThan(GRACE)
        expect(await image.digestOf('latest')).toBe(image.former)
        const [, done = '', remaining = ''] =
          /This was put back: (.*?)(?:\. This remains: (.*))?$/m.exec(output) ?? []
        expect(done).toContain(`${image.named('latest')} to ${image.former}`)
        const isNew = (tag: string) => !before.includes(tag)
        const unnamed = (await image.tags())
          .filter(isNew)
          .filter(tag => !remaining.includes(image.named(tag)))
        expect(unnamed).toEqual([])
        image.keepsFiles()
        expect(readdirSync(join(root, '.flowstore')).filter(each => /^\./.test(each))).toEqual([])
      },
      120_000
    )

    test('puts back those that were set, if the registry does not answer for the other', async () => {
      const image = await changedImage(bed, 'silent')
      image.proxy.plan = line => (/^PUT .*\/manifests\/silent$/.test(line) ? 'hang' : undefined)
      const { output, seconds, signal } = await image.interrupted('SIGINT')
      expect([signal, output]).toEqual(['SIGINT', expect.stringContaining('error INTERRUPTED')])
      expect(seconds).toBeLessThan(GRACE)
      expect(await image.digestOf('latest')).toBe(image.former)
      expect(output).toContain(`${image.named('silent')} may come to name sha256:`)
    }, 120_000)

    test('names what remains, if the registry does not answer any more', async () => {
      const image = await changedImage(bed, 'last')
      const { output, seconds, signal } = await image.interrupted('SIGTERM', () => {
        image.proxy.plan = line => (line.endsWith('/last') ? undefined : 'hang')
      })
      expect([signal, output]).toEqual(['SIGTERM', expect.stringContaining('error INTERRUPTED')])
      expect(seconds).toBeLessThan(GRACE)
      expect(output).toMatch(/This remains: .*:latest names sha256:.* instead of sha256:/)
    }, 120_000)

    test('leaves tags after SIGKILL that name whole images, and the next run completes them', async () => {
      const image = await changedImage(bed, 'killed')
      const { signal } = await image.interrupted('SIGKILL')
      expect(signal).toBe('SIGKILL')
      image.keepsFiles()
      const { code, stdout, text } = await image.whole()
      expect([code, text]).toEqual([0, expect.anything()])
      const { outputs } = JSON.parse(stdout) as PublishedReport
      expect([await image.digestOf('latest'), await image.digestOf('killed')]).toEqual([
        outputs.digest,
        outputs.digest
      ])
      expect(outputs.digest).not.toBe(image.former)
    }, 120_000)
  }
)

describeWith(
  ['docker', 'registry', 'prefect:3.9.1'] as const,
  'a run that a signal ends while it deploys',
  bed => {
    /** Sends a signal when the second deployment is to be written; `onSignal` is called with it. */
    const interrupted = async (
      signal: NodeJS.Signals,
      onSignal: (proxy: RegistryProxy) => void = () => undefined
    ) => {
      const server = await serveDeployments()
      const proxy = await registryProxy(new URL(server.url).host)
      const tag = freshName('deploys').replaceAll('/', '-')
      const flows = ['a', 'b'].map(flow => `@flow\ndef ${flow}():\n    pass  # ${tag}\n`)
      const root = repository({ 'f.py': ['from prefect import flow', ...flows].join('\n') })
      const args = [
        // Not a fresh name: its registry has the environment image already.
        ...['build', 'f.py', '--registry-url', bed.registry.url, '--image-name', 'field'],
        ...['--base-image', bed.prefectImages['3.9.1'], '--tags', tag],
        ...['--deploy', '--work-pool', 'docker']
      ]
      const env = { DOCKER_HOST: bed.dockerHost, PREFECT_API_URL: `http://${proxy.host}/api` }
      const run = startRun(args, root, env, 60_000)
      const written: string[] = []
      let at = NaN
      proxy.rules.push(({ method, path, body }) => {
        if (method !== 'POST' || path !== '/api/deployments/') return undefined
        written.push((JSON.parse(body.toString()) as { name: string }).name)
        if (written.length === 2) {
          at = performance.now()
          run.kill(signal)
          onSignal(proxy)
        }
        return undefined
      })
      const { output, signal: by } = await run.ended
      expect([by, output]).toEqual([signal, expect.stringContaining('error INTERRUPTED')])
      expect((performance.now() - at) / 1000).toBeLessThan(GRACE)
      // Deployments may name them.
      expect(await digestOfTag(bed.registry.url, 'field', tag)).toBeDefined()
      expect(output).toMatch(
        RegExp(`This remains: the tags \\w+, ${tag} of ${bed.registry.url}/field, since`)
      )
      return { output, server }
    }

    test('names the tags that stay and the deployments that were put back', async () => {
      const { output, server } = await interrupted('SIGINT')
      expect(server.deployments.size).toBe(0)
      expect(output.match(/deleted again: .*/g)).toEqual(
        expect.arrayContaining(['deleted again: a/default', 'deleted again: the flow a'])
      )
      expect(output.match(/The server has the deployments that it had before/g)).toHaveLength(1)
    }, 60_000)

    test('names the deployments that stay, if the server does not answer any more', async () => {
      const { output, server } = await interrupted('SIGTERM', proxy => {
        proxy.plan = () => 'hang'
      })
      expect(server.deployments.size).toBe(1)
      expect(output).toContain('NOT put back: a/default: the server gives no answer')
    }, 60_000)
  }
)
