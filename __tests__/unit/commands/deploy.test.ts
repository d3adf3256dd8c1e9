import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { deployCommand, parseDeploy } from '../../../src/commands/deploy.js'
import { colours } from '../../../src/publish/colours.js'
import { documentOf, entry } from '../../helpers/deploy-documents.js'
import { serveDeployments } from '../../helpers/deployments-api.js'
import { temporaryFolder } from '../../helpers/flowstore.js'

test('flags and the file are read', () => {
  expect(parseDeploy(['d.json', '--dry-run', '--project', 'p', '--json'])).toEqual({
    file: 'd.json',
    dryRun: true,
    prune: false,
    project: 'p',
    json: true,
    verbosity: 'normal'
  })
})

test.each([
  [[], 'takes one deployments.json'],
  [['a.json', 'b.json'], 'takes one deployments.json'],
  [['a.json', '--dryrun'], "there is no option '--dryrun'"]
])('%j is refused', (args, words) => {
  expect(() => parseDeploy(args)).toThrow(words)
})

/** Runs the command, and gives what it prints on both streams. */
async function run(url: string, args: readonly string[]) {
  const file = join(temporaryFolder(), 'deployments.json')
  writeFileSync(file, JSON.stringify(documentOf(entry('a'))))
  const [printed, screen]: [string[], string[]] = [[], []]
  await deployCommand(
    [file, ...args],
    { PREFECT_API_URL: url },
    {
      print: line => printed.push(line),
      screen: { write: text => screen.push(text), isTerminal: false, columns: () => 80 },
      colours: colours(false)
    }
  )
  return { printed: printed.join('\n'), screen: screen.join('') }
}

test('the result is printed as a table', async () => {
  const { url } = await serveDeployments()
  expect((await run(url, [])).printed).toContain('created    orders/a')
})

test('--json prints the result, and --quiet nothing else', async () => {
  const { url } = await serveDeployments()
  const { printed, screen } = await run(url, ['--json', '--quiet'])
  expect(JSON.parse(printed)).toMatchObject({
    server: { url, version: '3.9.1' },
    project: 'ghcr.io/acme/flows:/opt/prefect/shop',
    dryRun: false,
    deployments: [{ flow: 'orders', name: 'a', state: 'created' }],
    notices: [],
    exitCode: 0
  })
  expect(screen).toBe('')
})
