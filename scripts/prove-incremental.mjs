// Tries many random edits, not only those of the suite `field`:
// `node scripts/prove-incremental.mjs [--edits N] [--seed N]`, N edits for each release of Prefect.
//
// It needs the test bed. If nothing is wrong, what was tried goes into docs/incremental-proof.txt, with seed and commit.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { commitBut, shownCommit } from './test/commit.mjs'

const FILE = 'docs/incremental-proof.txt'

const { values } = parseArgs({
  options: {
    edits: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' }
  }
})
const commit = commitBut(FILE)
const folder = mkdtempSync(join(tmpdir(), 'flowstore-proof-'))
const tried = join(folder, 'tried.txt')
try {
  const { status } = spawnSync(
    process.execPath,
    [
      ...['--disable-warning=ExperimentalWarning', '--experimental-vm-modules'],
      ...['node_modules/jest/bin/jest.js', '--selectProjects', 'field'],
      ...['--testPathPattern', 'field/incremental-proof']
    ],
    {
      env: {
        ...process.env,
        CI: 'true',
        FLOWSTORE_EDITS: values.edits,
        FLOWSTORE_SEED: values.seed,
        FLOWSTORE_PROOF: tried
      },
      stdio: 'inherit'
    }
  )
  process.exitCode = status ?? 1
  if (status === 0) {
    const lines = readFileSync(tried, 'utf8').trim().split('\n')
    writeFileSync(FILE, lines.map(line => `${line} ${shownCommit(commit)}\n`).join(''))
  }
} finally {
  rmSync(folder, { recursive: true })
}
