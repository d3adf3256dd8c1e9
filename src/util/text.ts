import { distance } from 'fastest-levenshtein'

/**
 * The word nearest to a text, or undefined if none is near. A word that goes on after the text with another part, as
 * `registry-url` after `registry`, is nearest.
 */
export function nearest(text: string, words: readonly string[]): string | undefined {
  const lower = text.toLowerCase()
  const longer = words.find(word => word.startsWith(`${lower}-`))
  if (longer !== undefined) return longer
  const [best] = words
    .map(word => ({ word, edits: distance(lower, word) }))
    .sort((a, b) => a.edits - b.edits)
  return best && best.edits <= Math.max(2, best.word.length / 3) ? best.word : undefined
}

/** Whether a text has no line break and no other control character. */
export const isOneLine = (text: string): boolean =>
  // eslint-disable-next-line no-control-regex -- the pattern matches control characters
  !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text)

/** A size as a person reads it, in binary steps: `512 B`, `3.2 KiB`, `1.0 GiB`. */
export function humanSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let size = bytes
  let unit = 0
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024
    unit += 1
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`
}

/** A part of a size, in the unit of the whole: `45 of 120 MB`, `0.4 of 1.2 GB`. */
export function sizeOf(part: number, whole: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const step = Math.min(Math.floor(Math.log10(Math.max(whole, 1)) / 3), units.length - 1)
  const digits = step > 0 && whole < 10 * 1000 ** step ? 1 : 0
  const [done = '', all = ''] = [part, whole].map(bytes => (bytes / 1000 ** step).toFixed(digits))
  return `${done} of ${all} ${units[step] ?? ''}`
}

/** The count and the word for flows: `1 flow`, `7 flows`. */
export const flowCount = (count: number): string => `${count} ${count === 1 ? 'flow' : 'flows'}`

/** A word of a POSIX shell. */
export const shellQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
