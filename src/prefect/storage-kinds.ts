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

/**
 * Prefect's classes for storages that are neither in an image nor on this machine, each with what becomes of a
 * flow, as a clause.
 */
const OTHER_STORAGES: Readonly<Record<string, string>> = {
  Azure: 'prefect register uploads the flow to it',
  Bitbucket: 'an agent reads the source of the flow from Bitbucket, and prefect register names it',
  CodeCommit:
    'an agent reads the source of the flow from CodeCommit, and prefect register names it',
  GCS: 'prefect register uploads the flow to it',
  Git: 'an agent clones the git repository to read the flow, and prefect register names it',
  GitHub: 'an agent reads the source of the flow from GitHub, and prefect register names it',
  GitLab: 'an agent reads the source of the flow from GitLab, and prefect register names it',
  Module: 'an agent imports the flow from a module that is installed where it runs',
  S3: 'prefect register uploads the flow to it',
  Webhook: 'prefect register sends the flow to it'
}

/** The names of the classes that {@link otherStorageText} describes. */
export const OTHER_STORAGE_CLASSES: readonly string[] = Object.keys(OTHER_STORAGES)

/** What sets a flow apart whose module has a storage of a class that this project can't fill, as two clauses. */
export const otherStorageText = (className: string): string => {
  const fate = OTHER_STORAGES[className]
  return fate === undefined
    ? 'its module sets a storage of a class that flowstore does not know'
    : `its module sets ${className} storage: ${fate}`
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
