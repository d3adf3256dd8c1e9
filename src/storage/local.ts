import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { FlowstoreError } from '../errors.js'
import { flowFile } from './file.js'
import type { Flow } from '../flows/flow.js'
import type { StoredFlow } from '../flows/run.js'
import { Storage, type StorageOptions } from './storage.js'

/** Options of {@link LocalStorage}. */
export interface LocalStorageOptions extends StorageOptions {
  /** Folder for the flow files; default `~/.prefect/flows`. Made when missing. */
  readonly directory?: string | undefined
  /** Whether the folder is made absolute and made where it is missing; default true. */
  readonly validate?: boolean
  /**
   * The time that names flow files from Prefect 0.14.2 on, in milliseconds since 1970 with their
   * fraction; default now.
   */
  readonly now?: () => number
}

/** `slugify(pendulum.now('utc').isoformat())`: microseconds, left out where there are none. */
function timeSlug(milliseconds: number): string {
  const micros = Math.round(milliseconds * 1000)
  const seconds = new Date(Math.floor(micros / 1000)).toISOString().slice(0, 19)
  const fraction = micros % 1_000_000
  const stamp = seconds.toLowerCase().replaceAll(':', '-')
  return `${stamp}${fraction === 0 ? '' : `-${String(fraction).padStart(6, '0')}`}-00-00`
}

/**
 * Prefect's `LocalStorage` (`Local` from 0.6.0): each flow a file on this machine, written when it is added.
 */
export class LocalStorage extends Storage {
  readonly kind = 'local'
  readonly directory: string
  private readonly now: () => number
  private readonly written: string[] = []

  constructor(options: LocalStorageOptions = {}) {
    super(options)
    const directory = options.directory ?? '~/.prefect/flows'
    this.directory =
      options.validate === false
        ? directory
        : resolve(directory.replace(/^~(?=$|[/\\])/, homedir()))
    this.now = options.now ?? (() => performance.timeOrigin + performance.now())
    if (options.validate !== false) this.make(this.directory)
  }

  /** A storage with the flows of a JSON: name to path. Nothing is made on this machine. */
  static from(flows: Readonly<Record<string, string>>, options: LocalStorageOptions): LocalStorage {
    const storage = new LocalStorage({ ...options, validate: false })
    storage.restore(flows)
    return storage
  }

  get name(): string {
    return this.rules.localType
  }

  /** Takes back every file that this storage wrote. */
  removeFiles(): void {
    for (const file of this.written.splice(0)) rmSync(file, { force: true })
  }

  protected locationOf(flow: Flow): string {
    if (!this.rules.localTimestamps) return join(this.directory, `${flow.slug}.prefect`)
    return join(this.directory, flow.slug, timeSlug(this.now()))
  }

  protected override fields(): Readonly<Record<string, unknown>> {
    return { ...super.fields(), directory: this.directory }
  }

  protected override store(flow: Flow, location: string): void {
    const draft = `${location}.tmp`
    try {
      this.make(dirname(location))
      writeFileSync(draft, flowFile(flow, this.rules))
      renameSync(draft, location)
      this.written.push(location)
    } catch (error) {
      if (error instanceof FlowstoreError) throw error
      if (existsSync(draft)) rmSync(draft)
      throw new FlowstoreError(
        'WRITE_FAILED',
        `can't write flow "${flow.name}" to ${location}: ${(error as Error).message}`,
        { file: flow.module, line: flow.line, cause: error }
      )
    }
  }

  protected override stored(name: string, location: string): StoredFlow {
    return { name, path: location }
  }

  private make(folder: string): void {
    try {
      mkdirSync(folder, { recursive: true })
    } catch (error) {
      throw new FlowstoreError(
        'WRITE_FAILED',
        `can't make the folder ${folder}: ${(error as Error).message}`,
        { hint: 'Say another with directory.', cause: error }
      )
    }
  }
}
