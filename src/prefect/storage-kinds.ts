/** A kind of storage that this project fills, by the word that the option `storage` takes. */
export type StorageKind = 'docker' | 'local' | 'memory' | 'bytes'

/** Facts about one kind of storage that hold for all Prefect releases. */
export interface StorageKindFacts {
  /** Names of Prefect's class, newest first: the `type` of its JSON. */
  readonly classNames: readonly string[]
  /**
   * Where the flows are: files in an image, files on the machine that builds, the storage's own JSON, or
   * nowhere once the process has ended.
   */
  readonly flowsIn: 'image' | 'files' | 'json' | 'nowhere'
  /** Whether it takes Prefect's `path` and `stored_as_script`. */
  readonly takesPath: boolean
  /**
   * The label that Prefect's class gives its flows at registration: the machine's name, or none. Null for a
   * class that no release with a flows.json has.
   */
  readonly label: 'hostname' | 'none' | null
}

/** Every kind of storage that this project fills. */
export const STORAGE_KINDS: Readonly<Record<StorageKind, StorageKindFacts>> = {
  docker: { classNames: ['Docker'], flowsIn: 'image', takesPath: true, label: 'none' },
  local: {
    classNames: ['Local', 'LocalStorage'],
    flowsIn: 'files',
    takesPath: true,
    label: 'hostname'
  },
  memory: { classNames: ['Memory'], flowsIn: 'nowhere', takesPath: false, label: null },
  bytes: { classNames: ['Bytes'], flowsIn: 'json', takesPath: false, label: null }
}

/** Prefect's message, from 0.7.2 on, for a base image and a Dockerfile. */
export const ONE_BASE = 'Only one of `base_image` and `dockerfile` can be provided.'

/** Prefect's message for a storage of a script that has no path. */
export const PATH_MISSING = 'A `path` must be provided to show where flow `.py` file is stored.'

const UPLOADED = 'prefect register uploads the flow there'

const SOURCE = 'agents read the source of the flow there'

/** Prefect's classes for storages that are neither in an image nor on this machine, each with what it is for. */
const OTHER_STORAGES: Readonly<Record<string, string>> = {
  Azure: UPLOADED,
  Bitbucket: SOURCE,
  CodeCommit: SOURCE,
  GCS: UPLOADED,
  Git: SOURCE,
  GitHub: SOURCE,
  GitLab: SOURCE,
  Module: 'agents import the flow from a module that is installed where it runs',
  S3: UPLOADED,
  Webhook: UPLOADED
}

/** The names of the classes of other storages. */
export const OTHER_STORAGE_CLASSES: readonly string[] = Object.keys(OTHER_STORAGES)

/** What the storage in a flow's module is, of a class that this project can't fill, as a sentence without its end. */
export const otherStorageText = (className: string): string => {
  const use = OTHER_STORAGES[className]
  return use === undefined
    ? 'its module sets a storage that flowstore does not know'
    : `its module sets ${className} storage; ${use}`
}

/** The words of every kind. */
export const STORAGE_WORDS = Object.keys(STORAGE_KINDS) as readonly StorageKind[]

/** The storage kind of a Prefect class, in any release; undefined for any other class. */
export const kindOfClass = (className: string): StorageKind | undefined =>
  STORAGE_WORDS.find(kind => STORAGE_KINDS[kind].classNames.includes(className))

/** The storage kind that a word or the name of Prefect's class means, in upper or lower case. */
export function kindOfWord(word: string): StorageKind | undefined {
  const lowerCase = word.toLowerCase()
  return STORAGE_WORDS.find(kind =>
    [kind, ...STORAGE_KINDS[kind].classNames].some(name => name.toLowerCase() === lowerCase)
  )
}
