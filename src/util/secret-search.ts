/** A shorter value is no secret: it is in many texts by chance. */
const SHORTEST_KNOWN_SECRET = 12

/**
 * Finds secrets in bytes: as they are, as JSON and URLs write them, and in base64, also as a part of what is encoded.
 *
 * @param secrets what each is called, to its value
 * @returns gives what the first secret in some bytes is called; undefined for none
 */
export function secretSearch(
  secrets: ReadonlyMap<string, string>
): (content: Buffer | string) => string | undefined {
  const needles = [...secrets].flatMap(([name, value]) =>
    value.length < SHORTEST_KNOWN_SECRET
      ? []
      : [...new Set(formsOf(value))].map(form => ({ name, form: Buffer.from(form) }))
  )
  return content => {
    if (needles.length === 0) return undefined
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    return needles.find(({ form }) => bytes.includes(form))?.name
  }
}

function formsOf(value: string): string[] {
  const inBase64 = [0, 1, 2].map(offset => base64Within(Buffer.from(value), offset))
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    ...inBase64,
    ...inBase64.map(text => text.replaceAll('+', '-').replaceAll('/', '_'))
  ]
}

/** The characters of a base64 text that are those of some bytes alone, which begin at an offset modulo 3. */
function base64Within(bytes: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
  return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6))
}
