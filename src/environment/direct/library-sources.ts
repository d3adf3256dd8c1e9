import { createReadStream, createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ImageFiles } from '../../image/oci/image-files.js'
import { bytecodeOf, standardLibrary, type BaseFacts } from './base-facts.js'

/** A module of the standard library. */
export interface LibraryModule {
  /** Its path below the library. */
  readonly path: string
  /** Seconds since 1970. */
  readonly mtime: number
  readonly content: Buffer
}

const LIBRARY =
  /\/lib\/python3\.\d+\/(?!site-packages\/|(?:test|idlelib|lib2to3|turtledemo|ensurepip)\/).*\.py$/

/** Whether the content of a file is needed for {@link libraryModules}. */
export const isLibraryFile = (path: string): boolean => LIBRARY.test(path)

/** The modules of the standard library that have no bytecode. */
export function* libraryModules(
  files: ImageFiles,
  python: BaseFacts['python']
): Generator<LibraryModule> {
  const folder = standardLibrary(python)
  for (const path of files.paths()) {
    if (!path.startsWith(`${folder}/`) || !isLibraryFile(path)) continue
    const { content, mtime = 0 } = files.at(path) ?? {}
    if (content === undefined || files.at(bytecodeOf(path, python)) !== undefined) continue
    yield { path: path.slice(folder.length + 1), mtime, content }
  }
}

/** Writes modules to a file, a line each: all at once are tens of megabytes. Without a module, the file is empty. */
export async function writeModules(file: string, modules: Iterable<LibraryModule>): Promise<void> {
  const lines = function* () {
    for (const { content, ...module } of modules) {
      yield `${JSON.stringify({ ...module, content: content.toString('base64') })}\n`
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(file))
}

/** Reads what {@link writeModules} wrote. */
export async function* readModules(file: string): AsyncGenerator<LibraryModule> {
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { path, mtime, content } = JSON.parse(line) as { [K in keyof LibraryModule]: unknown }
    yield {
      path: String(path),
      mtime: Number(mtime),
      content: Buffer.from(String(content), 'base64')
    }
  }
}
