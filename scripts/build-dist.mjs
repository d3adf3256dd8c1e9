// Bundles src/ into dist/; with --check, fails if the committed dist/ differs from the result.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'acorn'
import { minify } from 'terser'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const run = (command, args) => execFileSync(command, args, { cwd: root, stdio: 'inherit' })

/**
 * Writes the functions of the bundle's modules as `(function …)`, so that V8 compiles them when it reads the file.
 * Otherwise V8 only pre-parses them, and reads them again when they are called. Nearly all are called. For arrow
 * functions, parentheses alone do nothing. ncc's have neither `this` nor `arguments`.
 */
const compiledAtOnce = code => {
  const { body } = parse(code, { ecmaVersion: 'latest', sourceType: 'module' })
  const functions = body
    .flatMap(statement => (statement.declaration ?? statement).declarations ?? [])
    .flatMap(({ init }) => init?.properties ?? [])
    .filter(
      ({ key, value, method }) => /^\d+$/.test(key.raw) && /Function/.test(value.type) && !method
    )
    .map(({ value }) => value)
  const written = value => {
    const text = ({ start, end }) => code.slice(start, end)
    const isArrow = value.type === 'ArrowFunctionExpression' && value.body.type === 'BlockStatement'
    return isArrow
      ? `${value.async ? 'async ' : ''}function(${value.params.map(text).join(',')})${text(value.body)}`
      : text(value)
  }
  return functions.reduceRight(
    (text, value) => `${text.slice(0, value.start)}(${written(value)})${text.slice(value.end)}`,
    code
  )
}

rmSync(join(root, 'dist'), { recursive: true, force: true })
run('node_modules/.bin/ncc', [
  'build',
  'src/bundle.ts',
  '-o',
  'dist',
  '--license',
  'licenses.txt',
  '--quiet'
])
// More than half of the bundle is comments, spaces and long names, and Node reads the whole file before it runs any of it.
for (const name of readdirSync(join(root, 'dist')).filter(file => file.endsWith('.js'))) {
  const file = join(root, 'dist', name)
  const { code } = await minify(readFileSync(file, 'utf8'), {
    module: true,
    ecma: 2020,
    compress: false,
    // Names of functions and classes stay: they are in stacks.
    mangle: { keep_fnames: true, keep_classnames: true },
    format: { comments: false }
  })
  writeFileSync(file, `${compiledAtOnce(code)}\n`)
}
writeFileSync(
  join(root, 'dist/action.js'),
  "import { action } from './index.js'\n\nawait action()\n"
)
writeFileSync(
  join(root, 'dist/flowstore.js'),
  "#!/usr/bin/env node\nimport { cli } from './index.js'\n\nawait cli()\n"
)
if (process.argv.includes('--check')) {
  const changed = execFileSync('git', ['status', '--porcelain', '--', 'dist'], {
    cwd: root
  }).toString()
  if (changed !== '') {
    console.error(`dist/ is out of date; run npm run build:dist and commit:\n${changed}`)
    process.exitCode = 1
  }
}
