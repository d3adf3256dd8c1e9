import type { Readable } from 'node:stream'
import type { FlowstoreError } from '../errors.js'
import type { Limits } from './limits.js'
import type { LoaderOutput } from './protocol/loader-output.js'

/** The purpose of a loader process, which decides its permissions. */
export type Purpose =
  /** Several requests, until the process is ended. */
  | { readonly kind: 'session' }
  /** One request that runs no flow. */
  | { readonly kind: 'request' }
  /** One request that starts a command of a package, cut off as a session is. */
  | { readonly kind: 'command' }
  /** A run of one flow, with its own variables. */
  | { readonly kind: 'run'; readonly env: Readonly<Record<string, string>> }

/** A file to send to the loader: its bytes, or a file on this machine. */
export type FileToPut =
  | { readonly path: string; readonly content: Buffer; readonly source?: undefined }
  | {
      readonly path: string
      readonly content?: undefined
      readonly source: string
      readonly size: number
    }

/** Has the loader unpack a tar archive below `/`; false if it is not allowed to. */
export type Unpack = (archive: Buffer) => Promise<boolean>

/** Absolute paths on the machine or in the container of a process, with `/`. */
export interface ProcessFolders {
  /** Its own folder, which {@link LoaderProcess.put} puts files into. */
  readonly home: string
  /** The folder that the loader may write to. */
  readonly output: string
  /** The root of the declared sources. */
  readonly sources: string
  /** The folder that holds all declared sources: their root, or one above it. */
  readonly top: string
}

/** A process of the loader. */
export interface LoaderProcess {
  readonly input: NodeJS.WritableStream
  /** Its standard output. */
  readonly output: Readable
  /** Its standard error. */
  readonly errors: Readable
  /** Its exit code, once it has ended. Fails if it can't be started, or its end can't be observed. */
  readonly ended: Promise<number>
  /** Absolute paths on its machine or in its container, with `/`. */
  readonly folders: ProcessFolders
  /** Puts the sources before the first request, unless they are used in place. */
  prepare(unpack?: Unpack): Promise<void>
  /** Puts files; their paths are relative to {@link LoaderProcess.folders | `home`}, with `/`. */
  put(files: readonly FileToPut[], unpack?: Unpack): Promise<void>
  /**
   * Reads all files of a folder, by their paths relative to it.
   *
   * @throws TooLargeError if they have more than `most` bytes
   */
  read(folder: string, most: number): Promise<ReadonlyMap<string, Buffer>>
  /**
   * Ends it, and removes its files.
   *
   * @param options.wait whether to wait for the end, if the daemon does the clean-up
   */
  end(options: { readonly wait: boolean }): Promise<void>
}

/** Starts the loader: on this machine, or in a container. */
export interface Transport<P extends LoaderProcess = LoaderProcess> {
  /** For messages: `a container of python:3.6`, `/usr/bin/python3.9`. */
  readonly description: string
  /** What its processes may take, but not the run of a flow. */
  readonly limits: Limits
  /** Whether they are containers, which have the limits of memory and processes. */
  readonly inContainer: boolean
  /**
   * Starts Python.
   *
   * @param args its arguments
   */
  start(purpose: Purpose, args: readonly string[]): Promise<P>
  /** The error of a run whose Python was never started, such as by an ENTRYPOINT; undefined if it was. */
  readonly notStarted?: (output: LoaderOutput) => FlowstoreError | undefined
}
