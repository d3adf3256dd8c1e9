import { posix } from 'node:path'
import { gte, lt } from '@renovatebot/pep440'
import type {
  Generation,
  ImageLayout,
  LayoutRequest,
  LocatedFlow,
  LocatingStorage,
  PrefectRules
} from './generation.js'
import { comparable, patches, rowOf, type Change } from './release-table.js'

/** The folder of an image that has the project's folder. */
const HOME = '/opt/prefect'

/** A row of the table: what differs between the releases. */
interface Row extends Pick<PrefectRules, 'basePython' | 'pythons' | 'requiresPython' | 'pins'> {
  /** Whether a run may install packages by itself, unless a variable forbids it. */
  readonly installsInRuns: boolean
}

const PYTHONS = ['3.8', '3.9', '3.10', '3.11', '3.12', '3.13', '3.14', '3.15']
const pythons = (first: string, last: string): readonly string[] =>
  PYTHONS.slice(PYTHONS.indexOf(first), PYTHONS.indexOf(last) + 1)

/**
 * The table of releases: each row says what changed with a release. Sources: Requires-Python and classifiers of the
 * releases, and docs/matrix.md, which `npm run conformance:matrix` writes. Each pin is there because without it flows
 * don't load, `prefect` doesn't start, or a run without an API fails.
 */
const TABLE: readonly [Change<Row>, ...Change<Partial<Row>>[]] = [
  [
    '2.13.0',
    {
      basePython: '3.11',
      pythons: pythons('3.8', '3.11'),
      requiresPython: '>=3.8',
      pins: ['griffe<1', 'cachetools'],
      installsInRuns: false
    }
  ],
  // With later pydantic, a flow that has a parameter with pydantic's types can't be defined.
  ['2.14.0', { pins: ['griffe<1', 'cachetools', 'pydantic<2.11'] }],
  // Earlier releases need pendulum 2, which does not build on Python 3.12.
  ['2.16.0', { basePython: '3.12', pythons: pythons('3.8', '3.12') }],
  // Its group of tasks can't be made with anyio 4.16, which has one more abstract method; 4.12 works.
  ['2.20.0', { pythons: pythons('3.8', '3.13'), pins: ['pydantic<2.11', 'anyio<4.13'] }],
  // They need asyncpg before 0.30, which does not build on Python 3.13.
  ['2.20.11', { pythons: pythons('3.8', '3.12') }],
  ['2.20.18', { pins: ['anyio<4.13'] }],
  ['2.20.25', { pythons: pythons('3.8', '3.13') }],
  ['2.20.27', { pins: [] }],
  // With later pydantic, no flow can be defined.
  [
    '3.0.0',
    {
      pythons: pythons('3.9', '3.13'),
      requiresPython: '>=3.9',
      // With 2.10, no run can keep its result.
      pins: ['pydantic<2.10', 'fastapi<0.129']
    }
  ],
  ['3.0.2', { pins: ['pydantic<2.11', 'fastapi<0.129'] }],
  ['3.1.0', { pins: ['pydantic<2.11', 'importlib_metadata', 'fastapi<0.129'] }],
  ['3.2.0', { pins: ['importlib_metadata', 'fastapi<0.129'] }],
  ['3.3.0', { requiresPython: '>=3.9,<3.14' }],
  ['3.4.25', { pythons: pythons('3.9', '3.14'), requiresPython: '>=3.9,<3.15' }],
  ['3.5.0', { pythons: pythons('3.10', '3.14'), requiresPython: '>=3.10,<3.15' }],
  // From 3.6.20 on, only the commands of a worker import importlib_metadata.
  ['3.7.0', { pins: ['fastapi<0.129'] }],
  // From here on no earlier FastAPI can be installed. Up to 3.7.4, the server of a run without an API can't read the
  // routes of FastAPI 0.137 and later.
  ['3.7.3', { pins: ['fastapi<0.137'] }],
  ['3.7.5', { pins: ['fastapi>=0.139,<0.151'] }],
  ['3.8.0', { installsInRuns: true }],
  ['3.9.0', { pythons: pythons('3.11', '3.15'), requiresPython: '>=3.11,<3.16', pins: [] }]
]

/** The published releases: each minor release with its first and its last patch. */
const RELEASES = patches([
  ['2.13', 0, 8],
  ['2.14', 0, 6],
  ['2.14', 8, 21],
  ['2.15', 0, 0],
  ['2.16', 0, 9],
  ['2.17', 0, 1],
  ['2.18', 0, 3],
  ['2.19', 0, 9],
  ['2.20', 0, 27],
  ['3.0', 0, 11],
  ['3.1', 0, 15],
  ['3.2', 0, 15],
  ['3.3', 0, 7],
  ['3.4', 0, 25],
  ['3.5', 0, 0],
  ['3.6', 0, 29],
  ['3.7', 0, 8],
  ['3.8', 0, 8],
  ['3.9', 0, 1]
])

const NEWEST = '3.9.1'
/** The first release that is not known to be of this generation. */
const NEXT_GENERATION = '4'

function covers(release: string): boolean {
  const version = comparable(release)
  return version !== undefined && !lt(version, TABLE[0][0]) && !gte(version, NEXT_GENERATION)
}

const DOCKER_FIELDS = [
  'prefect_version',
  'registry_url',
  'image_name',
  'image_tag',
  'path',
  'stored_as_script',
  'secrets',
  'flows'
]

function rules(release: string): PrefectRules {
  const {
    basePython,
    pythons: known,
    requiresPython,
    pins
  } = rowOf<Row>(TABLE, comparable(release) ?? NEWEST)
  // No release has classes of storages: the JSON is this project's, with the keys of 1.x.
  const storage = (type: string, fields: readonly string[]) =>
    ({ type, fields, readable: false, content: 'entrypoint' }) as const
  return {
    release,
    generation: ENTRYPOINT_FLOWS,
    storages: {
      docker: storage('Docker', DOCKER_FIELDS),
      local: storage('Local', ['directory', 'path', 'stored_as_script', 'secrets', 'flows']),
      memory: storage('Memory', ['secrets']),
      bytes: storage('Bytes', ['secrets', 'flows'])
    },
    dockerFolder: HOME,
    home: HOME,
    baseImage: 'prefecthq/prefect',
    basePython,
    nameNeedsRegistry: false,
    prefectDirectory: false,
    scripts: true,
    registryMissing: 'A registry is needed to push the image.',
    nameJoin: 'PurePosixPath',
    nameMissing: 'Docker storage is missing required fields',
    localTimestamps: false,
    documents: [],
    storageLabels: false,
    getFlowByName: true,
    resultChecks: [],
    pythons: known,
    requiresPython,
    pins
  }
}

const location = (_rules: PrefectRules, _storage: LocatingStorage, flow: LocatedFlow): string =>
  flow.entrypoint ?? flow.name

/** The folder of an image that has all sources of a project. */
export const projectFolder = (project: string): string => posix.join(HOME, project)

/** {@link projectFolder}, and the working directory in it. */
const foldersOf = ({ project, workingDirectory }: LayoutRequest): readonly string[] => [
  ...new Set([projectFolder(project), posix.join(projectFolder(project), workingDirectory)])
]

function layout({ release }: PrefectRules, request: LayoutRequest): ImageLayout {
  const { installsInRuns } = rowOf<Row>(TABLE, comparable(release) ?? NEWEST)
  const folders = foldersOf(request)
  const folder = folders.at(-1) ?? HOME
  const roots = new Set(['.', ...request.importRoots, 'src'])
  return {
    variables: installsInRuns ? { PREFECT_RUNNER_AUTO_INSTALL_DEPENDENCIES: 'false' } : {},
    pythonPath: [],
    // Before Python's own modules, a `calendar.py` there would keep `prefect` from starting.
    searchedLast: [...roots].map(root => posix.join(folder, root)),
    folders,
    workingDirectory: folder,
    imports: ['prefect.flows'],
    check: ['prefect', 'version']
  }
}

/** Prefect 2 and 3: a flow is a function in a source file, and an entrypoint names it. */
export const ENTRYPOINT_FLOWS: Generation = {
  flowsAre: 'entrypoints',
  lacks: {
    memory: 'a run has to read the sources of its flow, and memory keeps none',
    bytes: 'a run has to read the sources of its flow, and no release reads them from a JSON'
  },
  range: '2.13.0 to 3.9.1',
  limits: `Releases from 2.0 to 2.12 have no deployments with an image and pull steps. Newer releases of Prefect 3 are treated like ${NEWEST}; Prefect 4 is not known to this version of flowstore.`,
  releases: RELEASES,
  newest: NEWEST,
  packages: ['prefect'],
  since: { scripts: TABLE[0][0] },
  covers,
  rules,
  location,
  layout,
  flowFolders: foldersOf
}
