// Audits the workflows, action.yml and dependabot.yml for security problems, without the network.
import { spawnSync } from 'node:child_process'
import { withLock } from './test-bed/lock.mjs'
import { root } from './test-bed/places.mjs'
import { findPythons, pythonTool } from './test-bed/pythons.mjs'

const zizmor = await withLock(async () =>
  pythonTool('zizmor', 'zizmor==1.32.0', await findPythons())
)
const options = ['--offline', '--quiet', '--persona=pedantic', '--strict-collection']
const { status } = spawnSync(zizmor, [...options, '.'], { cwd: root, stdio: 'inherit' })
process.exitCode = status ?? 1
