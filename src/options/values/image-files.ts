import { basename, posix, resolve } from 'node:path'
import type { PathFilter } from '../../sources/docker-ignore.js'
import { liesInVersionControl } from '../../sources/fixed-names.js'
import { globBase, isGlob } from '../../sources/path-matcher.js'
import { FlowstoreError } from '../../errors.js'
import { pathError } from '../../util/files.js'

/** A file or folder to copy into the image. */
export interface ImageFile {
  /** As written: relative to the working directory, or absolute. */
  readonly source: string
  /** Absolute path in the image, normalized. */
  readonly destination: string
  /** Which files of a folder are copied, by paths relative to the working directory; default all. */
  readonly only?: PathFilter
}

/** A line, read. */
interface Line extends ImageFile {
  /** The error for a source that is neither there nor a pattern. */
  readonly fault: FlowstoreError | undefined
  /** Absolute path of the source; of a pattern, of its part before the pattern. */
  readonly path: string
}

/** Reads `SOURCE:/absolute/destination`. */
function readLine(line: string, cwd: string): Line | FlowstoreError {
  // A Windows path has a colon too, so the last colon before an absolute path counts.
  const colon = line.lastIndexOf(':/')
  if (colon <= 0) {
    return new FlowstoreError(
      'FILE_DESTINATION',
      `'${line}' in the option files has no absolute destination`,
      {
        hint: 'Write SOURCE:/absolute/destination, such as data:/srv/data.'
      }
    )
  }
  const source = line.slice(0, colon).trim()
  const destination = line.slice(colon + 1).trim()
  const whole = resolve(cwd, source)
  const fault = pathError(whole, `the file '${source}' in the option files`, `Looked in ${cwd}.`)
  // A pattern may also be the name of a file. Otherwise it is checked when the image is planned.
  const isPattern = fault !== undefined && isGlob(source)
  return {
    source,
    destination:
      destination.endsWith('/') && !isPattern
        ? posix.join(destination, basename(source))
        : posix.normalize(destination).replace(/(?<=.)\/$/, ''),
    fault: isPattern ? undefined : fault,
    path: isPattern ? resolve(cwd, globBase(source)) : whole
  }
}

/** The error for a line whose source is, or lies in, version control. */
export const versionControlNamed = (line: string): FlowstoreError =>
  new FlowstoreError(
    'INVALID_OPTION',
    `'${line}' in the option files names version control, which is never copied into an image`,
    {
      hint: 'Its folder may contain a token. Copy what you need out of it first, in a step before this one.'
    }
  )

/**
 * Reads lines `SOURCE:/absolute/destination`. A destination that ends in `/` is a folder that the source
 * is copied into under its own name. The destination of a glob is always a folder.
 *
 * @returns the files, and an error for each invalid line: FILE_DESTINATION for a relative destination or
 * one that two sources share, FILE_NOT_FOUND for a source that does not exist, FILE_UNREADABLE for one that
 * can't be read, INVALID_OPTION for a source in version control
 */
export function imageFiles(
  lines: readonly string[],
  cwd: string
): { readonly files: readonly ImageFile[]; readonly errors: readonly FlowstoreError[] } {
  const files: ImageFile[] = []
  const errors: FlowstoreError[] = []
  for (const line of lines) {
    const read = readLine(line, cwd)
    if (read instanceof FlowstoreError) {
      errors.push(read)
      continue
    }
    const { fault, path, ...file } = read
    const { source, destination } = file
    if (liesInVersionControl(cwd, path)) {
      errors.push(versionControlNamed(line))
      continue
    }
    if (fault !== undefined) errors.push(fault)
    const other = files.find(earlier => earlier.destination === destination)
    if (other) {
      const message = `'${other.source}' and '${source}' in the option files have the same destination: ${destination}`
      errors.push(new FlowstoreError('FILE_DESTINATION', message))
    }
    files.push(file)
  }
  return { files, errors }
}
