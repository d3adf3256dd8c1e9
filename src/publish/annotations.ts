import { isAbsolute, posix } from 'node:path'
import * as core from '@actions/core'
import type { FlowstoreError } from '../errors.js'
import type { Notice } from '../log.js'
import { plainLine, plainLines } from '../util/plain-text.js'

/** The place of an annotation; empty if its file is not known. GitHub reads a file relative to the workspace. */
const place = (
  { file, line }: { file?: string | undefined; line?: number | undefined },
  folder: string
) => ({
  ...(file ? { file: plainLine(isAbsolute(file) ? file : posix.join(folder, file)) } : {}),
  ...(line ? { startLine: line } : {})
})

/**
 * Writes a notice as an annotation, on its file and line if it has them. `@actions/core` escapes line breaks, but not
 * `##[`.
 *
 * @param folder the working directory, which files are relative to, relative to the workspace; default the workspace
 */
export function annotateNotice(notice: Notice, folder = ''): void {
  const annotate = notice.level === 'warning' ? core.warning : core.notice
  annotate(plainLine(notice.message), place(notice, folder))
}

/**
 * Writes an error as an annotation, on its file and line if it has them.
 *
 * @param folder as of {@link annotateNotice}
 */
export function annotateError(error: FlowstoreError, folder = ''): void {
  const { code, message, detail = '', hint = '', link } = error
  const lines = [plainLine(message), plainLines(detail), plainLine(hint), `See ${link}`]
  core.error(lines.filter(Boolean).join('\n'), {
    title: `flowstore: ${code}`,
    ...place(error, folder)
  })
}
