import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import type { PublishedReport as Report } from '../../src/publish/outputs.js'
import { field, type Field, type FieldRun } from '../helpers/field.js'
import { freshName, oneFlow } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

const LIMIT = 120_000

describeWith(['docker', 'registry', 'prefect:1.4.1'], 'sources and keys', bed => {
  const build = (
    { flowstore }: Field,
    name: string,
    ...args: readonly string[]
  ): Promise<FieldRun> =>
    flowstore(
      [
        ...['build', 'flows', '--base-image', bed.prefectBase, '--json'],
        ...['--registry-url', bed.registry.url, '--image-name', name, ...args]
      ],
      { DOCKER_HOST: bed.dockerHost }
    )
  const reportOf = ({ code, text, stdout }: FieldRun): Report => {
    if (code !== 0) throw new Error(text)
    return JSON.parse(stdout) as Report
  }

  test(
    'a change of the readme, a workflow or a test gives the same tag, and one of a template a new tag',
    async () => {
      const repository = field({
        'README.md': 'one',
        LICENSE: 'one',
        '.github/workflows/ci.yml': 'one',
        'docs/index.md': 'one',
        'tests/test_a.py': 'one',
        'flows/templates/mail.md': 'one',
        'flows/a.py': oneFlow('a')
      })
      const name = freshName('keys')
      const first = reportOf(await build(repository, name))
      for (const file of ['README.md', 'LICENSE', '.github/workflows/ci.yml', 'docs/index.md']) {
        repository.write(file, 'two')
      }
      repository.write('tests/test_a.py', 'two')
      repository.write('.circleci/config.yml', 'new')
      const second = await build(repository, name)
      expect(reportOf(second).outputs).toMatchObject({
        changed: 'false',
        'image-tag': first.outputs['image-tag']
      })
      expect(second.text).toMatch(/Left out of the sources, .* 3 files \(documentation\)/)
      repository.write('flows/templates/mail.md', 'two')
      const third = reportOf(await build(repository, name))
      expect(third.outputs.changed).toBe('true')
      expect(third.outputs['image-tag']).not.toBe(first.outputs['image-tag'])
    },
    LIMIT
  )

  test(
    'a module that misses a test helper or a text is told the line to add, and the line helps',
    async () => {
      const repository = field({
        'README.md': 'text',
        'tests/__init__.py': '',
        'tests/helpers.py': 'VALUE = 1',
        'flows/a.py': `from tests.helpers import VALUE\n${oneFlow('a')}`,
        'flows/b.py': `TEXT = open('README.md').read()\n${oneFlow('b')}`
      })
      const name = freshName('keys')
      const failed = await build(repository, name)
      expect(failed.code).toBe(3)
      expect(failed.text).toContain('Add the line tests/ to the option --sources.')
      expect(failed.text).toContain('Add the line README.md to the option --sources.')
      const { flows } = reportOf(
        await build(repository, name, '--sources', 'tests/', '--sources', 'README.md')
      )
      expect(flows.map(flow => flow.name)).toEqual(['a', 'b'])
    },
    LIMIT
  )

  const changedIn = (report: Report) => JSON.parse(report.outputs['changed-flows']) as string[]
  const registeredIn = ({ root }: Field) => {
    const text = readFileSync(join(root, '.flowstore/flows.json'), 'utf8')
    return (JSON.parse(text) as { flows: { name: string }[] }).flows.map(flow => flow.name)
  }

  test(
    'only the flows that a change can reach are changed, compared with the first of tags',
    async () => {
      const repository = field({
        'flows/a.py': `from lib.used import X\n${oneFlow('a')}`,
        'flows/b.py': oneFlow('b'),
        'jobs/c.py': `import importlib\nNAME = 'lib.' + 'other'\nimportlib.import_module(NAME)\n${oneFlow('c')}`,
        'jobs/d.py': oneFlow('d'),
        'lib/__init__.py': '',
        'lib/used.py': 'X = 1',
        'lib/other.py': 'Y = 1',
        'flows/query.sql': 'select 1'
      })
      const name = freshName('keys')
      const args = ['--tags', 'main', '--flows', 'jobs']
      const first = await build(repository, name, ...args)
      expect(changedIn(reportOf(first))).toEqual(['a', 'b', 'c', 'd'])
      expect(first.text).toContain('every flow counts as changed')
      // The same input: the tag is where it was.
      expect(changedIn(reportOf(await build(repository, name, ...args)))).toEqual([])
      repository.write('lib/used.py', 'X = 2')
      const second = reportOf(await build(repository, name, ...args))
      expect(second.comparedWith).toBe(`${bed.registry.url}/${name}:main`)
      // c imports by a name that only a run tells.
      expect(changedIn(second)).toEqual(['a', 'c'])
      repository.write('flows/query.sql', 'select 2')
      expect(changedIn(reportOf(await build(repository, name, ...args)))).toEqual(['a', 'b', 'c'])
    },
    LIMIT
  )

  test(
    'flows.json has the flows that changed since the tag that the user moved after the registration',
    async () => {
      const repository = field({ 'flows/a.py': oneFlow('a'), 'flows/b.py': oneFlow('b') })
      const name = freshName('keys')
      const args = ['--register', 'changed', '--compare-with', 'registered']
      const first = reportOf(await build(repository, name, ...args))
      expect(registeredIn(repository)).toEqual(['a', 'b'])
      await moveTag(bed.registry.url, name, first.outputs['image-tag'], 'registered')
      repository.write('flows/b.py', `# changed\n${oneFlow('b')}`)
      const second = reportOf(await build(repository, name, ...args))
      expect([changedIn(second), registeredIn(repository)]).toEqual([['b'], ['b']])
      // The registration failed, so the tag did not move: an unchanged run registers the flow.
      const third = reportOf(await build(repository, name, ...args))
      expect(third.outputs.changed).toBe('false')
      expect([changedIn(third), registeredIn(repository)]).toEqual([['b'], ['b']])
      await moveTag(bed.registry.url, name, third.outputs['image-tag'], 'registered')
      const fourth = reportOf(await build(repository, name, ...args))
      expect([changedIn(fourth), registeredIn(repository)]).toEqual([[], []])
      const refused = await build(repository, name, '--register', 'changed')
      expect([refused.code, refused.text]).toEqual([2, expect.stringContaining('compare-with')])
    },
    LIMIT
  )
})

/** Has a tag name the image of another, as `docker buildx imagetools create` does. */
async function moveTag(registry: string, name: string, from: string, to: string): Promise<void> {
  const manifests = `http://${registry}/v2/${name}/manifests`
  const accept =
    'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json'
  const found = await fetch(`${manifests}/${from}`, { headers: { accept } })
  const type = found.headers.get('content-type') ?? ''
  const moved = await fetch(`${manifests}/${to}`, {
    method: 'PUT',
    headers: { 'content-type': type },
    body: await found.text()
  })
  expect(moved.status).toBe(201)
}
