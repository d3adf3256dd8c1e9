import type { Connection } from './connection.js'
import { isSuccess, type Answer } from './answer.js'
import type { OnSent, StreamedBody } from '../http/send.js'
import { RegistryUnusable } from './unusable.js'

/** A blob to upload. */
export interface Blob {
  readonly content: Buffer | StreamedBody
  readonly digest: string
  readonly onSent?: OnSent | undefined
}

/** The scopes of a write to a repository. */
export const writeScopes = (repository: string): readonly string[] => [
  `repository:${repository}:pull,push`
]

const uploadsOf = (repository: string): string => `/v2/${repository}/blobs/uploads/`

/** Opens an upload of a blob ("Pushing blobs", POST); the answer has the address for the blob. */
export const openUpload = (connection: Connection, repository: string): Promise<Answer> =>
  connection.ask({
    method: 'POST',
    target: uploadsOf(repository),
    scopes: writeScopes(repository)
  })

/**
 * Sends a blob to an open upload ("Pushing blobs", PUT).
 *
 * @param session the answer that opened the upload
 * @throws RegistryUnusable if it has no address for the blob
 */
export function finishUpload(
  connection: Connection,
  repository: string,
  session: Answer,
  { content, digest, onSent }: Blob
): Promise<Answer> {
  const location = locationOf(session)
  if (location === undefined) {
    throw new RegistryUnusable(`${connection.registry} does not say where to upload to`)
  }
  // The registry's query must stay unchanged: it may be signed.
  const separator = location.search === '' ? '?' : '&'
  return connection.ask({
    method: 'PUT',
    target: new URL(`${location.href}${separator}digest=${encodeURIComponent(digest)}`),
    scopes: writeScopes(repository),
    headers: { 'content-type': 'application/octet-stream' },
    body: content,
    onSent
  })
}

/** Drops an open upload. If the registry refuses, the upload expires. */
export async function dropUpload(
  connection: Connection,
  repository: string,
  session: Answer
): Promise<void> {
  const location = locationOf(session)
  if (location === undefined || !connection.isOnRegistry(location)) return
  // The upload has served its purpose, even if the registry can't be reached any more.
  await connection
    .ask({ method: 'DELETE', target: location, scopes: writeScopes(repository) })
    .catch(unlessUnusable)
}

/**
 * Tries once to mount a blob of another repository ("Pushing blobs", "Mounting a blob").
 *
 * @returns the answer: 201 if the blob was mounted, else an open upload; undefined after a failure
 */
export async function mountBlob(
  connection: Connection,
  repository: string,
  digest: string,
  from: string
): Promise<Answer | undefined> {
  const query = new URLSearchParams({ mount: digest, from })
  const request = {
    method: 'POST',
    target: `${uploadsOf(repository)}?${query.toString()}`,
    scopes: [...writeScopes(repository), `repository:${from}:pull`]
  }
  // Mounting only saves an upload. If it fails, the upload follows and reports any fault.
  const answer = await connection.ask(request).catch(unlessUnusable)
  return answer && isSuccess(answer) ? answer : undefined
}

/** Ignores a registry that can't be reached. */
function unlessUnusable(error: unknown): undefined {
  if (!(error instanceof RegistryUnusable)) throw error
}

/** The Location of an answer, which may be relative (RFC 9110, section 10.2.2). */
function locationOf({ headers, url }: Answer): URL | undefined {
  const location = headers.get('location')
  return location !== null && URL.canParse(location, url.href) ? new URL(location, url) : undefined
}
