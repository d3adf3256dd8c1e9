import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { temporaryFolder, writeFiles } from './flowstore.js'

/**
 * A script for a process of its own, beside modules of `src/util`.
 *
 * @param modules their names; they import only each other
 * @returns its path
 */
export function scriptWith(modules: readonly string[], text: string): string {
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
  const compiled = modules.map(name => {
    const source = readFileSync(`src/util/${name}.ts`, 'utf8')
    return [`${name}.js`, ts.transpileModule(source, { compilerOptions }).outputText] as const
  })
  const folder = temporaryFolder()
  writeFiles(folder, {
    'package.json': '{"type":"module"}',
    ...Object.fromEntries<string>(compiled),
    'main.js': text
  })
  return join(folder, 'main.js')
}
