import { STORAGE_KINDS, type StorageKind } from '../prefect/storage-kinds.js'
import type { ZodType } from '../util/schema.js'
import type * as ModuleRules from './module-rules.js'
import type { LoadIn, ModuleRule } from './module-rules.js'
import type * as Readers from './values/readers.js'

/** The subject of an option. */
type Group =
  | 'Flows'
  | 'Storage'
  | 'Image'
  | 'Environment'
  | 'Docker daemon'
  | 'Loading'
  | 'Deployments'
  | 'Output'
  | 'Artifact'

/** What an option needs to have an effect: the condition, and its words for an error. */
export const NEEDS = {
  image: {
    words: "'storage: docker'",
    isMet: (storage: StorageKind) => STORAGE_KINDS[storage].flowsIn === 'image'
  },
  daemon: {
    words: "'storage: docker' or 'load-in: image'",
    isMet: (storage: StorageKind, loadIn: LoadIn) =>
      STORAGE_KINDS[storage].flowsIn === 'image' || loadIn !== 'runner'
  },
  local: {
    words: "'storage: local'",
    isMet: (storage: StorageKind) => STORAGE_KINDS[storage].flowsIn === 'files'
  },
  script: {
    words: "'storage: docker' or 'storage: local'",
    isMet: (storage: StorageKind) => STORAGE_KINDS[storage].takesPath
  }
} as const

type Need = keyof typeof NEEDS

/**
 * One option, with everything that the entry points, the documentation and the build derive from it. The
 * modules that read and merge values are arguments of `parse` and `module`: `--help` needs neither them nor
 * zod.
 */
export interface OptionEntry {
  readonly group: Group
  /** Sentences for `--help`, `action.yml` and `docs/options.md`. */
  readonly description: string
  /** `lines`: one value per line; on the command line the flag is repeated. */
  readonly kind: 'text' | 'boolean' | 'lines' | 'choice'
  readonly choices?: readonly string[]
  /** For lines of pairs: what stands between the two; the library takes such an option as a record too. */
  readonly pairs?: '=' | ':'
  readonly required?: true
  /** What to do if a required option is not set. */
  readonly requiredHint?: string
  /** The default, as the text of an input. */
  readonly default?: string
  /** The default in words, if it depends on something else. */
  readonly defaultNote?: string
  /** The text that is read if the option is not set and has no `default`; without it the value is undefined. */
  readonly absent?: string
  /** Reads the text; an error's message follows `the option 'name' `. */
  readonly parse: (read: typeof Readers) => ZodType<unknown, string>
  /** A valid text other than the default; default `x`, the last choice, or the opposite boolean. */
  readonly example?: string
  /** What the option needs to have an effect; default nothing. */
  readonly needs?: Need
  /** For a path that has to exist, or lines of them: its name in an error, and what it has to be. */
  readonly mustExist?: { readonly name: string; readonly kind: 'file' | 'folder' }
  /** Prefect's name of the parameter; default the option's name in snake_case. */
  readonly prefectName?: string
  /** The option that this one replaces: only one of the two can be set. */
  readonly insteadOf?: 'baseImage' | 'dockerfile'
  /** How the value of a storage in a module is merged; without it modules can't set the option. */
  readonly module?: (rules: typeof ModuleRules) => Pick<ModuleRule<unknown>, 'merge'>
  /** Whether the value affects the environment image. */
  readonly environment?: true
  /** Why flows are loaded in the image if the option is set, as a clause; without it they need not be. */
  readonly needsImage?: string
  /** The part of the value that affects the flows in an image. */
  flowKey?(value: unknown, loadIn: LoadIn): unknown
}

/** An option of one text. */
export const TEXT = {
  kind: 'text',
  parse: (read: typeof Readers) => read.text
} as const

/** An option of one value per line. */
export const LINES = {
  kind: 'lines',
  absent: '',
  parse: (read: typeof Readers) => read.lines
} as const

/** An option of `true` or `false`. */
export const BOOLEAN = {
  kind: 'boolean',
  parse: (read: typeof Readers) => read.boolean
} as const

/** An option of one of several words. */
export const choice = <const T extends string>(...choices: readonly T[]) =>
  ({
    kind: 'choice',
    choices,
    parse: (read: typeof Readers) => read.choice(choices)
  }) as const
