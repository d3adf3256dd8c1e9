import { FlowstoreError } from '../errors.js'
import { humanSize } from '../util/text.js'
import type { Credentials } from './auth/credentials.js'
import { Connection, type RegistryRequest } from './connection.js'
import { digestOf, hasDigest, isDigest } from './digest.js'
import { isDone, wordsOf, type Answer } from './http/answer.js'
import { isPassing, retrying, sleep, type Sleep } from './http/retry.js'
import { send, type Send } from './http/send.js'
import { MANIFEST_TYPES } from './media-types.js'
import { pushRefused, readFailure, writeFailure, type Refusal } from './refusal.js'
import { dropUpload, finishUpload, mountBlob, openUpload, writing } from './uploads.js'

/** A manifest as a registry stores it. */
export interface StoredManifest {
  readonly digest: string
  readonly mediaType: string
  /** Its bytes, which the digest is of. */
  readonly body: string
}

/** A blob that a registry has. */
export interface StoredBlob {
  readonly digest: string
  /** False where the registry had it before: here, or in the repository that it was mounted from. */
  readonly uploaded: boolean
}

/** Options of a {@link RegistryClient}. */
export interface RegistryClientOptions {
  /**
   * What reads ask to be allowed; default `pull`. A client that is going to write asks for both at
   * once, and needs one token less.
   */
  readonly access?: 'pull' | 'pull,push'
  /** Sends requests; default {@link send}. */
  readonly send?: Send
  /** Waits between attempts; default the time that is asked for. */
  readonly sleep?: Sleep
}

const ACCEPT = MANIFEST_TYPES.join(', ')

/**
 * Speaks the OCI distribution specification (1.1) with one registry: HTTPS, and plain HTTP where a
 * registry is on this machine and has no TLS. Every request is sent up to four times where the trouble
 * may pass. What is read is checked against its digest.
 *
 * A repository is the path below the registry, such as `acme/flows`.
 *
 * Every method throws a FlowstoreError with the registry's words (REGISTRY; PUSH_REFUSED for a write
 * that it refuses), or {@link RegistryUnusable} where a daemon's push may still work.
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
   * Asks whether a push to a repository would be let in, by opening an upload and dropping it again.
   * It is asked once.
   *
   * @returns the refusal, or undefined where the upload was opened
   * @throws RegistryUnusable where the registry can't be reached
   */
  async pushRefusal(repository: string): Promise<Refusal | undefined> {
    const session = await openUpload(this.connection, repository)
    if (!isDone(session)) return this.refusalOf(session)
    await dropUpload(this.connection, repository, session)
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
    const session =
      from === undefined ? undefined : await mountBlob(this.connection, repository, digest, from)
    if (session?.status === 201) return { digest, uploaded: false }
    await this.upload(repository, content, digest, session)
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
   * Uploads a blob; each attempt opens an upload of its own.
   *
   * @param session an upload that is open for the first attempt
   */
  private async upload(
    repository: string,
    content: Buffer,
    digest: string,
    session: Answer | undefined
  ): Promise<void> {
    let opened = session
    const answer = await retrying(async () => {
      const current = opened ?? (await openUpload(this.connection, repository))
      opened = undefined
      return isDone(current)
        ? finishUpload(this.connection, repository, current, content, digest)
        : current
    }, this.wait)
    if (answer.status === 413) {
      const words = `it does not accept a blob of ${humanSize(content.length)}`
      throw pushRefused(this.registry, repository, { status: 413, words })
    }
    if (!isDone(answer)) throw writeFailure(this.registry, repository, this.refusalOf(answer))
    this.compare(repository, digest, answer.headers.get('docker-content-digest') ?? digest)
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
      `${this.registry}/${name}: the registry has ${found} instead of ${expected}`
    )
  }
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
