import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import type { PublishedReport } from '../../src/publish/outputs.js'
import { fieldIn } from '../helpers/field.js'
import { freshName, oneFlow, repository } from '../helpers/flowstore.js'
import { digestOfTag } from '../helpers/registry-digest.js'
import { notForDocker, registryProxy } from '../helpers/registry-proxy.js'
import { when } from '../helpers/registry-server.js'
import { describeWith } from '../helpers/test-bed.js'

describeWith(
  ['docker', 'registry', 'prefect:1.4.1'],
  'an image that the daemon builds and pushes',
  bed => {
    test('gets its further tags from the registry, and all tags go back if one is refused', async () => {
      const proxy = await registryProxy(bed.registry.url)
      const root = repository({ 'f.py': oneFlow('a') })
      const { flowstore } = fieldIn(root)
      const name = freshName('own-tag')
      const build = (...tags: readonly string[]) =>
        flowstore(
          [
            ...['build', 'f.py', '--json', '--registry-url', proxy.host, '--image-name', name],
            ...['--base-image', bed.prefectBase, '--assemble', 'build', '--image-tag', 'stable'],
            ...tags.flatMap(tag => ['--tags', tag])
          ],
          { DOCKER_HOST: bed.dockerHost }
        )
      const digests = (...tags: readonly string[]) =>
        Promise.all(tags.map(tag => digestOfTag(bed.registry.url, name, tag)))
      const first = await build('latest')
      expect([first.code, first.text]).toEqual([0, expect.anything()])
      const { digest: former } = (JSON.parse(first.stdout) as PublishedReport).outputs
      const byDocker = proxy
        .take()
        .filter(
          ({ line, by }) => by === 'docker' && /^PUT .*manifests\/(?!sha256:|env-)/.test(line)
        )
        .map(({ line }) => line.replace(/.*\//, ''))
      expect([byDocker, await digests('stable', 'latest')]).toEqual([['stable'], [former, former]])

      writeFileSync(join(root, 'f.py'), `${oneFlow('a')}# changed\n`)
      proxy.rules.push(notForDocker(when(/^PUT .*manifests\/v2$/, { status: 403 })))
      const second = await build('latest', 'v2')
      expect([second.code, second.text]).toEqual([6, expect.stringContaining('PUSH_REFUSED')])
      expect(await digests('stable', 'latest', 'v2')).toEqual([former, former, null])
      for (const tag of ['stable', 'latest']) {
        expect(second.text).toContain(`${proxy.host}/${name}:${tag} to ${former}`)
      }
      expect(second.text).not.toContain('This remains')
    }, 240_000)
  }
)
