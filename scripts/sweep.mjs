// Tries every fault, not only the sample of the suite `faults`:
// `node scripts/sweep.mjs registry|daemon|signals|hostile|canaries [--minutes N]`.
//
// It needs the test bed. What was tried, with the commit and the seed, goes into docs/faults.txt, a line for each sweep;
// also if it is stopped. A sweep of the same commit and seed goes on where an earlier one ended.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { commitBut, shownCommit } from './test/commit.mjs'

const FILE = 'docs/faults.txt'
const TESTS = {
  registry: 'registry-sweep',
  daemon: 'daemon-faults',
  signals: 'signals-moments',
  hostile: 'hostile-modules',
  canaries: 'canaries'
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '240' } }
})
const [name = ''] = positionals
const test = TESTS[name]
if (test === undefined) {
  console.error(`no sweep named '${name}'; there are ${Object.keys(TESTS).join(', ')}`)
  process.exit(2)
}
const { dockerHost } = JSON.parse(readFileSync('.test-bed/bed.json', 'utf8'))
const commit = commitBut(FILE)
const seed = process.env.FAULTS_SEED ?? '16'
const results = `.test-bed/faults-${name}-${commit.head}-${seed}.json`
if (commit.isChanged) rmSync(results, { force: true })

const child = spawn(
  process.execPath,
  [
    ...['--disable-warning=ExperimentalWarning', '--experimental-vm-modules'],
    ...['node_modules/jest/bin/jest.js', '--selectProjects', 'faults'],
    ...['--testPathPattern', `faults/${test}`]
  ],
  {
    env: {
      ...process.env,
      CI: 'true',
      DOCKER_HOST: dockerHost,
      FAULTS: 'all',
      FAULTS_SEED: seed,
      FAULTS_MINUTES: values.minutes,
      FAULTS_RESULTS: results
    },
    stdio: 'inherit'
  }
)
// A terminal sends SIGINT to the child too.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => child.kill())

child.on('close', code => {
  process.exitCode = code ?? 1
  if (!existsSync(results)) return
  const { summary } = JSON.parse(readFileSync(results, 'utf8'))
  const others = existsSync(FILE)
    ? readFileSync(FILE, 'utf8')
        .split('\n')
        .filter(line => line !== '' && !line.startsWith(`${name}: `))
    : []
  const line = `${summary} ${shownCommit(commit)}`
  writeFileSync(FILE, `${[...others, line].sort().join('\n')}\n`)
})
