import { isAbsolute, join, posix } from 'node:path'
import { pathBelow } from '../util/relative-path.js'
import { isExclusion, slashed } from './path-matcher.js'

/** A parsed entry of the option `flows`. */
export interface FlowSpec {
  /** As it is written. */
  readonly text: string
  /** A path, a folder, a glob or a dotted module, with `/`. */
  readonly target: string
  /** The flow to take from it, or the function that returns it; null takes all. */
  readonly flow: string | null
  /** Whether the modules that it matches are left out: its text begins with `!`. */
  readonly excludes: boolean
}

const DOTTED_MODULE = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/

/**
 * Parses `path.py:flow name`, `package.module:flow name` and `!exclusion`; the rest after a drive letter is not a
 * flow.
 */
export function parseSpec(text: string): FlowSpec {
  if (isExclusion(text)) return { ...parseSpec(text.slice(1).trim()), text, excludes: true }
  const python = /^(.+?\.py):(.+)$/s.exec(text)
  if (python?.[1] && python[2]) return namedFlow(text, slashed(python[1]), python[2])
  const dotted = /^([\w.]+):(.+)$/s.exec(text)
  if (dotted?.[1] && dotted[2] && DOTTED_MODULE.test(dotted[1]) && dotted[1].length > 1)
    return namedFlow(text, dotted[1], dotted[2])
  return { text, target: slashed(text), flow: null, excludes: false }
}

const namedFlow = (text: string, target: string, flow: string): FlowSpec => ({
  text,
  target,
  flow: flow.trim(),
  excludes: false
})

/** The path of a spec's target below the root, or undefined if it is outside. */
export const targetBelow = (root: string, { target }: FlowSpec): string | undefined =>
  pathBelow(root, isAbsolute(target) ? target : join(root, target))

/** Whether a target can be a dotted module. */
export const isDotted = (target: string): boolean =>
  DOTTED_MODULE.test(target) && !target.endsWith('.py')

/**
 * The files that may be a dotted module, relative to the root.
 *
 * @param roots folders to look in first, relative to the root
 */
export function moduleCandidates(module: string, roots: readonly string[]): string[] {
  const path = module.replaceAll('.', '/')
  return [...new Set([...roots, '.', 'src'])].flatMap(root => [
    posix.join(root, `${path}.py`),
    posix.join(root, path, '__init__.py')
  ])
}
