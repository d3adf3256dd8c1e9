import { isAbsolute, join, sep } from 'node:path'
import picomatch from 'picomatch'
import { pathBelow } from '../util/relative-path.js'

/** A parsed entry of the option `flows`. */
export interface FlowSpec {
  /** As it is written. */
  readonly text: string
  /** A path, a folder, a glob or a dotted module, with `/`. */
  readonly target: string
  /** The flow to take from it; null takes all. */
  readonly flow: string | null
}

const DOTTED_MODULE = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/

const toPosix = (path: string): string => (sep === '\\' ? path.replaceAll('\\', '/') : path)

/** Parses `path.py:flow name` and `package.module:flow name`; the rest after a drive letter is not a flow. */
export function parseSpec(text: string): FlowSpec {
  const python = /^(.+?\.py):(.+)$/s.exec(text)
  if (python?.[1] && python[2]) return { text, target: toPosix(python[1]), flow: python[2].trim() }
  const dotted = /^([\w.]+):(.+)$/s.exec(text)
  if (dotted?.[1] && dotted[2] && DOTTED_MODULE.test(dotted[1]) && dotted[1].length > 1)
    return { text, target: dotted[1], flow: dotted[2].trim() }
  return { text, target: toPosix(text), flow: null }
}

/** The path of a spec's target below the root, or undefined if it is outside. */
export const targetBelow = (root: string, { target }: FlowSpec): string | undefined =>
  pathBelow(root, isAbsolute(target) ? target : join(root, target))

export const isGlob = (target: string): boolean => picomatch.scan(target).isGlob

/** Whether a target can be a dotted module. */
export const isDotted = (target: string): boolean =>
  DOTTED_MODULE.test(target) && !target.endsWith('.py')

/** The files that may be a dotted module, relative to the root. */
export function moduleCandidates(module: string): string[] {
  const path = module.replaceAll('.', '/')
  return ['', 'src/'].flatMap(prefix => [`${prefix}${path}.py`, `${prefix}${path}/__init__.py`])
}
