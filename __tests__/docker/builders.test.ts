import { readFileSync } from 'node:fs'
import { beforeAll, expect, jest, test } from '@jest/globals'
import { reportOf } from '../helpers/builds.js'
import { flowstore, freshName, oneFlow, repository, type Ended } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'
import { uvProgram, WITHOUT_INDEXES } from '../helpers/uv.js'
import { dirname } from 'node:path'

jest.setTimeout(120_000)

/** The lines of the table in docs/options.md, with a cell for each state of the daemon. */
const ROWS = readFileSync('docs/options.md', 'utf8')
  .split('\n')
  .filter(line => /^\| `(?:auto|direct|daemon)` *\| `(?:auto|append|build)` *\|/.test(line))
  .map(line =>
    line
      .split('|')
      .slice(1, -1)
      .map(cell => cell.replaceAll('`', '').trim())
  )

const CELLS = ROWS.flatMap(([builder = '', assemble = '', push = '', daemon = '', none = '']) => [
  { builder, assemble, push, daemon: 'a daemon', expected: daemon },
  { builder, assemble, push, daemon: 'no daemon', expected: none }
])

/** What a build gave, in the words of the table. */
function outcomeOf(ended: Ended): string {
  const code = /^error ([A-Z_]+):/m.exec(ended.stderr)?.[1]
  if (code !== undefined) return `error ${code}`
  const { environment, phases } = reportOf(ended)
  const isBuilt = phases.some(({ name }) => name === 'build')
  return [
    environment?.builder === 'direct' ? 'built without a daemon' : 'the daemon builds',
    isBuilt ? 'the daemon adds the flows' : 'the flows are appended'
  ].join('; ')
}

describeWith(
  ['docker', 'registry', 'prefect:1.4.1', 'python:3.9'],
  'each combination of builder, assemble and push',
  bed => {
    let env: NodeJS.ProcessEnv

    beforeAll(async () => {
      const path = [dirname(await uvProgram()), WITHOUT_INDEXES['PATH']].join(':')
      env = { ...WITHOUT_INDEXES, PATH: path }
    })

    test('is in the table', () => {
      expect(new Set(ROWS.map(row => row.slice(0, 3).join())).size).toBe(18)
    })

    test.each(CELLS)(
      '$builder, $assemble, $push with $daemon: $expected',
      async ({ builder, assemble, push, daemon, expected }) => {
        const ended = await flowstore(
          [
            ...['build', 'flow.py', '--registry-url', bed.registry.url, '--json'],
            ...['--image-name', freshName('builders'), '--base-image', bed.prefectBase],
            ...['--load-in', 'runner', '--builder', builder],
            ...['--assemble', assemble, '--push', push]
          ],
          repository({ 'flow.py': oneFlow('nightly') }),
          {
            ...env,
            DOCKER_HOST: daemon === 'a daemon' ? bed.dockerHost : 'unix:///nowhere/docker.sock'
          }
        )
        expect(outcomeOf(ended)).toBe(expected)
      }
    )
  }
)
