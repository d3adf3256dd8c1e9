// Builds lib/, packs the package and checks what was packed: node scripts/build-package.mjs [FOLDER].
// Plain `npm pack` would leave lib/ out: .npmrc disables npm's scripts, including `prepack`.
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const folder = resolve(process.argv[2] ?? root)

// The package is ESM only: how CommonJS and Node 10 would resolve it does not matter.
const RESOLUTIONS = ['node16-esm', 'bundler']

const pack = () => {
  rmSync(join(root, 'lib'), { recursive: true, force: true })
  const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.lib.json']
  execFileSync(process.execPath, tsc, { cwd: root, stdio: 'inherit' })
  const output = execFileSync('npm', ['pack', '--loglevel=error', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'inherit']
  })
  return join(folder, output.trim().split('\n').at(-1))
}

const lint = async bytes => {
  const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true })
  return messages.map(message => `publint: ${formatMessage(message, pkg, { color: false })}`)
}

const checkTypes = async bytes => {
  const { types, problems } = await checkPackage(createPackageFromTarballData(bytes))
  if (!types) return ['attw: the package has no types']
  return problems
    .filter(({ resolutionKind }) => !resolutionKind || RESOLUTIONS.includes(resolutionKind))
    .map(problem => `attw: ${JSON.stringify(problem)}`)
}

const tarball = pack()
// A copy, since the buffer of a small file is part of a shared pool.
const bytes = new Uint8Array(readFileSync(tarball))
const findings = [...(await lint(bytes)), ...(await checkTypes(bytes))]
if (findings.length === 0) console.log(tarball)
else {
  rmSync(tarball)
  console.error(findings.join('\n'))
  process.exitCode = 1
}
