// Compiles a module in TypeScript and imports it into a script, since Node 20 can't run TypeScript.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import ts from 'typescript'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }

/** Compiles a module and the files that it imports into a folder, without checking types. */
function compile(path, folder, done = new Set()) {
  if (done.has(path)) return
  done.add(path)
  const { outputText } = ts.transpileModule(readFileSync(join(root, path), 'utf8'), {
    compilerOptions
  })
  const output = join(folder, path.replace(/\.ts$/, '.js'))
  mkdirSync(dirname(output), { recursive: true })
  writeFileSync(output, outputText)
  for (const { fileName } of ts.preProcessFile(outputText).importedFiles) {
    if (fileName.startsWith('.')) {
      compile(join(dirname(path), fileName.replace(/\.js$/, '.ts')), folder, done)
    }
  }
}

/**
 * Imports a module in TypeScript.
 *
 * @param {string} path such as `src/options/values/names.ts`
 */
export async function importSource(path) {
  // In node_modules, so that the packages that it imports are found.
  mkdirSync(join(root, 'node_modules/.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, 'node_modules/.cache/flowstore-'))
  try {
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
    compile(path, folder)
    return await import(pathToFileURL(join(folder, path.replace(/\.ts$/, '.js'))))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
