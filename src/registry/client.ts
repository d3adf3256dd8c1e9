import { FlowstoreError } from '../errors.js'
import { humanSize } from '../util/format.js'
import { send, type Send } from './http.js'
import { isDone, wordsOf, type Answer } from './answer.js'
import { Connection, type RegistryRequest } from './connection.js'
import type { Credentials } from './credentials.js'
import { digestOf, hasDigest, isDigest } from './digest.js'
import { MANIFEST_TYPES } from './media-types.js'
import { pushRefused, readFailure, writeFailure, type Refusal } from './refusal.js'
import { isPassing, retrying, sleep, type Sleep } from './retry.js'
import { AppendUnsupported } from './unsupported.js'

/** A manifest as a registry keeps it. */
export interface StoredManifest {
  readonly digest: string
  readonly mediaType: string
  /** Its bytes, which the digest is of. */
  readonly body: string
}

/** A blob that a registry has. */
export interface StoredBlob {
  readonly digest: string
  /** False where the registry had it before, here or in the repository that it was taken from. */
  readonly uploaded: boolean
}

/** What a {@link RegistryClient} can be told beside the registry and the login. */
export interface RegistryClientOptions {
  /**
   * What reads ask to be allowed. A client that is going to write asks for both at once, and needs
   * one token less.
   */
  readonly access?: 'pull' | 'pull,push'
  readonly send?: Send
  /** Waits between attempts. */
  readonly sleep?: Sleep
}

const ACCEPT = MANIFEST_TYPES.join(', ')

/**
 * Speaks the OCI distribution specification (1.1) with one registry: HTTPS, and plain HTTP where a
 * registry is on this machine and has no TLS. Trouble that passes is waited out: every request is sent up
 * to four times. What is read is checked against its digest.
 *
 * Every method throws a FlowstoreError with the registry's words (REGISTRY; PUSH_REFUSED for a
 * write that it does not let in), or {@link AppendUnsupported} for what a daemon may still do.
 */
export class RegistryClient {
  private readonly connection: Connection
  private readonly access: 'pull' | 'pull,push'
  private readonly wait: Sleep

  constructor(
    /** The registry's host, as image references have it. */
    readonly registry: string,
    credentials: Credentials | undefined,
    options: RegistryClientOptions = {}
  ) {
    this.connection = new Connection(registry, credentials, options.send ?? send)
    this.access = options.access ?? 'pull'
    this.wait = options.sleep ?? sleep
  }

  /**
   * Asks whether a push to a repository would be let in, by opening an upload ("Pushing blobs",
   * POST then PUT) and dropping it again. It is only a question, and is asked once.
   *
   * @returns the refusal, or undefined where the upload was opened
   * @throws AppendUnsupported where the registry can't be reached
   */
  async pushRefusal(repository: string): Promise<Refusal | undefined> {
    const scopes = writing(repository)
    const target = uploads(repository)
    const answer = await this.connection.ask({ method: 'POST', target, scopes })
    if (!isDone(answer)) return this.refusalOf(answer)
    const location = locationOf(answer)
    if (location !== undefined && this.connection.isOwn(location)) {
      await this.connection
        .ask({ method: 'DELETE', target: location, scopes })
        .catch(() => undefined)
    }
    return undefined
  }

  /**
   * Reads a manifest by tag or digest ("Pulling manifests").
   *
   * @returns undefined where the repository has none of that name
   */
  async manifest(repository: string, reference: string): Promise<StoredManifest | undefined> {
    const answer = await this.read(repository, `manifests/${reference}`, ACCEPT)
    if (answer.status === 404) return undefined
    const digest = this.verify(repository, answer, isDigest(reference) ? reference : undefined)
    const body = answer.body.toString('utf8')
    const header = answer.headers.get('content-type')?.split(';')[0]?.trim()
    return { digest, mediaType: mediaTypeIn(body) ?? header ?? '', body }
  }

  /**
   * The digest of the manifest that a tag names ("Pulling manifests", HEAD), or undefined where
   * the repository has none. Where a registry's answer leaves the digest out, which it may, the
   * manifest itself is read.
   */
  async digest(repository: string, reference: string): Promise<string | undefined> {
    const answer = await this.retried({
      method: 'HEAD',
      target: `/v2/${repository}/manifests/${reference}`,
      scopes: this.reading(repository),
      headers: { accept: ACCEPT }
    })
    const digest = answer.headers.get('docker-content-digest')
    if (isDone(answer) && digest !== null) return digest
    if (answer.status === 404) return undefined
    if (isPassing(answer.status)) {
      throw readFailure(this.registry, repository, this.refusalOf(answer))
    }
    // A refusal has words only where there is a body.
    return (await this.manifest(repository, reference))?.digest
  }

  /** Reads a blob into memory ("Pulling blobs"); it may lie at another host. */
  async blob(repository: string, digest: string): Promise<Buffer> {
    const answer = await this.read(repository, `blobs/${digest}`)
    if (answer.status === 404) {
      throw new FlowstoreError(
        'REGISTRY',
        `${this.registry}/${repository} lacks the blob ${digest}`
      )
    }
    this.verify(repository, answer, digest)
    return answer.body
  }

  /**
   * Puts a blob into a repository unless it is there ("Pushing blobs": HEAD, mounting, POST then
   * PUT).
   *
   * @param from another repository of this registry that may have it, to mount it from
   */
  async putBlob(repository: string, content: Buffer, from?: string): Promise<StoredBlob> {
    const digest = digestOf(content)
    const head = await this.retried({
      method: 'HEAD',
      target: `/v2/${repository}/blobs/${digest}`,
      scopes: writing(repository)
    })
    if (isDone(head)) return { digest, uploaded: false }
    if (isPassing(head.status)) {
      throw writeFailure(this.registry, repository, this.refusalOf(head))
    }
    // Any other answer is no reason not to try: the upload tells.
    let session = from === undefined ? undefined : await this.mount(repository, digest, from)
    if (session?.status === 201) return { digest, uploaded: false }
    const answer = await retrying(async () => {
      const opened = session ?? (await this.openUpload(repository))
      session = undefined
      return isDone(opened) ? this.upload(repository, opened, content, digest) : opened
    }, this.wait)
    if (answer.status === 413) {
      const words = `it takes no blob of ${humanSize(content.length)}`
      throw pushRefused(this.registry, repository, { status: 413, words })
    }
    if (!isDone(answer)) throw writeFailure(this.registry, repository, this.refusalOf(answer))
    this.compare(repository, digest, answer.headers.get('docker-content-digest') ?? digest)
    return { digest, uploaded: true }
  }

  /**
   * Puts a manifest under a tag or its digest ("Pushing manifests").
   *
   * @returns its digest, which the registry's answer was compared with
   */
  async putManifest(
    repository: string,
    reference: string,
    mediaType: string,
    body: string
  ): Promise<string> {
    const digest = digestOf(body)
    const answer = await this.retried({
      method: 'PUT',
      target: `/v2/${repository}/manifests/${reference}`,
      scopes: writing(repository),
      headers: { 'content-type': mediaType },
      body: Buffer.from(body)
    })
    if (!isDone(answer)) throw writeFailure(this.registry, repository, this.refusalOf(answer))
    const given =
      answer.headers.get('docker-content-digest') ?? (await this.digest(repository, reference))
    this.compare(`${repository}:${reference}`, digest, given ?? 'no manifest')
    return digest
  }

  private reading(repository: string): readonly string[] {
    return [`repository:${repository}:${this.access}`]
  }

  private async read(repository: string, path: string, accept = '*/*'): Promise<Answer> {
    const answer = await this.retried({
      method: 'GET',
      target: `/v2/${repository}/${path}`,
      scopes: this.reading(repository),
      headers: { accept }
    })
    if (isDone(answer) || answer.status === 404) return answer
    throw readFailure(this.registry, repository, this.refusalOf(answer))
  }

  /**
   * Asks once to mount a blob: the upload that follows where it is not would tell of any trouble.
   *
   * @returns 201 where it was mounted, the session of an upload, or undefined for neither
   */
  private async mount(
    repository: string,
    digest: string,
    from: string
  ): Promise<Answer | undefined> {
    const query = new URLSearchParams({ mount: digest, from })
    const request = {
      method: 'POST',
      target: `${uploads(repository)}?${query.toString()}`,
      scopes: [...writing(repository), `repository:${from}:pull`]
    }
    const answer = await this.connection.ask(request).catch(() => undefined)
    return answer && isDone(answer) ? answer : undefined
  }

  private openUpload(repository: string): Promise<Answer> {
    return this.connection.ask({
      method: 'POST',
      target: uploads(repository),
      scopes: writing(repository)
    })
  }

  private async upload(
    repository: string,
    session: Answer,
    content: Buffer,
    digest: string
  ): Promise<Answer> {
    const location = locationOf(session)
    if (location === undefined) {
      throw new AppendUnsupported(`${this.registry} says not where to upload to`)
    }
    // The query is the registry's own, to the letter: it may be signed.
    const separator = location.search === '' ? '?' : '&'
    return this.connection.ask({
      method: 'PUT',
      target: new URL(`${location.href}${separator}digest=${encodeURIComponent(digest)}`),
      scopes: writing(repository),
      headers: { 'content-type': 'application/octet-stream' },
      body: content
    })
  }

  private retried(request: RegistryRequest): Promise<Answer> {
    return retrying(() => this.connection.ask(request), this.wait)
  }

  private refusalOf(answer: Answer): Refusal {
    return { status: answer.status, words: this.connection.redact(wordsOf(answer)) }
  }

  /** The digest of an answer's content, compared with what was asked for and what the registry says. */
  private verify(repository: string, { body, headers }: Answer, asked?: string): string {
    const given = headers.get('docker-content-digest')
    for (const digest of [asked, given]) {
      if (digest && !hasDigest(body, digest)) this.compare(repository, digest, digestOf(body))
    }
    return asked ?? digestOf(body)
  }

  private compare(name: string, expected: string, found: string): void {
    if (expected === found) return
    throw new FlowstoreError(
      'REGISTRY',
      `${this.registry}/${name}: the registry has ${found} where ${expected} belongs`
    )
  }
}

const uploads = (repository: string): string => `/v2/${repository}/blobs/uploads/`

const writing = (repository: string): readonly string[] => [`repository:${repository}:pull,push`]

/** Where an answer says to go on, which may be relative (RFC 9110, section 10.2.2). */
function locationOf({ headers, url }: Answer): URL | undefined {
  const location = headers.get('location')
  return location !== null && URL.canParse(location, url.href) ? new URL(location, url) : undefined
}

/** The mediaType in a manifest itself, which the header has to repeat (OCI image 1.1, "Image Manifest"). */
function mediaTypeIn(body: string): string | undefined {
  try {
    const { mediaType } = JSON.parse(body) as { mediaType?: unknown }
    return typeof mediaType === 'string' ? mediaType : undefined
  } catch {
    return undefined
  }
}
