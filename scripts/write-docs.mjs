// Writes the inputs of action.yml from src/options/schema.ts, the tables of docs/options.md from both, and
// the picture of docs/architecture.md from the imports of src/. With --print FILE, only prints the expected
// content of that file.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import prettier from 'prettier'
import { parse } from 'yaml'
import { importSource } from './import-source.mjs'
import { structurePicture } from './structure.mjs'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const read = path => readFileSync(join(root, path), 'utf8')

const { ENTRIES, fullDescription, OPTION_KEYS, optionName } = await importSource(
  'src/options/values/names.ts'
)
const { NEEDS } = await importSource('src/options/entry.ts')
const { outputs } = parse(read('action.yml'))

const quoted = text => `'${text.replaceAll("'", "''")}'`
const inputs = OPTION_KEYS.map(key => {
  const { required, default: value } = ENTRIES[key]
  return [
    `  ${optionName(key)}:`,
    '    description: >-',
    `      ${fullDescription(key)}`,
    ...(required ? ['    required: true'] : []),
    ...(value === undefined ? [] : [`    default: ${quoted(value)}`])
  ].join('\n')
})

const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows]
    .map(cells => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')

const code = text => `\`${text}\``

function optionRow(key) {
  const { kind, choices, required, default: value, defaultNote, description } = ENTRIES[key]
  const noted = required ? 'required' : (defaultNote ?? '')
  return [
    code(optionName(key)),
    choices ? choices.map(code).join(', ') : kind,
    value === undefined ? noted : code(value),
    description
  ]
}

const needRow = ([need, { words }]) => [
  words.replaceAll("'", '`'),
  OPTION_KEYS.filter(key => ENTRIES[key].needs === need)
    .map(optionName)
    .map(code)
    .join(', ')
]

const tables = {
  options: table(['Option', 'Kind', 'Default', 'What'], OPTION_KEYS.map(optionRow)),
  needs: table(['Only with', 'Options'], Object.entries(NEEDS).map(needRow)),
  outputs: table(
    ['Output', 'What'],
    Object.entries(outputs).map(([name, { description }]) => [`\`${name}\``, description])
  )
}

/** A page with generated parts between `<!-- NAME -->` and `<!-- /NAME -->`. */
async function page(path, parts) {
  const written = Object.entries(parts).reduce(
    (text, [name, rows]) =>
      text.replace(
        new RegExp(`(<!-- ${name} -->)[^]*(<!-- /${name} -->)`),
        (_, begin, end) => `${begin}\n\n${rows}\n\n${end}`
      ),
    read(path)
  )
  const config = await prettier.resolveConfig(join(root, path))
  return prettier.format(written, { ...config, filepath: path })
}

/** What writes the content of each file. */
const FILES = {
  'action.yml': () =>
    read('action.yml').replace(/^inputs:\n[^]*?(?=^\w)/m, () => `inputs:\n${inputs.join('\n')}\n`),
  'docs/options.md': () => page('docs/options.md', tables),
  'docs/architecture.md': async () =>
    page('docs/architecture.md', { structure: await structurePicture() })
}

const [flag, wanted] = process.argv.slice(2)
if (flag === '--print') process.stdout.write(await FILES[wanted]())
else {
  for (const [path, content] of Object.entries(FILES)) {
    writeFileSync(join(root, path), await content())
  }
}
