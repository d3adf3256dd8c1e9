import { posix } from 'node:path'
import { isExclusion, isGlob, pathMatcher, slashed } from './path-matcher.js'

/** One line of the option `sources`. */
export interface SourceRule {
  /** As it is written. */
  readonly line: string
  /** Whether what it matches is a source; else the line has a `!`. */
  readonly includes: boolean
  /** The file or folder that it names; undefined for a pattern. */
  readonly path: string | undefined
  /** Whether it matches a path: {@link pathMatcher}. */
  readonly matches: (path: string) => boolean
}

/** Why a line can't be used, as the end of a sentence; undefined if it can. */
export function sourceLineProblem(line: string): string | undefined {
  const path = pathIn(line)
  if (path === '') return `has the line '${line}', which names nothing`
  return path === '..' || path.startsWith('../') || /^([A-Za-z]:)?\//.test(path)
    ? `has the line '${line}': it must be a path or a pattern below the working directory`
    : undefined
}

/** The path or pattern of a line: no `!`, no `./`, no slash at its end; `.` for the working directory. */
function pathIn(line: string): string {
  const text = slashed((isExclusion(line) ? line.slice(1) : line).trim())
  return text === '' ? '' : posix.normalize(text).replace(/(?<=.)\/$/, '')
}

/** Reads the lines of the option `sources`. */
export const sourceRules = (lines: readonly string[]): readonly SourceRule[] =>
  lines.map(line => {
    const path = pathIn(line)
    const target = path === '.' ? '' : path
    return {
      line,
      includes: !isExclusion(line),
      path: isGlob(target) ? undefined : target,
      matches: pathMatcher(target)
    }
  })

/** The last rule that matches a path; undefined if none does. */
export const ruleFor = (rules: readonly SourceRule[], path: string): SourceRule | undefined =>
  rules.findLast(rule => rule.matches(path))
