import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
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
  const writeNew = ({ root, write }: Field, file: string, content: string) => {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    write(file, content)
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
      writeNew(repository, '.circleci/config.yml', 'new')
      const second = await build(repository, name)
      expect(reportOf(second).outputs).toMatchObject({
        changed: 'false',
        'image-tag': first.outputs['image-tag']
      })
      expect(second.text).toContain('6 more files are left out')
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
      expect(failed.text).toContain('Add the line tests/ to the option sources.')
      expect(failed.text).toContain('Add the line README.md to the option sources.')
      const { flows } = reportOf(
        await build(repository, name, '--sources', 'tests/', '--sources', 'README.md')
      )
      expect(flows.map(flow => flow.name)).toEqual(['a', 'b'])
    },
    LIMIT
  )
})
