import { lstat, readdir, readlink, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { ImageFile } from '../options/files.js'
import { sha256File } from '../util/hash.js'
import type { TarEntry } from '../util/tar.js'
import { copyInstruction } from './dockerfile.js'

/** What puts the user's files into an image. */
export interface CopiedFiles {
  /** One `COPY` each. */
  readonly instructions: readonly string[]
  /** Their place in the build context. */
  readonly context: readonly TarEntry[]
  /** All that the image will have of them: identifies them. */
  readonly contents: readonly unknown[]
}

/**
 * Turns the option `files` into instructions and a build context. Folders go with all that is in
 * them; links stay links; of the mode the executable bit counts.
 *
 * @param cwd the folder that sources are relative to
 */
export async function copiedFiles(cwd: string, files: readonly ImageFile[]): Promise<CopiedFiles> {
  const instructions: string[] = []
  const context: TarEntry[] = []
  const contents: unknown[] = []

  const add = async (path: string, at: string, follow: boolean): Promise<void> => {
    const facts = await (follow ? stat(path) : lstat(path))
    if (facts.isSymbolicLink()) {
      const link = await readlink(path)
      context.push({ path: at, link })
      contents.push([at, 'link', link])
    } else if (facts.isDirectory()) {
      context.push({ path: at, folder: true })
      contents.push([at, 'folder'])
      for (const name of (await readdir(path)).sort()) {
        await add(join(path, name), `${at}/${name}`, false)
      }
    } else {
      const executable = (facts.mode & 0o100) !== 0
      context.push({ path: at, source: path, size: facts.size, mode: executable ? 0o755 : 0o644 })
      contents.push([at, executable, await sha256File(path)])
    }
  }

  for (const [index, { source, destination }] of files.entries()) {
    const path = resolve(cwd, source)
    const folder = (await stat(path)).isDirectory()
    const at = `files/${index}${folder ? '' : `/${basename(path)}`}`
    await add(path, at, true)
    instructions.push(
      copyInstruction(folder ? `${at}/` : at, folder ? `${destination}/` : destination)
    )
  }
  return { instructions, context, contents }
}
