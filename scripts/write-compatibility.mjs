// Runs the conformance suite and writes docs/compatibility.md from what it found; with --print and
// the file of results, prints the document as it should be instead.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import prettier from 'prettier'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')

const STORAGES = {
  local: {
    title: 'Local',
    checks: ['json', 'locations', 'file format', 'errors', 'reads back', 'runs']
  },
  docker: {
    title: 'Docker',
    checks: ['json', 'locations', 'file format', 'errors', 'reads back', 'healthcheck', 'runs']
  },
  bytes: {
    title: 'Bytes',
    checks: ['json', 'locations', 'file format', 'errors', 'reads back', 'runs']
  },
  memory: {
    title: 'Memory',
    checks: ['json', 'locations', 'file format', 'errors', 'reads back', 'runs']
  }
}

const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows]
    .map(cells => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')

const headline = check => (check === 'json' ? 'JSON' : check[0].toUpperCase() + check.slice(1))

/** A row of a storage's table; what was not compared needs a reason. */
function storageRow({ release, storages }, storage, checks) {
  const cells = checks.map(check => {
    const cell = storages[storage]?.[check]
    if (cell === true || (typeof cell === 'string' && cell.trim() !== '')) return [check, cell]
    throw new Error(
      `Prefect ${release}, ${storage}, ${check}: neither compared nor a reason why not`
    )
  })
  const open = cells.filter(([, cell]) => cell !== true)
  const reasons = [...new Set(open.map(([, cell]) => cell))].map(reason => {
    const all = open.length === checks.length
    const about = open.filter(([, cell]) => cell === reason).map(([check]) => headline(check))
    return all ? reason : `${about.join(', ')}: ${reason}`
  })
  return [release, ...cells.map(([, cell]) => (cell === true ? '✓' : '–')), reasons.join('; ')]
}

async function render(results) {
  const parts = [
    `# Compatibility

Written by \`npm run docs:compatibility\` from what the suite \`conformance\` found; the suite fails
where this page says something else, and where a hole has no reason.

For each release the suite installs the real Prefect, with the pins and on a Python of the one table
in \`src/prefect/pickled-flows.ts\`. Prefect's own classes and this project build storages from the same
modules (\`__tests__/conformance/flows\`), and the two are compared; then the release loads and runs
flows from what this project wrote.

## Releases
`,
    table(
      ['Prefect', 'Tested on Python', 'Installs and runs on', 'Installed with'],
      results.map(({ release, python, pythons, pins }) => [
        release,
        python,
        pythons.join(', '),
        pins.length === 0 ? 'nothing else' : pins.map(pin => `\`${pin}\``).join(', ')
      ])
    ),
    `
What a ✓ says:

- **JSON**: empty and filled, it equals what the release's \`serialize()\` gives, as objects; for Docker
  with thirteen combinations of registry, name, tag and version, and with the names that those give.
- **Locations**: of flows with names such as \`Über flöw\`, \`日本 flow\`, \`a/b\`, \`it's\` and \`🚀\`; the time in
  them, from 0.14.2 on, is compared by its form.
- **File format**: the text around the pickle with its versions, and the pickle's protocol.
- **Errors**: class and words for a name that is there already, a flow that is not there, membership,
  and for Docker relative files and missing names.
- **Reads back**: the release's \`StorageSchema\` loads the JSON and dumps it the same.
- **Healthcheck**: the command that ends the release's own Dockerfile accepts the files of an image.
- **Runs**: the flows come from those files with their tasks, edges, parameters and schedules, in an
  empty folder, and each run ends Successful.

Different on purpose: two names with one location are refused (\`LOCATION_CONFLICT\`), where Prefect
lets one flow overwrite the other; \`getEnvRunner\` runs flows of local and bytes storage too, where
Prefect's runs those of Docker alone and went with 0.14.7; \`getFlow\` of Docker storage knows its flows
in every release, where Prefect has none before 0.6.5 and opens any path before 0.12.6; images without
a name are named by their content, where Prefect takes the time or a random number.
`
  ]
  for (const [storage, { title, checks }] of Object.entries(STORAGES)) {
    parts.push(`## ${title}\n`)
    parts.push(
      table(
        ['Prefect', ...checks.map(headline), 'Reason for a hole'],
        results.map(row => storageRow(row, storage, checks))
      )
    )
    parts.push('')
  }
  const file = join(root, 'docs/compatibility.md')
  const config = await prettier.resolveConfig(file)
  return { file, text: await prettier.format(parts.join('\n'), { ...config, filepath: file }) }
}

const read = path => JSON.parse(readFileSync(path, 'utf8'))

const [flag, given] = process.argv.slice(2)
if (flag === '--print') {
  process.stdout.write((await render(read(given))).text)
} else {
  const folder = mkdtempSync(join(tmpdir(), 'flowstore-compatibility-'))
  const results = join(folder, 'results.json')
  const { status } = spawnSync(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--experimental-vm-modules',
      join(root, 'node_modules/jest/bin/jest.js'),
      ...['--selectProjects', 'conformance']
    ],
    { cwd: root, stdio: 'inherit', env: { ...process.env, FLOWSTORE_COMPATIBILITY: results } }
  )
  if (status === 0) {
    const { file, text } = await render(read(results))
    writeFileSync(file, text)
  } else process.exitCode = 1
  rmSync(folder, { recursive: true })
}
