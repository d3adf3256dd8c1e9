import { defaultLeftOut, type LeftOutKind } from './default-left-out.js'
import type { SourceFile, Sources } from './sources.js'
import type { SourceRule } from './source-rules.js'

/** The files of a repository, divided by path rules. */
export interface ChosenSources {
  readonly sources: Sources
  /** What is not a source, and why: by default, or because of a line with `!` in the option `sources`. */
  readonly leftOut: readonly LeftOutFile[]
  /** Lines of the option `sources` that match no file. */
  readonly unused: readonly string[]
}

/** A file that is not a source. */
interface LeftOutFile {
  readonly file: SourceFile
  readonly why: LeftOutKind | 'the option sources'
}

/** What decides which files are sources. */
export interface SourceChoice {
  /** The option `sources`: its last line that matches a file decides. */
  readonly rules: readonly SourceRule[]
  /** What the option `flows` names: see {@link defaultLeftOut}. */
  readonly flows: readonly string[]
  /** What the option `prefect-file` names, relative to the working directory: see {@link defaultLeftOut}. */
  readonly deployments?: readonly string[]
  /** Files that are sources whatever the rules say. */
  readonly named: readonly string[]
}

/**
 * Chooses the sources among the files of a repository, by their paths alone: what a load sees, and what the key
 * of an image covers.
 *
 * @param all every file that no ignore rule excludes
 */
export function chooseSources(
  all: Sources,
  { rules, flows, deployments, named }: SourceChoice
): ChosenSources {
  const byDefault = defaultLeftOut(
    all.files.map(file => file.path),
    flows,
    deployments
  )
  const always = new Set(named)
  const used = new Set<SourceRule>()
  const files: SourceFile[] = []
  const leftOut: LeftOutFile[] = []
  for (const file of all.files) {
    const matching = rules.filter(rule => rule.matches(file.path))
    for (const rule of matching) used.add(rule)
    const why = always.has(file.path)
      ? undefined
      : whyLeftOut(file.path, matching.at(-1), byDefault)
    if (why === undefined) files.push(file)
    else leftOut.push({ file, why })
  }
  const size = files.reduce((sum, file) => sum + file.size, 0)
  return {
    sources: { root: all.root, files, size },
    leftOut,
    unused: rules.filter(rule => !used.has(rule)).map(rule => rule.line)
  }
}

function whyLeftOut(
  path: string,
  rule: SourceRule | undefined,
  byDefault: ReturnType<typeof defaultLeftOut>
): LeftOutFile['why'] | undefined {
  if (rule === undefined) return byDefault(path)
  return rule.includes ? undefined : 'the option sources'
}
