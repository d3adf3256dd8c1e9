import { FlowstoreError } from '../errors.js'
import { humanSize } from '../util/text.js'
import type { Credentials } from './auth/credentials.js'
import { Connection, type RegistryRequest } from './connection.js'
import { digestOf, hasDigest, isDigest } from './digest.js'
import { isSuccess, wordsOf, type Answer } from './answer.js'
import { isTemporary, retrying, RetryTime, sleep, type Sleep } from '../http/retry.js'
import * as z from '../util/schema.js'
import { send, sizeOfBody, type OnSent, type ReadBody, type Send } from '../http/send.js'
import { NONE_INSECURE, type InsecureRegistries } from './insecure.js'
import { MANIFEST_TYPES, OCI } from './media-types.js'
import { pushRefused, readFailure, writeFailure, type Refusal } from './refusal.js'
import { RegistryUnusable } from './unusable.js'
import {
  dropUpload,
  finishUpload,
  mountBlob,
  openUpload,
  writeScopes,
  type Blob
} from './uploads.js'

/** A manifest as a registry stores it. */
export interface StoredManifest {
  readonly digest: string
  readonly mediaType: string
  /** The text that `digest` is computed from. */
  readonly body: string
}

/** A blob that a registry has. */
export interface StoredBlob {
  readonly digest: string
  /** False if the registry already had it: in this repository, or in the one that it was mounted from. */
  readonly uploaded: boolean
}

/** A registry lacks content that it names, or has other content under a digest. Its code is REGISTRY. */
export class BadContent extends FlowstoreError {
  constructor(message: string) {
    super('REGISTRY', message, {
      hint: 'The registry lost a part of an image: a garbage collection or a damaged disk may have removed it.'
    })
    this.name = 'BadContent'
  }
}

/** Options of a {@link RegistryClient}. */
export interface RegistryClientOptions {
  /**
   * The access that reads ask for; default `pull`. A client that also writes asks for both at once, and needs
   * one token less.
   */
  readonly access?: 'pull' | 'pull,push' | undefined
  /** Registries that need not be safe; default none. */
  readonly insecure?: InsecureRegistries
  /** Sends requests; default {@link send}. */
  readonly send?: Send
  /** Waits between attempts; default a timer. */
  readonly sleep?: Sleep
  /** What failed requests may take, together with those of other clients; default its own. */
  readonly retryTime?: RetryTime
}

const referrersSchema = z.object({ manifests: z.array(z.object({ digest: z.string() })) })

/** A manifest that names another one as its subject. */
export type Referrer = z.infer<typeof referrersSchema>['manifests'][number]

const ACCEPT = MANIFEST_TYPES.join(', ')

/** Milliseconds to find out what became of a write. */
const READ_BACK = 10_000

/**
 * A client of one registry, by the OCI distribution specification (1.1): over HTTPS, or plain HTTP for a
 * registry without TLS on this machine or among {@link RegistryClientOptions.insecure}. Requests are sent up to four times if the failure may be temporary.
 * Content is checked against its digest.
 *
 * A repository is the path below the registry, such as `acme/flows`.
 *
 * Every method throws a FlowstoreError with the registry's message (REGISTRY; PUSH_REFUSED for a refused
 * write), or {@link RegistryUnusable} if a daemon's push may still work.
 */
export class RegistryClient {
  private readonly connection: Connection
  private readonly access: 'pull' | 'pull,push'
  private readonly wait: Sleep
  private readonly retryTime: RetryTime

  constructor(
    /** The registry's host, as in image references. */
    readonly registry: string,
    credentials: Credentials | undefined,
    options: RegistryClientOptions = {}
  ) {
    this.retryTime = options.retryTime ?? new RetryTime()
    this.connection = new Connection(
      registry,
      credentials,
      options.send ?? send,
      options.insecure ?? NONE_INSECURE,
      this.retryTime
    )
    this.access = options.access ?? 'pull'
    this.wait = options.sleep ?? sleep
  }

  /**
   * Checks whether a push to a repository would be accepted, by opening an upload and dropping it. There is
   * no second attempt.
   *
   * @returns the refusal, or undefined if the upload was opened
   * @throws RegistryUnusable if the registry can't be reached
   */
  async pushRefusal(repository: string): Promise<Refusal | undefined> {
    const session = await openUpload(this.connection, repository)
    if (!isSuccess(session)) return this.refusalOf(session)
    await dropUpload(this.connection, repository, session)
    return undefined
  }

  /**
   * Reads a manifest by tag or digest ("Pulling manifests").
   *
   * @returns undefined if the repository has no such manifest
   */
  async manifest(repository: string, reference: string): Promise<StoredManifest | undefined> {
    return again(async () => {
      const answer = await this.read(repository, `manifests/${reference}`, ACCEPT)
      if (answer.status === 404) return undefined
      const digest = this.verify(repository, answer, isDigest(reference) ? reference : undefined)
      const body = answer.body.toString('utf8')
      const header = answer.headers.get('content-type')?.split(';')[0]?.trim()
      return { digest, mediaType: mediaTypeIn(body) ?? header ?? '', body }
    })
  }

  /**
   * The digest of the manifest that a tag names ("Pulling manifests", HEAD), or undefined if the repository
   * has none. If the answer leaves out the digest, which is allowed, the manifest itself is read.
   */
  async digest(repository: string, reference: string): Promise<string | undefined> {
    const answer = await this.retried({
      method: 'HEAD',
      target: `/v2/${repository}/manifests/${reference}`,
      scopes: this.readScopes(repository),
      headers: { accept: ACCEPT }
    })
    const digest = answer.headers.get('docker-content-digest')
    if (isSuccess(answer) && digest !== null) return digest
    if (answer.status === 404) return undefined
    if (isTemporary(answer.status)) {
      throw readFailure(this.registry, repository, this.refusalOf(answer))
    }
    // The answer to a HEAD has no body, and so no message: GET has one.
    return (await this.manifest(repository, reference))?.digest
  }

  /**
   * The manifests that name another one as their subject ("Listing Referrers"), the first page of them.
   *
   * @returns undefined if the registry has no such list; then a tag has it ("Referrers Tag Schema")
   */
  async referrers(repository: string, digest: string): Promise<readonly Referrer[] | undefined> {
    const answer = await this.retried({
      method: 'GET',
      target: `/v2/${repository}/referrers/${digest}`,
      scopes: this.readScopes(repository),
      headers: { accept: OCI.index }
    })
    // Registries from before the specification say in many ways that they don't know the address.
    if ([400, 404, 405].includes(answer.status)) return undefined
    if (!isSuccess(answer)) throw readFailure(this.registry, repository, this.refusalOf(answer))
    const index = referrersSchema.safeParse(jsonOf(answer.body.toString('utf8')))
    return index.success ? index.data.manifests : undefined
  }

  /** Whether the repository has a blob ("Pulling blobs", HEAD). */
  async hasBlob(repository: string, digest: string): Promise<boolean> {
    const answer = await this.retried({
      method: 'HEAD',
      target: `/v2/${repository}/blobs/${digest}`,
      scopes: this.readScopes(repository)
    })
    if (isSuccess(answer)) return true
    if (answer.status === 404) return false
    throw readFailure(this.registry, repository, this.refusalOf(answer))
  }

  /**
   * Whether the registry says, twice, that it lacks a blob: one of several servers may not have it yet. A failure says
   * nothing of the blob.
   */
  async isLost(repository: string, digest: string): Promise<boolean> {
    const has = () =>
      this.hasBlob(repository, digest).catch((error: unknown) => {
        if (error instanceof FlowstoreError || error instanceof RegistryUnusable) return true
        throw error
      })
    return !(await has()) && !(await has())
  }

  /** Reads a blob into memory ("Pulling blobs"); it may be on another host. */
  async blob(repository: string, digest: string): Promise<Buffer> {
    return again(async () => {
      const answer = await this.read(repository, `blobs/${digest}`)
      if (answer.status === 404) throw this.lacks(repository, digest)
      this.verify(repository, answer, digest)
      return answer.body
    })
  }

  /**
   * Reads a blob that may be too large for memory. Each attempt reads it from its beginning.
   *
   * @param receive reads the content, and has to check its digest
   * @throws BadContent if the registry lacks it
   */
  async readBlob(
    repository: string,
    { digest, size }: { readonly digest: string; readonly size: number },
    receive: ReadBody
  ): Promise<void> {
    const answer = await this.retried({
      method: 'GET',
      target: `/v2/${repository}/blobs/${digest}`,
      scopes: this.readScopes(repository),
      large: { size, receive }
    })
    if (answer.status === 404) throw this.lacks(repository, digest)
    if (!isSuccess(answer)) throw readFailure(this.registry, repository, this.refusalOf(answer))
  }

  /**
   * Uploads a blob to a repository unless it exists ("Pushing blobs": HEAD, mounting, POST then PUT).
   *
   * @param from another repository of this registry that may have it, to mount it from
   * @param onSent called while a large blob is sent
   */
  putBlob(
    repository: string,
    content: Buffer,
    from?: string,
    onSent?: OnSent
  ): Promise<StoredBlob> {
    return this.storeBlob(repository, { content, digest: digestOf(content), onSent }, from)
  }

  /** Uploads a blob as {@link RegistryClient.putBlob} does; it may be too large for memory. */
  async storeBlob(repository: string, blob: Blob, from?: string): Promise<StoredBlob> {
    const { digest } = blob
    const head = await this.retried({
      method: 'HEAD',
      target: `/v2/${repository}/blobs/${digest}`,
      scopes: writeScopes(repository)
    })
    if (isSuccess(head)) return { digest, uploaded: false }
    if (isTemporary(head.status)) {
      throw writeFailure(this.registry, repository, this.refusalOf(head))
    }
    // Any other answer is ignored: if the upload fails too, its answer has a message.
    const session =
      from === undefined ? undefined : await mountBlob(this.connection, repository, digest, from)
    if (session?.status === 201) return { digest, uploaded: false }
    await this.upload(repository, blob, session)
    return { digest, uploaded: true }
  }

  /**
   * Stores a manifest under a tag or its digest ("Pushing manifests"). If the answer is lost or names another digest,
   * the registry is asked what it has.
   *
   * @param signal ends the request; then the registry is asked too
   * @returns its digest, after a comparison with the registry's answer
   */
  async putManifest(
    repository: string,
    reference: string,
    mediaType: string,
    body: string,
    signal?: AbortSignal
  ): Promise<string> {
    const digest = digestOf(body)
    let failure: Error | undefined
    try {
      const answer = await this.retried({
        method: 'PUT',
        target: `/v2/${repository}/manifests/${reference}`,
        scopes: writeScopes(repository),
        headers: { 'content-type': mediaType },
        body: Buffer.from(body),
        signal
      })
      if (isSuccess(answer)) {
        if (answer.headers.get('docker-content-digest') === digest) return digest
      } else {
        const failed = writeFailure(this.registry, repository, this.refusalOf(answer))
        if (!isTemporary(answer.status)) throw failed
        failure = failed
      }
    } catch (error) {
      if (!(error instanceof RegistryUnusable) || error.cause === undefined) throw error
      failure = error
    }
    this.allowRetries(READ_BACK)
    const found = await this.digest(repository, reference).catch((error: unknown) => {
      throw failure ?? (error as Error)
    })
    if (failure !== undefined && found !== digest) throw failure
    this.compare(`${repository}:${reference}`, digest, found ?? 'no manifest')
    return digest
  }

  /**
   * Removes a tag, and never a manifest ("Deleting tags"). Not every registry can do that.
   *
   * @returns the refusal, or undefined if the tag is gone
   */
  async deleteTag(repository: string, tag: string): Promise<Refusal | undefined> {
    if (isDigest(tag)) throw new Error(`${tag} is not a tag`)
    const answer = await this.retried({
      method: 'DELETE',
      target: `/v2/${repository}/manifests/${tag}`,
      scopes: [`repository:${repository}:pull,push,delete`]
    })
    return isSuccess(answer) || answer.status === 404 ? undefined : this.refusalOf(answer)
  }

  /** Allows failed requests for at least so many milliseconds more, even if they took all their time. */
  allowRetries(milliseconds: number): void {
    this.retryTime.allow(milliseconds)
  }

  private readScopes(repository: string): readonly string[] {
    return [`repository:${repository}:${this.access}`]
  }

  private async read(repository: string, path: string, accept = '*/*'): Promise<Answer> {
    const answer = await this.retried({
      method: 'GET',
      target: `/v2/${repository}/${path}`,
      scopes: this.readScopes(repository),
      headers: { accept }
    })
    if (isSuccess(answer) || answer.status === 404) return answer
    throw readFailure(this.registry, repository, this.refusalOf(answer))
  }

  /**
   * Uploads a blob; each attempt opens a new upload.
   *
   * @param session an open upload for the first attempt
   */
  private async upload(repository: string, blob: Blob, session: Answer | undefined): Promise<void> {
    const { content, digest } = blob
    let opened = session
    const answer = await retrying(
      async () => {
        const current = opened ?? (await openUpload(this.connection, repository))
        opened = undefined
        return isSuccess(current)
          ? finishUpload(this.connection, repository, current, blob)
          : current
      },
      this.wait,
      undefined,
      this.retryTime
    )
    if (answer.status === 413) {
      const words = `it does not accept a blob of ${humanSize(sizeOfBody(content))}`
      throw pushRefused(this.registry, repository, { status: 413, words })
    }
    if (!isSuccess(answer)) throw writeFailure(this.registry, repository, this.refusalOf(answer))
    this.compare(repository, digest, answer.headers.get('docker-content-digest') ?? digest)
  }

  private retried(request: RegistryRequest): Promise<Answer> {
    return retrying(() => this.connection.ask(request), this.wait, undefined, this.retryTime)
  }

  private refusalOf(answer: Answer): Refusal {
    return { status: answer.status, words: this.connection.redact(wordsOf(answer)) }
  }

  /** The digest of an answer's content. It must match the requested digest and the registry's header. */
  private verify(repository: string, { body, headers }: Answer, requested?: string): string {
    const reported = headers.get('docker-content-digest')
    for (const digest of [requested, reported]) {
      if (digest && !hasDigest(body, digest)) this.compare(repository, digest, digestOf(body))
    }
    return requested ?? digestOf(body)
  }

  private lacks(repository: string, digest: string): BadContent {
    return new BadContent(`${this.registry}/${repository} lacks the blob ${digest}`)
  }

  private compare(name: string, expected: string, found: string): void {
    if (expected === found) return
    throw new BadContent(
      `${this.registry}/${name}: the registry has ${found} instead of ${expected}`
    )
  }
}

/** Reads once more if the content is wrong: one of several servers, or a cache, may have had it. */
async function again<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof BadContent) return read()
    throw error
  }
}

/** The JSON in a body; undefined if it is none. */
function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** The mediaType in a manifest, which the header should repeat (OCI image 1.1, "Image Manifest"). */
function mediaTypeIn(body: string): string | undefined {
  const { mediaType } = (jsonOf(body) ?? {}) as { mediaType?: unknown }
  return typeof mediaType === 'string' ? mediaType : undefined
}
