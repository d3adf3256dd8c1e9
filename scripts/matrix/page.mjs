// docs/matrix.md, made of the cells that were tried.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { arch, cpus, platform, totalmem } from 'node:os'
import prettier from 'prettier'
import { root } from '../test-bed/places.mjs'

const ALL_PYTHONS = ['3.6', '3.7', '3.8', '3.9', '3.10', '3.11', '3.12', '3.13', '3.14', '3.15']

const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows]
    .map(cells => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')

/** Entrypoints in one form: a module path can have a dot or a colon before the name. */
const colons = list => list.map(name => name.replace(/^([\w.]+)\.(\w+)$/, '$1:$2')).sort()
const without = (list, others) => list.filter(name => !others.includes(name))

/** How what was seen differs from what `kinds.ts` says of the release; undefined if it does not. */
export const differenceOf = ({ release, generation, python, found, loaded, failed }, zoo) => {
  if (failed !== undefined) return `${failed.step}: \`${failed.reason.replaceAll('`', "'")}\``
  if (generation !== 'entrypoints') return undefined
  const minor = python === 'image' ? undefined : python
  const said =
    loaded && zoo.KINDS.filter(kind => zoo.loads(kind, release, minor)).map(kind => kind.entrypoint)
  const expected = colons(zoo.flowsFor(release, minor).map(({ entrypoint }) => entrypoint))
  const names = [
    ...(loaded === undefined
      ? []
      : [
          ['the release loads', without(loaded, said)],
          ['the release does not load', without(said, loaded)]
        ]),
    ['flowstore finds', without(colons(found), expected)],
    ['flowstore does not find', without(expected, colons(found))]
  ]
  const told = names.filter(([, list]) => list.length > 0)
  return told.length === 0
    ? undefined
    : told.map(([what, list]) => `${what} \`${list.join('`, `')}\``).join('; ')
}

const range = values => {
  const [first, last] = [values.toSorted()[0], values.toSorted().at(-1)]
  return first === last ? (first ?? '') : `${first} to ${last}`
}

const hasImage = (results, release) =>
  results.some(result => result.release === release && result.python === 'image')

/** A table of releases, a column for each Python, and why cells failed. */
const part = (rows, results, pythons) => {
  const columns = [
    ...ALL_PYTHONS.filter(version => rows.some(row => row.pythons.includes(version))),
    ...(rows.some(row => row.image || hasImage(results, row.release)) ? ['image'] : [])
  ]
  const reasons = []
  const cellOf = ({ release, pythons: known, tried, image }, version) => {
    const result = results.find(each => each.release === release && each.python === version)
    if (result?.difference !== undefined) {
      reasons.push(`${release} on ${version}: ${result.difference}`)
      return `✗ (${reasons.length})`
    }
    if (result !== undefined) return `✓ ${result.seconds} s`
    if (version === 'image') return image ? 'not yet' : ''
    if (!known.includes(version)) return '–'
    if (!(version in pythons)) return 'no Python'
    return tried.includes(version) ? 'not yet' : ''
  }
  const lines = rows.map(row => {
    const own = results.filter(({ release }) => release === row.release)
    const pins = row.pins.length === 0 ? 'nothing else' : `\`${row.pins.join('`, `')}\``
    const flows = [...new Set(own.flatMap(({ flows }) => flows ?? []))].join(', ')
    const dates = range([...new Set(own.map(({ date }) => date))])
    const commits = [...new Set(own.map(({ commit }) => commit))].join(', ')
    return [
      row.release,
      pins,
      ...columns.map(version => cellOf(row, version)),
      flows,
      dates,
      commits
    ]
  })
  const list = reasons.map((reason, index) => `${index + 1}. ${reason}`)
  return [
    table(
      [
        'Prefect',
        'Installed with',
        ...columns.map(name => name.replace('image', 'Image')),
        'Flows',
        'Date',
        'Commit'
      ],
      lines
    ),
    ...list
  ].join('\n')
}

/**
 * Writes the page.
 *
 * @param rows the releases, each with its pins, the Pythons that it has, and those that are tried
 * @param results what was seen
 * @param pythons the interpreters of this machine, by version
 */
export const writePage = async (rows, results, pythons) => {
  const of = generation => rows.filter(row => row.generation === generation)
  const known = results.filter(({ release, python }) =>
    rows.some(row => row.release === release && [...row.pythons, 'image'].includes(python))
  )
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  const text = `# The matrix

\`npm run conformance:matrix\` tries releases of Prefect on each Python of a machine, and writes this page. It is too
long for CI, which compares [some releases](compatibility.md) more closely. Results are kept in
\`scripts/matrix/results.json\`, so that a run goes on where the last one stopped: \`-- --minutes 30\` ends it after half
an hour, \`-- --again\` tries again what is known, \`-- 3.7.4 2.20.26@3.8\` tries only these: a release on its newest Python, or on the one after \`@\`.

Machine: ${platform()} ${arch()}, ${cpus().length} processors, ${memory}. Tried: ${known.length} cells in
${Math.round(known.reduce((sum, { seconds }) => sum + seconds, 0) / 60)} minutes.

A ✓ with its seconds means that all of this succeeded:

- flowstore made the environment: it resolved and installed the release with the pins in the table, on that Python;
- a build found exactly the flows that the tests say of the release, and the release's own loader loaded each of them;
- for Prefect 2 and 3, the release loads and refuses each entrypoint of \`__tests__/conformance/zoo\` as the tests say,
  and \`prefect version\` starts;
- \`flowstore run\` ran a flow to its end, Completed or Successful.

– is a Python that the release can't be installed on. \`no Python\` is one that the machine did not have, \`not yet\` one
that was not tried. What was tried nowhere is in [Compatibility](compatibility.md#never-tried).

## Prefect 2.13 to 3.9

The newest patch of each minor release on each Python, and in an image on Python 3.12 (3.9 where a release has no
3.12), where the build's healthcheck asks the release. Then each release with which the table in
\`src/prefect/entrypoint-flows.ts\` changes, on its oldest and its newest Python. Last, other releases that were named.

${part(of('entrypoints'), known, pythons)}

## Prefect 0.5 to 1.4

Each release with which the table in \`src/prefect/pickled-flows.ts\` changes, on its newest Python.

${part(of('pickles'), known, pythons)}
`
  const file = join(root, 'docs/matrix.md')
  const options = { ...(await prettier.resolveConfig(file)), filepath: file }
  writeFileSync(file, await prettier.format(text, options))
}
