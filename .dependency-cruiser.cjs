// Which room may import which: docs/architecture.md says what each of them owns.

/** Rooms and single files of `src/`, top to bottom: each imports only from what stands below it. */
const ORDER = [
  ['bundle.ts'],
  ['action.ts', 'cli.ts', 'index.ts'],
  ['commands'],
  ['build'],
  ['environment'],
  ['publish'],
  ['report.ts'],
  ['image'],
  ['storage'],
  ['deployments'],
  ['flows'],
  ['packages'],
  ['python'],
  ['options'],
  ['ci'],
  ['docker'],
  ['registry'],
  ['prefect-api'],
  ['http'],
  ['sources'],
  ['prefect'],
  ['log.ts'],
  ['util'],
  ['errors.ts', 'paths.ts', 'version.ts']
]

const pattern = names =>
  `^src/(${names.map(name => (name.endsWith('.ts') ? name.replace('.', '\\.') : `${name}/`)).join('|')})`

const downward = ORDER.slice(1).map((names, index) => ({
  name: `${names.join('-')}-imports-downward`,
  severity: 'error',
  comment: 'A room imports only from rooms below it.',
  from: { path: pattern(names) },
  to: { path: pattern(ORDER.slice(0, index + 1).flat()) }
}))

module.exports = {
  forbidden: [
    ...downward,
    {
      name: 'storage-is-pure',
      severity: 'error',
      comment: 'No HTTP and no processes. eslint.config.mjs forbids the modules of Node for that.',
      from: { path: pattern(['storage']) },
      to: {
        path: pattern(['docker', 'registry', 'prefect-api', 'http', 'util/process.ts']),
        reachable: true
      }
    },
    {
      name: 'only-entry-points-publish',
      severity: 'error',
      comment: 'A build returns a value; the entry points publish it.',
      from: {
        path: '^src/',
        pathNot: pattern(['action.ts', 'cli.ts', 'index.ts', 'commands', 'publish'])
      },
      to: { path: pattern(['publish']) }
    },
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'No circle of files, types included.',
      from: {},
      to: { circular: true }
    },
    {
      name: 'no-unordered',
      severity: 'error',
      comment: 'Every file of src/ has a place in the order.',
      from: {},
      to: { path: '^src/', pathNot: pattern(ORDER.flat()) }
    }
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    includeOnly: '^src/',
    enhancedResolveOptions: { extensions: ['.ts', '.js'] }
  }
}
