import { STATUS_CODES } from 'node:http'
import type { HttpAnswer } from '../http/send.js'
import * as z from '../util/schema.js'

/** An answer of a registry. */
export interface Answer extends HttpAnswer {
  /** Its address, after redirects. */
  readonly url: URL
}

/** Whether an answer reports success. */
export const isSuccess = ({ status }: Answer): boolean => status >= 200 && status < 300

// OCI distribution 1.1, "Error Codes". `detail` may have any form and is ignored.
const errorsSchema = z.object({
  errors: z.array(z.object({ code: z.string().optional(), message: z.string().optional() }))
})

// The errors of token services: in OAuth 2.0's form, and in Docker Hub's.
const tokenErrorSchema = z.object({
  error: z.string().optional(),
  error_description: z.string().optional(),
  details: z.string().optional(),
  message: z.string().optional()
})

/**
 * A registry's message for a failed request, from its JSON or plain text. If there is none, or the answer is
 * an HTML page (usually a proxy's), the name of the status.
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
