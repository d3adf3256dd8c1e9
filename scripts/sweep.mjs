// Tries every fault, not only the sample of the suite `faults`: `node scripts/sweep.mjs registry|daemon|signals`.
//
// It needs the test bed. What was tried, with the commit and the seed, goes into docs/faults.txt, a line for each sweep.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const FILE = 'docs/faults.txt'
const SWEEPS = {
  registry: { test: 'registry-sweep', env: { FAULTS: 'all' } },
  daemon: { test: 'daemon-faults', env: { FAULTS: 'all' } },
  signals: { test: 'signals-moments', env: { MOMENTS: 'all' } }
}

const [name = ''] = process.argv.slice(2)
const sweep = SWEEPS[name]
if (sweep === undefined) {
  console.error(`no sweep named '${name}'; there are ${Object.keys(SWEEPS).join(', ')}`)
  process.exit(2)
}
const { dockerHost } = JSON.parse(readFileSync('.test-bed/bed.json', 'utf8'))
const git = (...args) => execFileSync('git', args, { encoding: 'utf8' }).trim()
const commit = `${git('rev-parse', '--short=12', 'HEAD')}${git('status', '--porcelain', '--', '.', `:!${FILE}`) === '' ? '' : ' with changes'}`

const child = spawn(
  process.execPath,
  [
    ...['--disable-warning=ExperimentalWarning', '--experimental-vm-modules'],
    ...['node_modules/jest/bin/jest.js', '--selectProjects', 'faults'],
    ...['--testPathPattern', `faults/${sweep.test}`]
  ],
  {
    env: { ...process.env, ...sweep.env, CI: 'true', DOCKER_HOST: dockerHost },
    stdio: ['ignore', 'pipe', 'pipe']
  }
)
const begin = performance.now()
let printed = ''
for (const [from, to] of [
  [child.stdout, process.stdout],
  [child.stderr, process.stderr]
]) {
  from.on('data', part => {
    printed += part
    to.write(part)
  })
}
child.on('close', code => {
  process.exitCode = code ?? 1
  const tried = printed.split('\n').filter(line => line.startsWith(`${name}: `))
  if (tried.length === 0) return
  const minutes = ((performance.now() - begin) / 60_000).toFixed(0)
  const lines = tried.map(line => `${line} (commit ${commit}, ${minutes} minutes)`)
  const others = existsSync(FILE)
    ? readFileSync(FILE, 'utf8')
        .split('\n')
        .filter(line => line !== '' && !line.startsWith(`${name}: `))
    : []
  writeFileSync(FILE, `${[...others, ...lines].sort().join('\n')}\n`)
})
