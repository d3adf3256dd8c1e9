// The whole test line: sets up what it needs, runs every check and suite, and counts.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
process.chdir(root)
const total = { passed: 0, failed: 0, skipped: 0 }

const installed = 'node_modules/.package-lock.json'
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync('package-lock.json').mtimeMs) {
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], {
    stdio: 'inherit',
    shell: process.platform === 'win32'
  })
}

function run(name, command, args) {
  const start = performance.now()
  const ok = spawnSync(command, args, { stdio: 'inherit' }).status === 0
  console.log(
    `${ok ? 'ok' : 'FAILED'}: ${name}, ${((performance.now() - start) / 1000).toFixed(1)} s`
  )
  return ok
}

const checks = [
  ['types', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.test.json']],
  ['lint', ['node_modules/eslint/bin/eslint.js', '.']],
  ['format', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.']],
  ['dist', ['scripts/build-dist.mjs', '--check']]
]
const suites = ['unit', 'python', 'compatibility']

const wanted = process.argv.slice(2)
const isWanted = name => wanted.length === 0 || wanted.includes(name)

for (const [name, args] of checks.filter(([name]) => isWanted(name))) {
  total[run(name, process.execPath, args) ? 'passed' : 'failed'] += 1
}
for (const suite of suites.filter(isWanted)) {
  const file = join(mkdtempSync(join(tmpdir(), 'flowstore-jest-')), 'result.json')
  const ok = run(suite, process.execPath, [
    '--disable-warning=ExperimentalWarning',
    '--experimental-vm-modules',
    'node_modules/jest/bin/jest.js',
    '--selectProjects',
    suite,
    '--json',
    `--outputFile=${file}`,
    '--silent=false',
    '--verbose=false'
  ])
  const result = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
  total.passed += result?.numPassedTests ?? 0
  total.skipped += result?.numPendingTests ?? 0
  // A suite that ends before its tests do counts as one failure.
  total.failed += ok
    ? 0
    : Math.max(1, (result?.numFailedTests ?? 0) + (result?.numRuntimeErrorTestSuites ?? 0))
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exitCode = total.failed === 0 ? 0 : 1
