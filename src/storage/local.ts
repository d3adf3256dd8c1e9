import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join, posix, resolve } from 'node:path'
import { FlowstoreError } from '../errors.js'
import type { Flow } from '../flows/flow.js'
import type { StoredFlow } from '../flows/stored-flow.js'
import type { LocatingStorage } from '../prefect/generation.js'
import { rootBelowTop, type FlowSources } from '../sources/sources.js'
import { pathError } from '../util/files.js'
import { isAlive } from '../util/is-alive.js'
import { pathFrom } from '../util/relative-path.js'
import { flowFile, pickleInFile } from './file.js'
import { checkSources, noFolder, sourcesMissing } from './flow-sources.js'
import { writeSourceFolder, type ReplacedFolder } from './source-folder.js'
import { Storage, type StorageOptions } from './storage.js'

/** Options of {@link LocalStorage}. */
export interface LocalStorageOptions extends StorageOptions {
  /**
   * Folder for the flow files; default `~/.prefect/flows`. Created if it is missing. With Prefect 2 and 3 the folder for
   * the sources, which has no default: a build replaces what an earlier one wrote there.
   */
  readonly directory?: string | undefined
  /** Whether the folder is made absolute, and created if it is missing; default true. */
  readonly validate?: boolean
  /**
   * The time in the names of flow files from Prefect 0.14.2 on, in milliseconds since 1970 with a fraction;
   * default now.
   */
  readonly now?: () => number
  /** What {@link loadFlows} read the flows from; needed to build a storage of Prefect 2 and 3, and only for that. */
  readonly sources?: FlowSources | undefined
}

function createFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw new FlowstoreError(
      'WRITE_FAILED',
      `can't create the folder ${folder}: ${(error as Error).message}`,
      { hint: 'Choose another folder with `directory`.', cause: error }
    )
  }
}

/**
 * Prefect's `LocalStorage` (`Local` from 0.6.0): each flow is a file on this machine, written when it is added. For
 * Prefect 2 and 3 a folder with the sources of all flows, written by {@link LocalStorage.build}.
 */
export class LocalStorage extends Storage {
  readonly kind = 'local'
  readonly directory: string
  private readonly now: () => number
  /** Path of each written file, to what it held before; undefined for a new one. */
  private readonly written = new Map<string, Buffer | undefined>()
  private readonly sources: FlowSources | undefined
  private folder: ReplacedFolder | undefined

  /**
   * @throws FlowstoreError WRITE_FAILED for a folder that can't be created, STORAGE_INVALID for flows of Prefect 2 and 3
   * without a folder, and the errors of {@link Storage}
   */
  constructor(options: LocalStorageOptions = {}) {
    super(options)
    this.sources = options.sources
    const isSource = this.content === 'entrypoint'
    checkSources(this.rules, options.sources)
    // Prefect's own default has no `~`, also if nothing is validated.
    const directory = options.directory ?? join(homedir(), '.prefect', 'flows')
    this.now = options.now ?? (() => performance.timeOrigin + performance.now())
    if (options.validate === false) {
      this.directory = directory
    } else if (isSource) {
      if (options.directory === undefined) throw noFolder(this.rules)
      this.directory = resolve(directory)
    } else {
      this.directory = resolve(directory.replace(/^~(?=$|[/\\])/, homedir()))
      createFolder(this.directory)
    }
  }

  /** Creates a storage from the flows of a JSON: name to path. Nothing is created on this machine. */
  static from(flows: Readonly<Record<string, string>>, options: LocalStorageOptions): LocalStorage {
    const storage = new LocalStorage({ ...options, validate: false })
    storage.restore(flows)
    return storage
  }

  get name(): string {
    return this.rules.storages.local.type
  }

  /**
   * Writes the sources of flows of Prefect 2 and 3 into the folder, in place of those of an earlier build. Other flows
   * are written already.
   *
   * @throws FlowstoreError STORAGE_INVALID without sources, WRITE_FAILED
   */
  override async build(): Promise<this> {
    await this.replaceFiles()
    this.keepFiles()
    return this
  }

  override async replaceFiles(): Promise<void> {
    if (this.content !== 'entrypoint' || this.added.length === 0) return
    if (this.sources === undefined) throw sourcesMissing(this.rules)
    this.folder = await writeSourceFolder(this.directory, this.sources)
  }

  override get hasAside(): boolean {
    return this.folder?.hasEarlier === true
  }

  override keepFiles(): void {
    this.folder?.keep()
  }

  /** Named by their paths below the folder. */
  override flowFiles(): ReadonlyMap<string, string> {
    if (this.content === 'entrypoint') return sourceFiles(this.directory, this.sources)
    const named = [...this.flows.values()].map((path): [string, string] => {
      const below = pathFrom(this.directory, path)
      return [below || basename(path), path]
    })
    return new Map(named)
  }

  override removeFiles(): void {
    const written = [...this.written]
    this.written.clear()
    const failures = written.flatMap(([file, before]) => {
      try {
        if (before === undefined) rmSync(file, { force: true })
        else replaceFile(file, before)
        return []
      } catch (error) {
        return [error]
      }
    })
    const { folder } = this
    this.folder = undefined
    folder?.putBack()
    if (failures.length > 0) throw failures[0]
  }

  protected override runFolder(): string | undefined {
    if (this.content !== 'entrypoint') return undefined
    return this.sources === undefined
      ? this.directory
      : join(this.directory, rootBelowTop(this.sources))
  }

  protected override locating(): LocatingStorage {
    return { kind: 'local', directory: this.directory, now: this.now() }
  }

  protected override fields(): Readonly<Record<string, unknown>> {
    return { ...super.fields(), directory: this.directory }
  }

  protected override write(flow: Flow, location: string): void {
    createFolder(dirname(location))
    try {
      removeDrafts(dirname(location))
      const before = existsSync(location) ? readFileSync(location) : undefined
      replaceFile(location, flowFile(flow, this.rules))
      if (!this.written.has(location)) this.written.set(location, before)
    } catch (error) {
      throw new FlowstoreError(
        'WRITE_FAILED',
        `can't write flow "${flow.name}" to ${location}: ${(error as Error).message}`,
        { file: flow.module, line: flow.line, cause: error }
      )
    }
  }

  protected override pickle(name: string, location: string): Buffer {
    if (this.content === 'source') return super.pickle(name, location)
    const what = `the file ${location} of flow "${name}"`
    const hint = 'Local storage refers to files on the machine that it was built on.'
    const fault = pathError(location, what, hint)
    if (fault !== undefined) throw fault
    return pickleInFile(readFileSync(location))
  }

  protected override stored(name: string, location: string): StoredFlow {
    if (this.content === 'entrypoint') {
      return { kind: 'entrypoint', name, entrypoint: location, folder: this.path ?? this.directory }
    }
    return { kind: 'file', name, path: location, content: this.content }
  }
}

const DRAFT = /\.flowstore-(\d+)\.tmp$/

/** Removes drafts that killed builds left. */
function removeDrafts(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = Number(DRAFT.exec(name)?.[1])
    if (pid === process.pid || (pid > 0 && !isAlive(pid)))
      rmSync(join(folder, name), { force: true })
  }
}

/** Writes a file whole, in place of an earlier one. */
function replaceFile(path: string, content: Buffer): void {
  const draft = `${path}.flowstore-${process.pid}.tmp`
  try {
    const file = openSync(draft, 'w')
    try {
      writeFileSync(file, content)
      // A rename may reach the disk before the content.
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

/** The files of a folder of sources: path below it to path. */
function sourceFiles(
  folder: string,
  sources: FlowSources | undefined
): ReadonlyMap<string, string> {
  if (sources === undefined) return new Map()
  const below = rootBelowTop(sources)
  const paths = sources.files
    .filter(({ link }) => link === undefined)
    .map(({ path }) => posix.join(below, path))
  return new Map(paths.map(path => [path, join(folder, path)]))
}
