import { FlowstoreError, type ErrorDetails } from '../errors.js'

/** Whether a value can be a secret: a shorter one is in many texts by chance. */
export const canBeSecret = ({ length }: string | Buffer): boolean => length >= 12

/** The lines of secrets that are long enough to be one: what a log must not show. A file that is no text has none. */
export const secretLines = (values: Iterable<string | Buffer>): string[] => [
  ...new Set(
    [...values]
      .filter(value => Buffer.from(value.toString()).equals(Buffer.from(value)))
      .flatMap(value => value.toString().split(/[\r\n]+/))
      .map(line => line.trim())
      .filter(canBeSecret)
  )
]

/** Gives what the first secret in some bytes is called; undefined for none. */
export type FindSecret = (content: Buffer | string) => string | undefined

/**
 * The error for a secret in what would be published.
 *
 * @param name what the secret is called
 */
export const secretFound = (name: string, where: string, details?: ErrorDetails): FlowstoreError =>
  new FlowstoreError('SECRET_FOUND', `${name} is in ${where}, and would be published`, details)

/**
 * Finds secrets in bytes: as they are, as JSON and URLs write them, and in base64, also as a part of what is encoded.
 *
 * @param secrets what each is called, to its value
 * @returns undefined if there is nothing to find
 */
export function secretSearch(
  secrets: ReadonlyMap<string, string | Buffer>
): FindSecret | undefined {
  const forms = [...secrets].flatMap(([name, value]) =>
    canBeSecret(value) ? formsOf(value).map(form => ({ name, form })) : []
  )
  if (forms.length === 0) return undefined
  const find = searchOf(forms)
  return content => find(typeof content === 'string' ? Buffer.from(content) : content)
}

interface Form {
  readonly name: string
  readonly form: Buffer
}

/**
 * Searches for all forms at once, in time that hardly depends on their number (the algorithm of Wu and Manber): the two
 * bytes that the shortest form would end with tell how far the search can go on.
 */
function searchOf(forms: readonly Form[]): (bytes: Buffer) => string | undefined {
  const shortest = Math.min(...forms.map(({ form }) => form.length), 0xff)
  const steps = new Uint8Array(0x10000).fill(shortest - 1)
  const endings = new Map<number, Form[]>()
  for (const each of forms) {
    for (let at = 1; at < shortest; at++) {
      const pair = each.form.readUInt16BE(at - 1)
      steps[pair] = Math.min(steps[pair] ?? 0, shortest - 1 - at)
    }
    const ending = each.form.readUInt16BE(shortest - 2)
    endings.set(ending, [...(endings.get(ending) ?? []), each])
  }
  return bytes => {
    let at = shortest - 1
    while (at < bytes.length) {
      const pair = ((bytes[at - 1] ?? 0) << 8) | (bytes[at] ?? 0)
      const step = steps[pair] ?? 0
      if (step === 0) {
        const from = at - shortest + 1
        const found = endings
          .get(pair)
          ?.find(({ form }) => form.equals(bytes.subarray(from, from + form.length)))
        if (found) return found.name
      }
      at += step || 1
    }
    return undefined
  }
}

function formsOf(value: string | Buffer): readonly Buffer[] {
  const bytes = Buffer.from(value)
  const text = value.toString()
  const inBase64 = [0, 1, 2].map(offset => base64Within(bytes, offset))
  const texts = [
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
    ...inBase64,
    ...inBase64.map(each => each.replaceAll('+', '-').replaceAll('/', '_'))
  ]
  return [
    bytes,
    ...[...new Set(texts)].filter(each => each !== value).map(each => Buffer.from(each))
  ]
}

/** The characters of a base64 text that are those of some bytes alone, which begin at an offset modulo 3. */
function base64Within(bytes: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
  return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6))
}
