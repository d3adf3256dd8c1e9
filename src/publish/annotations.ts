import * as core from '@actions/core'
import type { FlowstoreError } from '../errors.js'
import type { Notice } from '../log.js'

/** Writes a notice as an annotation, on its file and line if it has them. */
export function annotateNotice(notice: Notice): void {
  const properties = {
    ...(notice.file ? { file: notice.file } : {}),
    ...(notice.line ? { startLine: notice.line } : {})
  }
  if (notice.level === 'warning') core.warning(notice.message, properties)
  else core.notice(notice.message, properties)
}

/** Writes an error as an annotation, on its file and line if it has them. */
export function annotateError(error: FlowstoreError): void {
  core.error([error.message, error.detail, error.hint].filter(Boolean).join('\n'), {
    title: `flowstore: ${error.code}`,
    ...(error.file ? { file: error.file } : {}),
    ...(error.line ? { startLine: error.line } : {})
  })
}
