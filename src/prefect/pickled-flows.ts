import { join, posix } from 'node:path'
import { gte, lt } from '@renovatebot/pep440'
import type {
  Generation,
  ImageLayout,
  LayoutRequest,
  LocatedFlow,
  LocatingStorage,
  PrefectRules,
  StorageRules
} from './generation.js'
import { comparable, patches, rowOf, type Change } from './release-table.js'
import type { StorageKind } from './storage-kinds.js'

/** A row of the table: the rules of a release, with those of its storages as fields. */
interface Row extends Omit<PrefectRules, 'release' | 'generation' | 'storages'> {
  /** Name of the class for local storage. */
  readonly localType: 'LocalStorage' | 'Local'
  /** The storages that the release has a class for. */
  readonly classes: readonly StorageKind[]
  /** The form in which files hold flows. */
  readonly fileContent: StorageRules['content']
  /** {@link StorageRules.fields} of each storage. */
  readonly fields: Readonly<Record<StorageKind, readonly string[]>>
}

/**
 * The table of releases: each row says what changed with a release. Sources: the releases' own code and the
 * recordings in `__tests__/golden`; installs were tried with each pin.
 */
const TABLE: readonly [Change<Row>, ...Change<Partial<Row>>[]] = [
  [
    // 0.5.3+N, a checkout between the releases, behaves as 0.5.4 does; 0.5.3 itself does not.
    '0.5.3+1',
    {
      localType: 'LocalStorage',
      classes: ['docker', 'local', 'memory', 'bytes'],
      dockerFolder: '/root/.prefect',
      home: '/root/.prefect',
      baseImage: 'python',
      basePython: '3.6',
      nameNeedsRegistry: true,
      prefectDirectory: false,
      scripts: false,
      registryMissing: 'This environment has no `registry_url`, and cannot be pushed.',
      nameJoin: 'os.path',
      nameMissing: 'Docker storage is missing required fields',
      localTimestamps: false,
      fileContent: 'pickle',
      getFlowByName: false,
      documents: [],
      storageLabels: false,
      resultChecks: [],
      fields: {
        docker: ['flows', 'image_name', 'prefect_version', 'image_tag', 'registry_url'],
        local: ['flows', 'directory'],
        memory: [],
        bytes: ['flows']
      },
      pythons: ['3.6', '3.7', '3.8'],
      requiresPython: '>=3.6',
      pins: []
    }
  ],
  // Prefect needs these pre-releases, and uv takes one only where it is named.
  ['0.5.4', { pins: ['marshmallow==3.0.0b19', 'marshmallow-oneofschema==2.0.0b2'] }],
  // Its schemas break with any later marshmallow.
  ['0.5.5', { pins: ['marshmallow==3.0.0rc6'] }],
  // Its client calls urllib3 as only urllib3 1 can be called.
  ['0.6.0', { localType: 'Local', pins: ['dask[bag]<2021', 'urllib3<2'] }],
  ['0.6.2', { resultChecks: ['docker'] }],
  [
    '0.6.4',
    {
      nameJoin: 'PurePosixPath',
      registryMissing: 'This Docker storage object has no `registry_url`, and cannot be pushed.'
    }
  ],
  [
    '0.6.5',
    {
      nameNeedsRegistry: false,
      registryMissing: 'This Docker storage object has no `registry_url`, and will not be pushed.'
    }
  ],
  ['0.7.0', { baseImage: 'prefecthq/prefect', basePython: '3.7', pins: ['urllib3<2'] }],
  ['0.7.1', { dockerFolder: '/root/.prefect/flows' }],
  ['0.9.3', { resultChecks: ['docker', 'local', 'memory', 'bytes'] }],
  [
    '0.11.0',
    {
      classes: ['docker', 'local'],
      dockerFolder: '/opt/prefect/flows',
      home: '/opt/prefect',
      fields: {
        docker: ['flows', 'secrets', 'registry_url', 'image_name', 'image_tag', 'prefect_version'],
        local: ['flows', 'secrets', 'directory'],
        memory: ['secrets'],
        bytes: ['flows', 'secrets']
      }
    }
  ],
  [
    '0.12.0',
    {
      nameMissing: 'Docker storage is missing required fields image_name and image_tag'
    }
  ],
  ['0.12.2', { prefectDirectory: true }],
  [
    '0.12.5',
    {
      scripts: true,
      fields: {
        docker: [
          'flows',
          'secrets',
          'registry_url',
          'image_name',
          'image_tag',
          'path',
          'stored_as_script',
          'prefect_version'
        ],
        local: ['flows', 'secrets', 'directory', 'path', 'stored_as_script'],
        memory: ['secrets'],
        bytes: ['flows', 'secrets']
      }
    }
  ],
  [
    '0.14.0',
    {
      basePython: '3.8',
      pythons: ['3.6', '3.7', '3.8', '3.9', '3.10'],
      pins: ['urllib3<2', 'marshmallow<4']
    }
  ],
  ['0.14.2', { localTimestamps: true }],
  ['0.14.3', { fileContent: 'envelope' }],
  ['0.14.4', { getFlowByName: true }],
  ['0.14.13', { documents: ['flows.json'] }],
  ['0.14.21', { storageLabels: true }],
  ['0.15.0', { pythons: ['3.6', '3.7', '3.8', '3.9', '3.10', '3.11'] }],
  [
    '1.0.0',
    {
      basePython: '3.9',
      requiresPython: '>=3.7',
      pythons: ['3.7', '3.8', '3.9', '3.10', '3.11'],
      pins: ['urllib3<2', 'marshmallow<4']
    }
  ],
  // Earlier releases import distutils, which Python 3.12 no longer has.
  ['1.2.0', { pythons: ['3.7', '3.8', '3.9', '3.10', '3.11', '3.12'] }],
  ['1.4.1', { pythons: ['3.7', '3.8', '3.9', '3.10', '3.11', '3.12', '3.13'] }]
]

/** The published releases: each minor release with its first and its last patch. */
const RELEASES = patches([
  ['0.5', 4, 5],
  ['0.6', 0, 7],
  ['0.7', 0, 3],
  ['0.8', 0, 1],
  ['0.9', 0, 8],
  ['0.10', 0, 7],
  ['0.11', 0, 5],
  ['0.12', 0, 6],
  ['0.13', 0, 19],
  ['0.14', 0, 22],
  ['0.15', 0, 13],
  ['1.0', 0, 0],
  ['1.1', 0, 0],
  ['1.2', 0, 4],
  ['1.3', 0, 1],
  ['1.4', 0, 1]
])

const NEWEST = '1.4.1'
/** The first release of the generation after this one. */
const NEXT_GENERATION = '2'

function covers(release: string): boolean {
  const version = comparable(release)
  return version !== undefined && !lt(version, TABLE[0][0]) && !gte(version, NEXT_GENERATION)
}

const firstWith = (matches: (row: Partial<Row>) => boolean | undefined): string =>
  TABLE.find(([, row]) => matches(row))?.[0] ?? NEWEST

function storages({
  localType,
  classes,
  fileContent,
  fields
}: Pick<Row, 'localType' | 'classes' | 'fileContent' | 'fields'>): PrefectRules['storages'] {
  const storage = (
    kind: StorageKind,
    type: string,
    content: StorageRules['content']
  ): StorageRules => ({ type, content, fields: fields[kind], readable: classes.includes(kind) })
  return {
    docker: storage('docker', 'Docker', fileContent),
    local: storage('local', localType, fileContent),
    memory: storage('memory', 'Memory', 'pickle'),
    bytes: storage('bytes', 'Bytes', 'pickle')
  }
}

function rules(release: string): PrefectRules {
  const row = rowOf<Row>(TABLE, comparable(release) ?? NEWEST)
  const { localType, classes, fileContent, fields, ...facts } = row
  return {
    ...facts,
    release,
    generation: PICKLED_FLOWS,
    storages: storages({ localType, classes, fileContent, fields })
  }
}

/** `slugify(pendulum.now('utc').isoformat())`: Python omits the microseconds if they are zero. */
function timeSlug(milliseconds: number): string {
  const micros = Math.round(milliseconds * 1000)
  const seconds = new Date(Math.floor(micros / 1000)).toISOString().slice(0, 19)
  const fraction = micros % 1_000_000
  const stamp = seconds.toLowerCase().replaceAll(':', '-')
  return `${stamp}${fraction === 0 ? '' : `-${String(fraction).padStart(6, '0')}`}-00-00`
}

function location(
  { dockerFolder, localTimestamps }: PrefectRules,
  storage: LocatingStorage,
  { name, slug = '' }: LocatedFlow
): string {
  switch (storage.kind) {
    case 'docker': {
      const { prefectDirectory } = storage
      const folder = prefectDirectory === undefined ? dockerFolder : `${prefectDirectory}/flows`
      return `${folder}/${slug}.prefect`
    }
    case 'local':
      return localTimestamps
        ? join(storage.directory, slug, timeSlug(storage.now))
        : join(storage.directory, `${slug}.prefect`)
    case 'memory':
    case 'bytes':
      return name
  }
}

/** The folder of helper modules in an image; it is on PYTHONPATH. */
export const MODULES_FOLDER = '/opt/flowstore'

function layout(
  { home, dockerFolder, generation }: PrefectRules,
  { prefectDirectory, path }: LayoutRequest
): ImageLayout {
  const folder = prefectDirectory ?? home
  const inFolder = prefectDirectory === undefined ? dockerFolder : `${folder}/flows`
  return {
    variables: { PREFECT__USER_CONFIG_PATH: `${folder}/config.toml` },
    pythonPath: [MODULES_FOLDER],
    searchedLast: [],
    folders: [MODULES_FOLDER, folder, path === undefined ? inFolder : posix.dirname(path)],
    workingDirectory: undefined,
    imports: generation.packages,
    check: undefined
  }
}

function flowFolders(
  { prefectDirectory, path }: LayoutRequest,
  known?: PrefectRules
): readonly string[] {
  const homes = known === undefined ? TABLE.flatMap(([, row]) => row.home ?? []) : [known.home]
  const folder = path === undefined ? '/' : posix.dirname(path)
  return [
    MODULES_FOLDER,
    ...(prefectDirectory === undefined ? homes : [prefectDirectory]),
    ...(path === undefined ? [] : [folder === '/' ? path : folder])
  ]
}

/** Settings for the Python loader, in the form of its request. */
export const LOAD_SETTINGS = {
  /** The pickle protocol from a release on; earlier releases use cloudpickle's default. */
  pickleProtocols: [{ since: '0.14.3', protocol: 4 }],
  /** The first release that reads a flows.json, and the first that puts the labels of storages into it. */
  flowsJson: {
    since: firstWith(row => row.documents?.includes('flows.json')),
    labelsSince: firstWith(row => row.storageLabels)
  }
} as const

/** Prefect 0.5 to 1.4: a flow is an object that cloudpickle serializes. */
export const PICKLED_FLOWS: Generation = {
  flowsAre: 'pickles',
  lacks: {},
  range: '0.5.4 to 1.4.1',
  limits: 'Prefect has flow storage from 0.5.3 on.',
  releases: RELEASES,
  newest: NEWEST,
  packages: ['prefect', 'cloudpickle'],
  since: {
    scripts: firstWith(row => row.scripts),
    prefectDirectory: firstWith(row => row.prefectDirectory)
  },
  covers,
  rules,
  location,
  layout,
  flowFolders
}
