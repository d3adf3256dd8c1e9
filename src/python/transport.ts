import type { Readable } from 'node:stream'

/** What the loader is started for, which decides what its process may do. */
export type Purpose =
  /** Requests after each other, until the process is ended. */
  | { readonly kind: 'session' }
  /** One request that runs no flow. */
  | { readonly kind: 'request' }
  /** A run of one flow, with variables of its own. */
  | { readonly kind: 'run'; readonly env: Readonly<Record<string, string>> }

/** A file to put where the loader runs: its bytes, or a file of this machine. */
export type FileToPut =
  | { readonly path: string; readonly content: Buffer; readonly source?: undefined }
  | {
      readonly path: string
      readonly content?: undefined
      readonly source: string
      readonly size: number
    }

/** Has the loader unpack a tar archive below `/`; false where it may not. */
export type Unpack = (archive: Buffer) => Promise<boolean>

/** A process of the loader. */
export interface LoaderProcess {
  readonly input: NodeJS.WritableStream
  /** Its standard output. */
  readonly output: Readable
  /** Its standard error. */
  readonly errors: Readable
  /** Its exit code, once it ended. Fails where it can't be started, or nobody can tell any more. */
  readonly ended: Promise<number>
  /** Absolute paths where it runs, with `/`. */
  readonly folders: {
    /** Its own folder, which {@link LoaderProcess.put} puts files into. */
    readonly home: string
    /** Where the loader may write. */
    readonly output: string
    /** The declared sources. */
    readonly sources: string
  }
  /** Puts what has to be there before the first request: the sources, unless they are there already. */
  prepare(unpack?: Unpack): Promise<void>
  /** Puts files; their paths are relative to {@link LoaderProcess.folders | `home`}, with `/`. */
  put(files: readonly FileToPut[], unpack?: Unpack): Promise<void>
  /** Reads all files of a folder where it runs: path relative to it, to content. */
  read(folder: string): Promise<ReadonlyMap<string, Buffer>>
  /**
   * Ends it, and removes what was put there.
   *
   * @param options.wait whether to wait until that is done, where somebody else does it
   */
  end(options: { readonly wait: boolean }): Promise<void>
}

/** How the loader gets to run somewhere: on this machine, or in a container. */
export interface Transport<P extends LoaderProcess = LoaderProcess> {
  /** For people: `a container of python:3.6`, `/usr/bin/python3.9`. */
  readonly description: string
  /**
   * Starts Python.
   *
   * @param args its arguments
   */
  start(purpose: Purpose, args: readonly string[]): Promise<P>
}
