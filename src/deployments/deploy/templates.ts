import type { PrefectApi } from '../../prefect-api/api.js'
import { PLACEHOLDER } from '../templates.js'
import { isSecretName, type SecretPaths } from './secret-paths.js'

const BLOCK = 'prefect.blocks.'
const VARIABLE = 'prefect.variables.'

/** Fields in which a value of the environment may be a password, whatever its name is. */
const MAY_HOLD_SECRETS = new Set(['parameters', 'job_variables', 'pull_steps'])

/** Which templates are resolved in a part of a deployment; the others are left for the worker. */
export type Resolved = 'all' | 'environment'

/** Where templates get their values from. */
export interface TemplateSource {
  readonly api: PrefectApi
  readonly env: Readonly<Record<string, string | undefined>>
}

/** A template without a value: what it names, and why there is none. */
export interface MissingValue {
  readonly template: string
  readonly path: string
  readonly why: string
}

/** Text of a value inside other text, as Python writes it. */
const inText = (value: unknown): string => {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (value === null) return 'None'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The value at `key.list[0].other` in a value; undefined if there is none. */
function valueAt(value: unknown, keys: string): unknown {
  return keys
    .replace(/\[(\d+)\]/g, '.$1')
    .split('.')
    .reduce<unknown>(
      (found, key) =>
        typeof found === 'object' && found !== null && Object.hasOwn(found, key)
          ? (found as Record<string, unknown>)[key]
          : undefined,
      value
    )
}

/** Each text in a value. */
const textsIn = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(textsIn)
      : []

type Found = { readonly value: unknown; readonly isSecret: boolean } | { readonly why: string }

/**
 * Resolves templates as `prefect deploy` does: `{{ $NAME }}` from the environment, `{{ prefect.variables.NAME }}` and
 * `{{ prefect.blocks.TYPE.NAME }}` from the API. Other templates, such as `{{ ctx.… }}` and `{{ event.… }}`, stay. A
 * value is put in once: templates in it stay text.
 *
 * Unlike there, a name without a value is not an empty text: it is kept in {@link missing}.
 */
export class Templates {
  readonly missing: MissingValue[] = []
  private readonly variables = new Map<string, Promise<Found>>()
  private readonly blocks = new Map<string, Promise<unknown>>()

  constructor(private readonly source: TemplateSource) {}

  /**
   * @param path of the value in its body
   * @param secrets gets the paths of values that must not be printed
   */
  async resolve(
    value: unknown,
    path: readonly string[],
    secrets: SecretPaths,
    which: Resolved = 'all'
  ): Promise<unknown> {
    if (typeof value === 'string') return this.text(value, path, secrets, which)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) {
      const items: unknown[] = []
      for (const [index, item] of value.entries()) {
        items.push(await this.resolve(item, [...path, String(index)], secrets, which))
      }
      return items
    }
    const fields: [string, unknown][] = []
    for (const [key, item] of Object.entries(value)) {
      fields.push([key, await this.resolve(item, [...path, key], secrets, which)])
    }
    return Object.fromEntries(fields)
  }

  private async text(
    text: string,
    path: readonly string[],
    secrets: SecretPaths,
    which: Resolved
  ): Promise<unknown> {
    const values = new Map<string, unknown>()
    for (const [template, name = ''] of text.matchAll(PLACEHOLDER)) {
      const found = await this.find(name, which)
      if (found === undefined) continue
      if ('why' in found) {
        this.missing.push({ template, path: path.join('.'), why: found.why })
        continue
      }
      if (found.isSecret || (name.startsWith('$') && MAY_HOLD_SECRETS.has(path[0] ?? ''))) {
        secrets.add(path)
        for (const secret of textsIn(found.value)) this.source.api.keepSecret(secret)
      }
      // One that is all of the text gives its value with its type; from the environment that is text anyway.
      if (template === text) return found.value
      if (typeof found.value === 'object' && found.value !== null) {
        const why = 'its value is an object or a list, which has no place inside other text'
        this.missing.push({ template, path: path.join('.'), why })
        continue
      }
      values.set(template, found.value)
    }
    return text.replace(PLACEHOLDER, template =>
      values.has(template) ? inText(values.get(template)) : template
    )
  }

  /** The value of a template; undefined for one that stays. */
  private async find(name: string, which: Resolved): Promise<Found | undefined> {
    if (name.startsWith('$')) return this.variableOfEnvironment(name.slice(1))
    if (which === 'environment') return undefined
    if (name.startsWith(VARIABLE)) return this.variable(name.slice(VARIABLE.length))
    if (name.startsWith(BLOCK)) return this.block(name.slice(BLOCK.length))
    return undefined
  }

  private variableOfEnvironment(name: string): Found {
    const value = this.source.env[name]
    if (value === undefined) return { why: `the variable ${name} is not in the environment` }
    return { value, isSecret: isSecretName(name) }
  }

  private variable(name: string): Promise<Found> {
    const known =
      this.variables.get(name) ??
      this.source.api
        .variable(name)
        .then(found =>
          found === undefined
            ? { why: `the server has no variable '${name}'` }
            : { value: found.value, isSecret: false }
        )
    this.variables.set(name, known)
    return known
  }

  private async block(reference: string): Promise<Found> {
    const [type = '', name = '', ...rest] = reference.split('.')
    if (name === '') return { why: 'it is not prefect.blocks.TYPE.NAME' }
    const key = `${type}.${name}`
    const reading = this.blocks.get(key) ?? this.source.api.block(type, name)
    this.blocks.set(key, reading)
    let data = await reading
    if (data === undefined)
      return { why: `the server has no block '${name}' of the type '${type}'` }
    for (const text of textsIn(data)) this.source.api.keepSecret(text)
    const keys = rest.join('.')
    // A block that only has a `value` stands for it.
    const isValueAlone = Object.keys(data as object).join() === 'value'
    if (isValueAlone && !/^value($|[.[])/.test(keys)) data = (data as { value: unknown }).value
    const value = keys === '' ? data : valueAt(data, keys)
    return value === undefined
      ? { why: `the block '${name}' of the type '${type}' has no '${keys}'` }
      : { value, isSecret: true }
  }
}
