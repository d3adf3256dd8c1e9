import { resolve, sep } from 'node:path'

/** One entry of the declared sources. */
export interface SourceFile {
  /** Path relative to the root, with `/`; that of a file outside the root begins with `..`. */
  readonly path: string
  /** Bytes; for a link the length of its target. */
  readonly size: number
  readonly executable: boolean
  /** Target of a symbolic link, as written; undefined for a file. */
  readonly link?: string
}

/** The files of the repository that a load can see. */
export interface Sources {
  /** The absolute folder that paths are relative to. */
  readonly root: string
  /** Sorted by path. */
  readonly files: readonly SourceFile[]
  /** Total bytes. */
  readonly size: number
}

/** The sources of flows that entrypoints name, and how their modules are imported. */
export interface FlowSources extends Sources {
  /** Folders that modules are imported from beside the root, relative to it. */
  readonly importRoots: readonly string[]
}

/** Empty sources. */
export const noSources = (root: string): Sources => ({ root, files: [], size: 0 })

/** How many folders paths lead up: 2 for `../../libs/tools.py`, 0 if all are below the folder they are relative to. */
export function levelsUp(paths: Iterable<string>): number {
  let most = 0
  for (const path of paths) {
    if (!path.startsWith('../')) continue
    const names = path.split('/')
    const down = names.findIndex(name => name !== '..')
    most = Math.max(most, down === -1 ? names.length : down)
  }
  return most
}

const levelsOf = ({ files }: Sources): number => levelsUp(files.map(file => file.path))

/** The nearest folder, absolute, that holds the root and all sources: the root itself if none lies outside. */
export const topOf = (sources: Sources): string =>
  resolve(sources.root, '../'.repeat(levelsOf(sources)))

/** The path from {@link topOf} down to the root, such as `teams/orders`; empty if they are the same. */
export function rootBelowTop(sources: Sources): string {
  const levels = levelsOf(sources)
  return levels === 0 ? '' : sources.root.split(sep).slice(-levels).join('/')
}

/** The largest files, largest first. */
export function largestFiles(sources: Sources, count: number): readonly SourceFile[] {
  return [...sources.files].sort((a, b) => b.size - a.size).slice(0, count)
}
