import { explain, gte, lt, valid } from '@renovatebot/pep440'
import { FlowstoreError } from '../errors.js'

/** The storages that this project fills, by the name it gives them. */
export type StorageType = 'docker' | 'local' | 'memory' | 'bytes'

/** What a Prefect release does with flow storage. */
export interface PrefectRules {
  /** The release these rules were asked for, such as `1.4.1` or `0.5.3+275.g38ab45053a`. */
  readonly release: string
  /** `type` of the local storage in its JSON. */
  readonly localType: 'LocalStorage' | 'Local'
  /** The storages that this release has a class for. */
  readonly types: readonly StorageType[]
  /** The folder that Docker storage puts flows in. */
  readonly dockerFolder: string
  /** The folder in an image that Prefect keeps its configuration in. */
  readonly home: string
  /** Repository of the default base image: Docker Hub's Python, or Prefect's own from 0.7.0. */
  readonly baseImage: 'python' | 'prefecthq/prefect'
  /** The `major.minor` that the default base image has where none is asked for. */
  readonly basePython: string
  /** Whether a Docker storage has a name, and is built for a push, only with a registry. */
  readonly nameNeedsRegistry: boolean
  /** Whether Docker storage takes `prefect_directory`. */
  readonly prefectDirectory: boolean
  /** Whether storages take `path` and `stored_as_script`. */
  readonly scripts: boolean
  /** What Prefect says of a build for a push without a registry. */
  readonly registryMissing: string
  /** How registry and name are joined: with `os.path.join`, or with `PurePosixPath` from 0.6.4. */
  readonly nameJoin: 'os.path' | 'PurePosixPath'
  /** What Prefect says of a Docker storage that has no name yet. */
  readonly nameMissing: string
  /** Whether a local flow has a folder of its own with a file named by the time (else `<slug>.prefect`). */
  readonly localTimestamps: boolean
  /** A flow's file: the raw pickle, or JSON around it. */
  readonly format: 'raw' | 'envelope'
  /** Whether `prefect register --json` reads a flows.json. */
  readonly flowsJson: boolean
  /** Whether `prefect register` gives flows the labels of their storage. */
  readonly storageLabels: boolean
  /** Whether `get_flow` takes the flow's name (else its location). */
  readonly getFlowByName: boolean
  /** Fields of each storage's JSON, in order; `__version__` and `type` follow. */
  readonly fields: Readonly<Record<StorageType, readonly string[]>>
  /** Python releases that this Prefect installs and runs on today, oldest first. */
  readonly pythons: readonly string[]
  /** Requirements that make this release install and work today. */
  readonly pins: readonly string[]
}

type Row = Partial<Omit<PrefectRules, 'release'>> & {
  readonly since: string
}

/**
 * The one table: each row says what changed with a release. Sources: the releases' own code and the
 * recordings in `__tests__/golden`; installs were tried with each pin.
 */
const TABLE: readonly [Omit<PrefectRules, 'release'> & { since: string }, ...Row[]] = [
  {
    // 0.5.3+N, a checkout between the releases, behaves as 0.5.4 does; 0.5.3 itself does not.
    since: '0.5.3+1',
    localType: 'LocalStorage',
    types: ['docker', 'local', 'memory', 'bytes'],
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
    format: 'raw',
    getFlowByName: false,
    flowsJson: false,
    storageLabels: false,
    fields: {
      docker: ['flows', 'image_name', 'prefect_version', 'image_tag', 'registry_url'],
      local: ['flows', 'directory'],
      memory: [],
      bytes: ['flows']
    },
    pythons: ['3.6', '3.7', '3.8'],
    pins: []
  },
  { since: '0.6.0', localType: 'Local', pins: ['dask[bag]<2021'] },
  {
    since: '0.6.4',
    nameJoin: 'PurePosixPath',
    registryMissing: 'This Docker storage object has no `registry_url`, and cannot be pushed.'
  },
  {
    since: '0.6.5',
    nameNeedsRegistry: false,
    registryMissing: 'This Docker storage object has no `registry_url`, and will not be pushed.'
  },
  { since: '0.7.0', baseImage: 'prefecthq/prefect', basePython: '3.7', pins: [] },
  { since: '0.7.1', dockerFolder: '/root/.prefect/flows' },
  {
    since: '0.11.0',
    types: ['docker', 'local'],
    dockerFolder: '/opt/prefect/flows',
    home: '/opt/prefect',
    fields: {
      docker: ['flows', 'secrets', 'registry_url', 'image_name', 'image_tag', 'prefect_version'],
      local: ['flows', 'secrets', 'directory'],
      memory: ['secrets'],
      bytes: ['flows', 'secrets']
    }
  },
  {
    since: '0.12.0',
    nameMissing: 'Docker storage is missing required fields image_name and image_tag'
  },
  { since: '0.12.2', prefectDirectory: true },
  {
    since: '0.12.5',
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
  },
  {
    since: '0.14.0',
    basePython: '3.8',
    pythons: ['3.6', '3.7', '3.8', '3.9', '3.10'],
    pins: ['urllib3<2', 'marshmallow<4']
  },
  { since: '0.14.2', localTimestamps: true },
  { since: '0.14.3', format: 'envelope' },
  { since: '0.14.4', getFlowByName: true },
  { since: '0.14.13', flowsJson: true },
  { since: '0.14.21', storageLabels: true },
  { since: '0.15.0', pythons: ['3.6', '3.7', '3.8', '3.9', '3.10', '3.11'] },
  {
    since: '1.0.0',
    basePython: '3.9',
    pythons: ['3.7', '3.8', '3.9', '3.10', '3.11'],
    pins: ['urllib3<2', 'marshmallow<4']
  },
  // Releases before import distutils, which Python 3.12 has no more.
  { since: '1.2.0', pythons: ['3.7', '3.8', '3.9', '3.10', '3.11', '3.12'] },
  { since: '1.4.1', pythons: ['3.7', '3.8', '3.9', '3.10', '3.11', '3.12', '3.13'] }
]

/** The releases that {@link rulesFor} knows, for people. */
export const SUPPORTED_PREFECT = '0.5.4 to 1.4.1'

/** Every folder that Prefect has had in an image. */
export const PREFECT_HOMES: readonly string[] = TABLE.flatMap(row => row.home ?? [])

/** The newest release of the table. */
export const NEWEST_PREFECT = '1.4.1'

/** The pickle protocol by release, as the loader's request carries it: fixed at 4 from 0.14.3. */
export const PICKLE_PROTOCOLS = [{ since: '0.14.3', protocol: 4 }] as const

const firstWith = (rule: 'flowsJson' | 'storageLabels'): string =>
  TABLE.find(row => row[rule])?.since ?? NEWEST_PREFECT

/** The first releases that read a flows.json and that put labels into it, as the loader's request has them. */
export const FLOWS_JSON = {
  since: firstWith('flowsJson'),
  labelsSince: firstWith('storageLabels')
} as const

/**
 * What a Prefect release does.
 *
 * @param release a version as `prefect.__version__` gives it
 * @throws FlowstoreError UNSUPPORTED_PREFECT for anything outside the table
 */
export function rulesFor(release: string): PrefectRules {
  const { base_version: base, local } = explain(release) ?? {}
  // A pre-release has the rules of its release; a checkout comes after the one it is built upon.
  const version = local ? `${base ?? ''}+${local}` : base
  if (!version || lt(version, TABLE[0].since) || gte(version, '2')) {
    throw new FlowstoreError(
      'UNSUPPORTED_PREFECT',
      `Prefect ${release} is not supported; ${SUPPORTED_PREFECT} are`,
      { hint: 'Flow storage came with Prefect 0.5.3 and went with 2.0.' }
    )
  }
  const [first, ...rows] = TABLE
  const { since, ...rules } = Object.assign(
    {},
    first,
    ...rows.filter(row => gte(version, row.since))
  ) as typeof first
  void since
  return { ...rules, release }
}

/** Whether a text is a release number (else it is a git ref, such as `master`). */
export const isRelease = (version: string): boolean => valid(version) !== null

/**
 * What pip has to install for a Prefect version: the release with the pins that make it install
 * today, or a git ref of Prefect's repository.
 */
export function prefectRequirements(version: string): readonly string[] {
  return isRelease(version)
    ? [`prefect==${version}`, ...rulesFor(version).pins]
    : [
        `git+https://github.com/PrefectHQ/prefect.git@${version}#egg=prefect`,
        ...rulesFor(NEWEST_PREFECT).pins
      ]
}

/** The Prefect release that requirement lines pin (`prefect==1.4.1`, extras and markers allowed). */
export function pinnedPrefect(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const pin = /^\s*prefect\s*(?:\[[^\]]*\])?\s*===?\s*([^\s;,#]+)/i.exec(line)?.[1]
    if (pin !== undefined && isRelease(pin)) return pin
  }
  return undefined
}

/**
 * The base image that Prefect's Docker storage takes where none is given: Python's until 0.7.0, then a
 * release's own, and for a git ref Python's slim one.
 *
 * @param version the release or git ref that the image gets
 * @param python `major.minor`; default the table's
 * @param release whose rules hold; default the version, and for a git ref {@link NEWEST_PREFECT}
 */
export function defaultBaseImage(
  version: string,
  python?: string,
  release = isRelease(version) ? version : NEWEST_PREFECT
): string {
  const { baseImage, basePython } = rulesFor(release)
  const minor = python ?? basePython
  if (baseImage === 'python') return `python:${minor}`
  return isRelease(version) ? `${baseImage}:${version}-python${minor}` : `python:${minor}-slim`
}

/**
 * What pip has to become before it installs anything, or undefined: the 18.1 that Python 3.6 and 3.7
 * bring picks releases that they can't run.
 */
export const pipUpgrade = (python: string, pip: string): string | undefined =>
  /^3\.[67]\./.test(python) && Number.parseInt(pip, 10) < 20 ? 'pip==21.3.1' : undefined
