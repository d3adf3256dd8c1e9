import * as core from '@actions/core'
import type { FlowstoreError } from '../errors.js'
import type { Notice } from '../log.js'
import { plainLine, plainLines } from '../util/plain-text.js'

/** The place of an annotation; empty if its file is not known. */
const place = ({ file, line }: { file?: string | undefined; line?: number | undefined }) => ({
  ...(file ? { file: plainLine(file) } : {}),
  ...(line ? { startLine: line } : {})
})

/**
 * Writes a notice as an annotation, on its file and line if it has them. `@actions/core` escapes line breaks, but not
 * `##[`.
 */
export function annotateNotice(notice: Notice): void {
  const annotate = notice.level === 'warning' ? core.warning : core.notice
  annotate(plainLine(notice.message), place(notice))
}

/** Writes an error as an annotation, on its file and line if it has them. */
export function annotateError(error: FlowstoreError): void {
  const { code, message, detail = '', hint = '' } = error
  const lines = [plainLine(message), plainLines(detail), plainLine(hint)].filter(Boolean)
  core.error(lines.join('\n'), { title: `flowstore: ${code}`, ...place(error) })
}
