import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, test } from '@jest/globals'
import ts from 'typescript'

const page = readFileSync('docs/architecture.md', 'utf8')
const [paragraph = ''] = /^Some code is imported on first use[^]*?\n\n/m.exec(page) ?? []
const text = paragraph.replaceAll('\n', ' ')
const named = [...paragraph.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)

const FILES = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map(path => path.replaceAll('\\', '/'))
  .filter(path => path.endsWith('.ts'))

/** The modules that a file imports when it is read, and those that it imports on first use. */
function importsOf(file: string): { readonly static: string[]; readonly lazy: string[] } {
  const found = { static: [] as string[], lazy: [] as string[] }
  const code = readFileSync(`src/${file}`, 'utf8')
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest)
  const target = (node: ts.Node | undefined): string[] => {
    if (node === undefined || !ts.isStringLiteral(node)) return []
    const relative = node.text.startsWith('.')
    return [
      relative ? posix.join(posix.dirname(file), node.text.replace(/\.js$/, '.ts')) : node.text
    ]
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && node.importClause?.isTypeOnly !== true) {
      found.static.push(...target(node.moduleSpecifier))
    } else if (ts.isExportDeclaration(node) && !node.isTypeOnly) {
      found.static.push(...target(node.moduleSpecifier))
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      found.lazy.push(...target(node.arguments[0]))
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const IMPORTS = new Map(FILES.map(file => [file, importsOf(file)]))
const lazy = [...IMPORTS].flatMap(([file, imports]) => imports.lazy.map(name => ({ file, name })))

/** Whether the paragraph names a file of `src/`, by its path, its end, or a folder of it. */
const isNamed = (file: string): boolean =>
  named.some(
    name =>
      file === name || file.endsWith(`/${name}`) || (name.endsWith('/') && file.startsWith(name))
  )

test('each import on first use is at a border that the page names', () => {
  const unnamed = lazy.filter(({ file, name }) =>
    name.endsWith('.ts') ? !isNamed(file) && !isNamed(name) : !named.includes(name)
  )
  expect(unnamed).toEqual([])
})

/** What a build by the Action or the CLI has read before it crosses another border than the first. */
function readAtOnce(): ReadonlySet<string> {
  const read = new Set(['bundle.ts', 'action.ts', 'cli.ts', 'commands/build.ts'])
  for (const file of read) for (const name of IMPORTS.get(file)?.static ?? []) read.add(name)
  return read
}

test('nothing reads at once what is behind a border', () => {
  const read = readAtOnce()
  const first = ['action.ts', 'cli.ts', 'commands/build.ts']
  const behind = lazy.map(({ name }) => name).filter(name => !first.includes(name))
  expect(behind.filter(name => read.has(name))).toEqual([])
})

test('the page counts the borders and the packages', () => {
  const packages = new Set(lazy.map(({ name }) => name).filter(name => !name.endsWith('.ts')))
  const [, borders = ''] = /at (\w+) borders: (?:[^;:]+;){6}[^;:]+\. A run/.exec(text) ?? []
  const [, count = '', list = ''] = /\. (\w+) packages are [^:]+: ([^:]+)\./.exec(text) ?? []
  expect([borders, count]).toEqual(['seven', 'Six'])
  expect([...list.matchAll(/`([^`]+)`/g)].map(([, name]) => name)).toEqual([...packages].sort())
})

test('a run that crosses only the first border has read the files that the page names', () => {
  const [, ...files] = /It has read `([^`]+)`, `([^`]+)`/.exec(text) ?? []
  const read = readAtOnce()
  expect(files.map(file => [file, read.has(file)])).toEqual([
    ['build/load/settle.ts', true],
    ['build/store/tag-found.ts', true]
  ])
})
