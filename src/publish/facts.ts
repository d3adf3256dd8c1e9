import type { Report } from '../report.js'
import { plainLine } from '../util/plain-text.js'

/** The image, for terminal and summary: labels with their values, each a plain line. */
export function imageFacts({ image }: Report): readonly (readonly [string, string])[] {
  if (image === null) return []
  const facts: [string, string][] = [['Image', `${image.repository}:${image.tag}`]]
  if (image.tags.length > 0) facts.push(['Tags', image.tags.join(', ')])
  if (image.digest !== null) facts.push(['Digest', image.digest])
  return facts.map(([name, value]) => [name, plainLine(value)])
}

/** The line for a build that changed nothing. */
export const UNCHANGED =
  'Unchanged: the registry already has this image, built from the same input.'
