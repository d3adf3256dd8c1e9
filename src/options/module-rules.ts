import { variableProblem } from '../docker/dockerfile.js'
import { parseBuildKwargs, type BuildKwargs } from '../docker/build-kwargs.js'
import { STORAGE_KINDS, type StorageKind } from '../prefect/storage-kinds.js'
import * as z from '../util/schema.js'
import { isOneLine } from '../util/text.js'
import type { ImageFile } from './values/image-files.js'

/** Where flows are loaded. */
export type LoadIn = 'auto' | 'image' | 'runner'

/** What decides whether a value is accepted from a module. */
export interface ModuleContext {
  readonly storage: StorageKind
  readonly loadIn: LoadIn
  /** Whether a path, relative to the working directory, is a file or folder of the declared sources. */
  readonly isDeclared: (path: string) => boolean
}

/** Where the current value of an option comes from. */
export type Origin =
  | { readonly kind: 'default' }
  | { readonly kind: 'option' }
  | { readonly kind: 'module'; readonly flow: string }

/** The value of an option before a module's storage is merged into it. */
export interface Current<T> {
  readonly value: T
  readonly origin: Origin
}

/** A parameter of a storage in a module: Prefect's name and the value as JSON. */
export interface Parameter {
  readonly name: string
  readonly value: unknown
}

/** The value of an option after a merge. */
export interface Merge<T> {
  readonly value: T
  /** The parts of the module's value that were not used, and why: clauses that follow `flow "name": `. */
  readonly differences: readonly string[]
  /** The parts that can't be used, as clauses: the flow would not get what its module asks for. Default none. */
  readonly unusable?: readonly string[]
}

/** How the value of a storage in a module is merged into the option of that name. */
export interface ModuleRule<T> {
  /**
   * `replace`: the option wins, then the first module; `agree`: the option wins, else all modules must set
   * the same value; `append`: further lines; `join`: further keys of a table; `files`: further files of the
   * sources; `never`: the value is only reported as a
   * difference.
   */
  readonly merge: 'replace' | 'agree' | 'append' | 'join' | 'files' | 'never'
  readonly apply: (parameter: Parameter, current: Current<T>, context: ModuleContext) => Merge<T>
}

// How the JSON of a parameter is read.

export const text = z.string()

export const boolean = z.boolean()

const table = z.record(z.string(), z.string())

/** The dict `build_kwargs`. */
export const buildKwargs = z.unknown().transform((value, context): BuildKwargs => {
  const parsed = parseBuildKwargs(JSON.stringify(value))
  if (typeof parsed !== 'string') return parsed
  context.addIssue({ code: 'custom', message: parsed })
  return z.NEVER
})

/** Whether two JSON values are equal. */
export const sameJson = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

const shown = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value)

/** Reads a module's value and merges it; a value that can't be read is unusable. */
function mergeIfValid<T, C>(
  schema: z.ZodType<T>,
  parameter: Parameter,
  current: Current<C>,
  merge: (value: T) => Merge<C>
): Merge<C> {
  const parsed = schema.safeParse(parameter.value)
  if (parsed.success) return merge(parsed.data)
  return {
    value: current.value,
    differences: [],
    unusable: [`its ${parameter.name} can't be used: ${z.faultText(parsed.error, parameter.value)}`]
  }
}

/**
 * Takes the module's value, unless an option or an earlier module sets another.
 *
 * @param isAccepted whether a module may set this value at all
 */
export function replaceWith<T>(
  schema: z.ZodType<T>,
  isAccepted: (value: T, context: ModuleContext) => boolean = () => true
) {
  return {
    merge: 'replace' as const,
    apply: <C>(parameter: Parameter, current: Current<C>, context: ModuleContext): Merge<C | T> =>
      mergeIfValid<T, C | T>(schema, parameter, current, value => {
        const { name } = parameter
        const { origin } = current
        if (sameJson(value, current.value)) return { value: current.value, differences: [] }
        const keep = (difference: string) => ({ value: current.value, differences: [difference] })
        if (origin.kind === 'option') {
          return keep(`its ${name} is ${shown(value)}; the option is ${shown(current.value)}`)
        }
        if (!isAccepted(value, context)) {
          return keep(`its ${name} ${shown(value)} is not accepted from a module; set the option`)
        }
        if (origin.kind === 'module') {
          return keep(
            `its ${name} is ${shown(value)}; that of flow "${origin.flow}" is used: ${shown(current.value)}`
          )
        }
        return { value, differences: [] }
      })
  }
}

/**
 * Takes a value that every module sets. Only the option wins over it here; `mergeModuleStorages` compares
 * the modules.
 */
export const agreedText = { ...replaceWith(text), merge: 'agree' as const }

/** Takes the module's path, as {@link replaceWith} does, if it is one of the declared sources. */
export const replaceWithSource: ModuleRule<string | undefined> = {
  merge: 'replace',
  apply: (parameter, current, context) => {
    const merge = replaceWith(text).apply(parameter, current, context)
    const { value } = merge
    if (value === undefined || value === current.value || context.isDeclared(value)) return merge
    const problem = `its ${parameter.name} is ${value}, which is not one of the declared sources`
    return { value: current.value, differences: [], unusable: [problem] }
  }
}

/** Refuses a path on this machine from a module that was loaded in a container. */
export const notFromContainer = (_value: unknown, { storage, loadIn }: ModuleContext): boolean =>
  STORAGE_KINDS[storage].flowsIn === 'image' || loadIn === 'runner'

const appendTo = (schema: z.ZodType<string[]>): ModuleRule<readonly string[]> => ({
  merge: 'append',
  apply: (parameter, current) =>
    mergeIfValid(schema, parameter, current, added => ({
      value: [...current.value, ...added.filter(line => !current.value.includes(line))],
      differences: []
    }))
})

/** Appends the module's new lines. */
export const appendLines = appendTo(z.array(z.string().refine(isOneLine, 'a line break')))

/** Appends the module's new instructions, which may have several lines each. */
export const appendInstructions = appendTo(z.array(z.string()))

/** Adds the module's new variables. */
export const joinVariables: ModuleRule<Readonly<Record<string, string>>> = {
  merge: 'join',
  apply: (parameter, current) =>
    mergeIfValid(table, parameter, current, added => {
      const value = { ...current.value }
      const differences: string[] = []
      const unusable: string[] = []
      for (const [key, text] of Object.entries(added)) {
        const problem = variableProblem(key, text)
        if (problem !== undefined) {
          unusable.push(`an image can't have this variable of its ${parameter.name}: ${problem}`)
          continue
        }
        if (!Object.hasOwn(value, key)) value[key] = text
        if (value[key] !== text) {
          differences.push(
            `its ${parameter.name} set ${key} to another value; the first value is used`
          )
        }
      }
      return { value, differences, unusable }
    })
}

/** Adds the module's files (source to destination) that are declared sources and whose destination is free. */
export const joinFiles: ModuleRule<readonly ImageFile[]> = {
  merge: 'files',
  apply: (parameter, current, { isDeclared }) =>
    mergeIfValid(table, parameter, current, added => {
      const files = [...current.value]
      const differences: string[] = []
      const unusable: string[] = []
      for (const [source, destination] of Object.entries(added)) {
        const existing = files.find(file => file.destination === destination)
        if (existing !== undefined) {
          if (existing.source !== source) {
            differences.push(
              `its ${parameter.name} copy ${source} to ${destination}, but ${existing.source} is already copied there`
            )
          }
        } else if (isDeclared(source)) {
          files.push({ source, destination, only: isDeclared })
        } else {
          unusable.push(
            `its ${parameter.name} name ${source}, which is not one of the declared sources`
          )
        }
      }
      return { value: files, differences, unusable }
    })
}

/** Prefect's `image_tag` in a module has no effect: it would overwrite the tag of another image. */
export const neverImageTag: ModuleRule<string | undefined> = {
  merge: 'never',
  apply: ({ name, value: tag }, { value }) => ({
    value,
    differences:
      tag === value ? [] : [`its ${name} is ${shown(tag)}; only the option image-tag sets the tag`]
  })
}

/** Prefect's `ignore_healthchecks` in a module has no effect: only an option turns healthchecks off. */
export const neverIgnoreHealthchecks: ModuleRule<boolean> = {
  merge: 'never',
  apply: ({ name, value: ignored }, { value }) => ({
    value,
    differences: ignored === true && value ? [`it sets ${name}; healthchecks still run`] : []
  })
}
