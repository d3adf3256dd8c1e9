import type { Connection } from './connection.js'
import { isDone, type Answer } from './http/answer.js'
import { RegistryUnusable } from './unusable.js'

/** What a write to a repository has to be allowed. */
export const writing = (repository: string): readonly string[] => [
  `repository:${repository}:pull,push`
]

const uploadsOf = (repository: string): string => `/v2/${repository}/blobs/uploads/`

/** Opens an upload of a blob ("Pushing blobs", POST); the answer says where it goes. */
export const openUpload = (connection: Connection, repository: string): Promise<Answer> =>
  connection.ask({
    method: 'POST',
    target: uploadsOf(repository),
    scopes: writing(repository)
  })

/**
 * Sends a blob into an upload that was opened ("Pushing blobs", PUT).
 *
 * @param session the answer that opened the upload
 * @throws RegistryUnusable where that does not say where to send it
 */
export function finishUpload(
  connection: Connection,
  repository: string,
  session: Answer,
  content: Buffer,
  digest: string
): Promise<Answer> {
  const location = locationOf(session)
  if (location === undefined) {
    throw new RegistryUnusable(`${connection.registry} does not say where to upload to`)
  }
  // The query is the registry's own, to the letter: it may be signed.
  const separator = location.search === '' ? '?' : '&'
  return connection.ask({
    method: 'PUT',
    target: new URL(`${location.href}${separator}digest=${encodeURIComponent(digest)}`),
    scopes: writing(repository),
    headers: { 'content-type': 'application/octet-stream' },
    body: content
  })
}

/** Drops an upload that was opened. A registry that does not do it drops it itself some day. */
export async function dropUpload(
  connection: Connection,
  repository: string,
  session: Answer
): Promise<void> {
  const location = locationOf(session)
  if (location === undefined || !connection.isOwn(location)) return
  // The question that the upload was opened for is answered, even where the registry is gone now.
  await connection
    .ask({ method: 'DELETE', target: location, scopes: writing(repository) })
    .catch(unlessUnusable)
}

/**
 * Asks once to mount a blob of another repository ("Pushing blobs", "Mounting a blob").
 *
 * @returns 201 where it was mounted; the session of an upload in its place; undefined for neither
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
    scopes: [...writing(repository), `repository:${from}:pull`]
  }
  // Mounting only saves an upload. That follows where it fails, and tells of any trouble.
  const answer = await connection.ask(request).catch(unlessUnusable)
  return answer && isDone(answer) ? answer : undefined
}

/** A rejection handler for what may go without an answer. */
function unlessUnusable(error: unknown): undefined {
  if (!(error instanceof RegistryUnusable)) throw error
}

/** Where an answer says to go on, which may be relative (RFC 9110, section 10.2.2). */
function locationOf({ headers, url }: Answer): URL | undefined {
  const location = headers.get('location')
  return location !== null && URL.canParse(location, url.href) ? new URL(location, url) : undefined
}
