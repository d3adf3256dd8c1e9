// Runs the conformance suite and writes docs/compatibility.md from its results. With --print, the name of a
// part and a file of its results, only prints what the document must contain.
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

/** A row of a storage's table. A check that was not made needs a reason. */
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

const INTRODUCTION = `# Compatibility

\`npm run docs:compatibility\` writes this page from the results of the test suite \`conformance\`. The suite fails
if the page is out of date, or if a comparison was skipped without a reason. Many more releases, each on many Pythons, are
in [The matrix](matrix.md), with fewer checks.

## Never tried

This project has not been run with these. What it does with them comes from their documentation and code:

- Prefect Cloud, and what only Cloud has, such as service level agreements (SLAs): \`deploy\` writes none;
- workers of other work pools than \`process\` and \`docker\`, such as Kubernetes or ECS. Their job variables are checked
  against the schema that the server has;
- Python 3.14 and newer, although Prefect installs on them;
- images pulled from Docker Hub. The tests use images like \`python\` and \`prefecthq/prefect\` in a local registry.
`

const releases = results =>
  table(
    ['Prefect', 'Tested on Python', 'Installs and runs on', 'Installed with'],
    results.map(({ release, python, pythons, pins }) => [
      release,
      python,
      pythons.join(', '),
      pins.length === 0 ? 'nothing else' : pins.map(pin => `\`${pin}\``).join(', ')
    ])
  )

/** Releases whose flows are pickles. */
function pickledPart(results) {
  const parts = [
    `## Prefect 0.5 to 1.4

For each release, the suite installs the real Prefect, with the pins and the Python that the table in
\`src/prefect/pickled-flows.ts\` lists for it. Prefect's own classes and this project build storages from the same
modules (\`__tests__/conformance/flows\`), and the suite compares the two. Then Prefect itself loads and runs flows
from the files that this project wrote.
`,
    releases(results),
    `
A ✓ means:

- **JSON**: as objects, the JSON of the empty and of the filled storage equals that of the release's
  \`serialize()\`. For Docker, this covers thirteen combinations of registry, name, tag and version, and the image
  names that result from them.
- **Locations**: they are equal for flows with names such as \`Über flöw\`, \`日本 flow\`, \`a/b\`, \`it's\` and \`🚀\`. From
  0.14.2 on they contain a time, of which only the form is compared.
- **File format**: the data around the pickle, with its versions, and the protocol of the pickle are equal.
- **Errors**: class and message are equal for a name that already exists and for a flow that doesn't exist;
  membership tests agree. For Docker also for relative files and missing names.
- **Reads back**: the release's \`StorageSchema\` loads the JSON and dumps the same JSON.
- **Healthcheck**: the command at the end of the release's own Dockerfile accepts the files of an image.
- **Runs**: the release loads the flows from those files, in an empty folder, with their tasks, edges, parameters
  and schedules, and each run ends Successful.

These differences are intended:

- Two flow names with one location are refused (\`LOCATION_CONFLICT\`). In Prefect, one flow overwrites the other.
- \`getEnvRunner\` also runs flows of local and bytes storage. In Prefect, only Docker storage has it, and 0.14.7
  removed it.
- \`getFlow\` of Docker storage finds its flows in every release. In Prefect, it has no \`get_flow\` before
  0.6.5, and before 0.12.6 it opens any path.
- An image without a name is named by a hash of its content. Prefect uses the time or a random number.
`
  ]
  for (const [storage, { title, checks }] of Object.entries(STORAGES)) {
    parts.push(`### ${title}\n`)
    parts.push(
      table(
        ['Prefect', ...checks.map(headline), 'Why not compared'],
        results.map(row => storageRow(row, storage, checks))
      )
    )
    parts.push('')
  }
  return parts.join('\n')
}

const ENTRYPOINT_CHECKS = [
  ...['found', 'described', 'told', 'prefect.yaml', 'registered', 'runs by tag', 'runs by digest']
]

/** Releases whose flows are entrypoints. */
function entrypointPart(results) {
  return [
    `## Prefect 2.13 to 3.9

For each release, the suite starts the real server of that release, and registers the same modules
(\`__tests__/conformance/zoo\`) by the real \`prefect deploy\` and by this project. Server and client are of one
release, with the pins that the table in \`src/prefect/entrypoint-flows.ts\` lists for it.
`,
    releases(results),
    `
A ✓ means:

- **Found**: the flows that this project finds are those that the release loads by their entrypoints, each in a
  process that has seen no other module: functions, coroutines, generators, methods, copies with other options, flows
  that a function makes, and modules with relative imports. What a release can't load, or can't run, is not found.
- **Described**: name, version, description, retries, timeout and parameter schema equal those of the release.
- **Told**: a notice names the flows that no entrypoint of the release can name, and an error the modules that do not load
  (a missing package, a syntax error, Prefect 1, a flow that is called, a name that is refused), each with its line and the
  reason that \`__tests__/conformance/told.ts\` has for the release.
- **Prefect.yaml**: the release's \`prefect deploy --all\` registers the same from the file that this project wrote as
  from a complete file written by hand. All fields of the records that its API gives are compared, and the
  automations of triggers.
- **Registered**: \`flowstore deploy\` registers the same as \`prefect deploy\`.
- **Runs by tag**, **Runs by digest**: a docker worker of the release runs the flows in the image that was pushed, and
  each run ends Completed. By digest, the suite runs one flow of each kind of module, and \`npm run docs:compatibility\` each
  flow (\`FLOWSTORE_BY_DIGEST=all\`).

In another suite, \`deploy\`, a process worker of 2.20.27 and of 3.9.1 runs a flow from a folder of local storage.

These differences are intended:

- A deployment without a version gets the key of its flow, which changes with the flow alone. Prefect takes the
  commit (3.x), a hash of the file, or none (2.x).
- A flow without a docstring gives its deployment no description. \`prefect deploy\` of 3.x writes the text \`None\`.
- Deployments that \`flowstore deploy\` makes in 3.x have a label of this project.
- The description of a trigger is written, also with 3.0, whose \`prefect deploy\` leaves it out.
`,
    table(
      ['Prefect', 'Flows', ...ENTRYPOINT_CHECKS.map(headline), 'Why not compared'],
      results.map(({ release, flows, checks }) => {
        const [, ...cells] = storageRow(
          { release, storages: { all: checks } },
          'all',
          ENTRYPOINT_CHECKS
        )
        return [release, String(flows), ...cells]
      })
    ),
    ''
  ].join('\n')
}

const PARTS = { entrypoint: entrypointPart, pickled: pickledPart }

const file = join(root, 'docs/compatibility.md')
const formatted = async text =>
  prettier.format(text, { ...(await prettier.resolveConfig(file)), filepath: file })

const read = path => JSON.parse(readFileSync(path, 'utf8'))

const [flag, name, given] = process.argv.slice(2)
if (flag === '--print') {
  process.stdout.write(await formatted(PARTS[name](read(given))))
} else {
  const folder = mkdtempSync(join(tmpdir(), 'flowstore-compatibility-'))
  const { status } = spawnSync(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--experimental-vm-modules',
      join(root, 'node_modules/jest/bin/jest.js'),
      ...['--selectProjects', 'conformance']
    ],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, FLOWSTORE_COMPATIBILITY: folder, FLOWSTORE_BY_DIGEST: 'all' }
    }
  )
  if (status === 0) {
    const parts = Object.entries(PARTS).map(([name, part]) =>
      part(read(join(folder, `${name}.json`)))
    )
    writeFileSync(file, await formatted([INTRODUCTION, ...parts].join('\n')))
  } else process.exitCode = 1
  rmSync(folder, { recursive: true })
}
