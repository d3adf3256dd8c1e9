import { STATUS_CODES } from 'node:http'
import * as z from '../../util/schema.js'
import type { HttpAnswer } from './send.js'

/** What a registry answered. */
export interface Answer extends HttpAnswer {
  /** Where it came from, after redirects. */
  readonly url: URL
}

/** Whether an answer says that the request was done. */
export const isDone = ({ status }: Answer): boolean => status >= 200 && status < 300

// OCI distribution 1.1, "Error Codes". `detail` may be of any form, and is left out.
const errorsSchema = z.object({
  errors: z.array(z.object({ code: z.string().optional(), message: z.string().optional() }))
})

// What token services write: OAuth 2.0's form, and Docker Hub's.
const tokenErrorSchema = z.object({
  error: z.string().optional(),
  error_description: z.string().optional(),
  details: z.string().optional(),
  message: z.string().optional()
})

/**
 * Why a registry did not do a request, in its own words: of its JSON or its plain text. Where it has
 * none, or answers with a page (a proxy's, mostly), the status in words.
 */
export function wordsOf({ body, status }: Answer): string {
  const text = body.toString('utf8').trim()
  const messages = messagesIn(text).filter(message => message !== '')
  if (messages.length > 0) return messages.join('; ').slice(0, 500)
  return (text.startsWith('<') ? '' : text.slice(0, 500)) || statusWords(status)
}

function messagesIn(text: string): string[] {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return []
  }
  const errors = errorsSchema.safeParse(json)
  if (errors.success) {
    return errors.data.errors.map(({ code, message }) => [code, message].filter(Boolean).join(': '))
  }
  const { error, error_description, details, message } = tokenErrorSchema.safeParse(json).data ?? {}
  return [[error, error_description ?? details ?? message].filter(Boolean).join(': ')]
}

const statusWords = (status: number): string => STATUS_CODES[status] ?? `status ${status}`
