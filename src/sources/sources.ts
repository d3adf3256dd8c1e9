/** One entry of the declared sources. */
export interface SourceFile {
  /** Path relative to the root, with `/`. */
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

/** Empty sources. */
export const noSources = (root: string): Sources => ({ root, files: [], size: 0 })

/** The largest files, largest first. */
export function largestFiles(sources: Sources, count: number): readonly SourceFile[] {
  return [...sources.files].sort((a, b) => b.size - a.size).slice(0, count)
}
