/** Replaces secret values in a text. */
export type Hide = (text: string) => string

/** A shorter value is too common in text to stand for a secret. The loader looks for values of this length too. */
export const SHORTEST_SECRET = 6

/** Replaces each value in a text, and each line of a value that has several, by `***`. */
export function hiding(values: readonly string[]): Hide {
  const parts = values
    .flatMap(value => [value, ...value.split(/[\r\n]+/)])
    .filter(part => part.length >= SHORTEST_SECRET)
    .sort((one, other) => other.length - one.length)
  return text => parts.reduce((hidden, part) => hidden.replaceAll(part, '***'), text)
}

/** Replaces each value as {@link hiding} does, also as an address has it: encoded. */
export const hidingEncoded = (values: readonly string[]): Hide =>
  hiding(values.flatMap(value => [value, encodeURIComponent(value)]))
