// Writes the inputs of action.yml from src/options/specs.ts, and the tables of docs/options.md from
// both; with --print, prints docs/options.md as it should be instead.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import prettier from 'prettier'
import ts from 'typescript'
import { parse } from 'yaml'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const read = path => readFileSync(join(root, path), 'utf8')

// specs.ts imports nothing, so it runs on its own once its types are gone.
const { outputText } = ts.transpileModule(read('src/options/specs.ts'), {
  compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
})
const { OPTION_SPECS } = await import(`data:text/javascript,${encodeURIComponent(outputText)}`)
const { outputs } = parse(read('action.yml'))

const quoted = text => `'${text.replaceAll("'", "''")}'`
const inputs = OPTION_SPECS.map(spec =>
  [
    `  ${spec.name}:`,
    '    description: >-',
    `      ${spec.description}`,
    ...(spec.required ? ['    required: true'] : []),
    ...(spec.default === undefined ? [] : [`    default: ${quoted(spec.default)}`])
  ].join('\n')
)

const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows]
    .map(cells => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')

const kindOf = ({ kind, choices }) =>
  choices ? choices.map(choice => `\`${choice}\``).join(', ') : kind

function optionRow(spec) {
  // A default that depends on others is words at the end of the description.
  const [description, words] = spec.description.split(' Default: ')
  const fixed = spec.default === undefined ? undefined : `\`${spec.default}\``
  const otherwise = spec.required ? 'required' : (words?.replace(/\.$/, '') ?? '')
  return [`\`${spec.name}\``, kindOf(spec), fixed ?? otherwise, description]
}

const tables = {
  options: table(['Option', 'Kind', 'Default', 'What'], OPTION_SPECS.map(optionRow)),
  outputs: table(
    ['Output', 'What'],
    Object.entries(outputs).map(([name, { description }]) => [`\`${name}\``, description])
  )
}

const file = join(root, 'docs/options.md')
const written = Object.entries(tables).reduce(
  (text, [name, rows]) =>
    text.replace(
      new RegExp(`(<!-- ${name} -->)[^]*(<!-- /${name} -->)`),
      (_, begin, end) => `${begin}\n\n${rows}\n\n${end}`
    ),
  readFileSync(file, 'utf8')
)
const config = await prettier.resolveConfig(file)
const formatted = await prettier.format(written, { ...config, filepath: file })
if (process.argv.includes('--print')) process.stdout.write(formatted)
else {
  writeFileSync(file, formatted)
  const action = read('action.yml').replace(
    /^inputs:\n[^]*?(?=^\w)/m,
    () => `inputs:\n${inputs.join('\n')}\n`
  )
  writeFileSync(join(root, 'action.yml'), action)
}
