import { existsSync } from 'node:fs'
import { posix, resolve } from 'node:path'
import picomatch from 'picomatch'
import type { PathFilter } from '../sources/ignore.js'
import { FlowstoreError } from '../errors.js'

/** A file or folder to put into the image. */
export interface ImageFile {
  /** As written: relative to the working directory, or absolute. */
  readonly source: string
  /** Absolute path in the image, normalized. */
  readonly destination: string
  /** Which of a folder's files go along, by paths relative to the working directory; default all. */
  readonly only?: PathFilter
}

/**
 * Reads lines `SOURCE:/absolute/destination`. A destination that ends in `/` is a folder, and the
 * source keeps its name in it. The destination of a glob is a folder always.
 *
 * @returns the files, and an error for each line that is none: FILE_DESTINATION for a relative
 * destination or one that two sources share, FILE_NOT_FOUND for a source that isn't there
 */
export function imageFiles(
  lines: readonly string[],
  cwd: string
): { readonly files: readonly ImageFile[]; readonly errors: readonly FlowstoreError[] } {
  const files: ImageFile[] = []
  const errors: FlowstoreError[] = []
  for (const line of lines) {
    // A Windows source has a colon of its own, so the last one that an absolute path follows counts.
    const colon = line.lastIndexOf(':/')
    if (colon <= 0) {
      errors.push(
        new FlowstoreError('FILE_DESTINATION', `'${line}' in files has no absolute destination`, {
          hint: 'Write SOURCE:/absolute/destination.'
        })
      )
      continue
    }
    const source = line.slice(0, colon).trim()
    const given = line.slice(colon + 1).trim()
    const whole =
      given.endsWith('/') && !picomatch.scan(source).isGlob
        ? posix.join(given, posix.basename(source.replaceAll('\\', '/')))
        : posix.normalize(given).replace(/(?<=.)\/$/, '')
    // What a glob matches is known when the image is planned.
    if (!existsSync(resolve(cwd, source)) && !picomatch.scan(source).isGlob) {
      errors.push(
        new FlowstoreError('FILE_NOT_FOUND', `the file '${source}' in files does not exist`, {
          hint: `Looked in ${cwd}.`
        })
      )
    }
    const taken = files.find(file => file.destination === whole)
    if (taken) {
      errors.push(
        new FlowstoreError(
          'FILE_DESTINATION',
          `'${taken.source}' and '${source}' in files have one destination: ${whole}`
        )
      )
    }
    files.push({ source, destination: whole })
  }
  return { files, errors }
}
