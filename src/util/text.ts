import { distance } from 'fastest-levenshtein'

/** The nearest of some words to a text, or undefined where none is near. */
export function nearest(text: string, words: readonly string[]): string | undefined {
  const [best] = words
    .map(word => ({ word, far: distance(text.toLowerCase(), word) }))
    .sort((a, b) => a.far - b.far)
  return best && best.far <= Math.max(2, best.word.length / 3) ? best.word : undefined
}
