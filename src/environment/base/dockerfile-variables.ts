import type { Property } from 'dockerfile-ast'

/** Replaces `$NAME`, `${NAME}` and `${NAME:-default}` by their values; undefined if one is unknown. */
export function expanded(text: string, values: ReadonlyMap<string, string>): string | undefined {
  const result = text.replace(
    /\$(?:(\w+)|\{(\w+)(?::-([^}]*))?\})/g,
    (all, bare: string | undefined, braced: string | undefined, otherwise: string | undefined) => {
      const value = values.get(bare ?? braced ?? '')
      return value === '' ? (otherwise ?? value) : (value ?? otherwise ?? all)
    }
  )
  return result.includes('$') ? undefined : result
}

/** The value of ARG or ENV; undefined if it has none, or if it can't be told. */
function valueOf(property: Property, values: ReadonlyMap<string, string>): string | undefined {
  const value = property.getValue()
  if (value === null) return undefined
  // Quotes and backslashes decide what is a variable.
  if (value.includes('$') && /['\\]/.test(property.getUnescapedValue() ?? '')) return undefined
  return expanded(value, values)
}

/** The value of an ARG before the first FROM, or of one in a stage. */
function argumentValue(
  property: Property,
  buildargs: Readonly<Record<string, string>>,
  values: ReadonlyMap<string, string>
): string | undefined {
  const name = property.getName()
  return Object.hasOwn(buildargs, name) ? buildargs[name] : valueOf(property, values)
}

/** The ARGs before the first FROM, with their values. */
export function initialArguments(
  properties: readonly Property[],
  buildargs: Readonly<Record<string, string>>
): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const property of properties) {
    const value = argumentValue(property, buildargs, values)
    if (value !== undefined) values.set(property.getName(), value)
  }
  return values
}

/** The variables of a stage, as far as the text of the Dockerfile tells. */
export class StageVariables {
  private readonly values: Map<string, string>
  /** Variables whose value is sure. That of an ARG is not: an ENV of the stage's image wins over it. */
  private readonly sure: Set<string>

  /** @param outer the variables of the stage that this one is built on */
  constructor(outer?: StageVariables) {
    this.values = new Map(outer?.values)
    this.sure = new Set(outer?.sure)
  }

  /** @param initial the ARGs before the first FROM: an ARG without a default has their value */
  arg(
    properties: readonly Property[],
    buildargs: Readonly<Record<string, string>>,
    initial: ReadonlyMap<string, string>
  ): void {
    for (const property of properties) {
      const name = property.getName()
      if (this.sure.has(name)) continue
      const isBare = property.getValue() === null
      const value =
        argumentValue(property, buildargs, this.values) ?? (isBare ? initial.get(name) : undefined)
      this.set(name, value, false)
    }
  }

  env(properties: readonly Property[]): void {
    // Those of one instruction don't see each other.
    const before = new StageVariables(this)
    for (const property of properties) {
      const isSure = before.isSure(property.getValue() ?? '')
      this.set(property.getName(), valueOf(property, before.values), isSure)
    }
  }

  /** A text with its variables replaced; undefined if one is unknown. */
  expand(text: string): string | undefined {
    return text.includes('\\$') ? undefined : expanded(text, this.values)
  }

  /** Whether all variables of a text have a value that is sure. */
  isSure(text: string): boolean {
    return [...text.matchAll(/\$\{?(\w+)/g)].every(([, name = '']) => this.sure.has(name))
  }

  private set(name: string, value: string | undefined, isSure: boolean): void {
    if (value === undefined) this.values.delete(name)
    else this.values.set(name, value)
    if (value !== undefined && isSure) this.sure.add(name)
    else this.sure.delete(name)
  }
}
