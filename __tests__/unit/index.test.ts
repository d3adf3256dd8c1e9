import { resolve } from 'node:path'
import { expect, test } from '@jest/globals'
import ts from 'typescript'

const isParameter = ({ flags }: ts.Symbol): boolean => (flags & ts.SymbolFlags.TypeParameter) !== 0

/** Types that the options of `buildStorage` are derived from. */
const DERIVED = ['Given', 'Lines', 'OptionKey']

/** The names of the types of `src/` in the public signatures of the library that it does not export. */
function unexportedTypes(): string[] {
  const { config } = ts.readConfigFile('tsconfig.json', path => ts.sys.readFile(path)) as {
    config: unknown
  }
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, '.')
  const file = resolve('src/index.ts')
  const program = ts.createProgram([file], options)
  const checker = program.getTypeChecker()
  const aliased = (symbol: ts.Symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const symbolOf = (node: ts.Node | undefined) => node && checker.getSymbolAtLocation(node)
  const index = symbolOf(program.getSourceFile(file))
  const exported = new Set(index && checker.getExportsOfModule(index).map(aliased))
  const missing = new Set<string>()

  const isHidden = (node: ts.Node): boolean =>
    ts.isBlock(node) ||
    (ts.canHaveModifiers(node) &&
      ts
        .getModifiers(node)
        ?.some(({ kind }) =>
          [ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword].includes(kind)
        )) ||
    ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal')

  const visit = (node: ts.Node): void => {
    if (isHidden(node)) return
    if (ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node)) {
      const named = symbolOf(ts.isTypeReferenceNode(node) ? node.typeName : node.expression)
      const symbol = named && aliased(named)
      const isOwn = symbol?.declarations?.some(declaration =>
        declaration.getSourceFile().fileName.startsWith(resolve('src'))
      )
      if (symbol !== undefined && isOwn && !isParameter(symbol) && !exported.has(symbol)) {
        missing.add(symbol.name)
      }
    }
    ts.forEachChild(node, visit)
  }
  for (const symbol of exported) symbol.declarations?.forEach(visit)
  return [...missing].filter(name => !DERIVED.includes(name)).sort()
}

test('every type that the library takes or gives is exported', () => {
  expect(unexportedTypes()).toEqual([])
}, 60_000)
