import { linkSync, mkdirSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Log } from '../../log.js'
import { PACKAGE_ROOT } from '../../paths.js'
import { runProcess } from '../../util/process.js'
import { bytecodeOf, type BaseFacts } from './base-facts.js'
import { filesBelow } from './tree.js'

/** A tree whose modules are compiled. */
interface CompiledTree {
  readonly root: string
  readonly python: BaseFacts['python']
}

/**
 * Compiles the modules of the images of one build. Most have the same content for every platform, and are compiled for
 * the first.
 */
export class Bytecode {
  private first: Promise<CompiledTree> | undefined

  constructor(private readonly log: Log) {}

  /**
   * Gives all modules of a tree the time that they have in the layer, and compiles them: the bytecode is valid as long as
   * time and size stay.
   *
   * @param interpreter an interpreter of its Python
   */
  async compile(root: string, python: BaseFacts['python'], interpreter: string): Promise<void> {
    const modules = filesBelow(root)
      .filter(({ type, path }) => type === 'file' && path.endsWith('.py'))
      .map(({ path }) => `/${path}`)
    for (const path of modules) utimesSync(join(root, path), 0, 0)
    const tree = { root, python }
    if (this.first === undefined) {
      this.log.progress(`compiling ${modules.length} modules`)
      this.first = runCompiler(root, modules, interpreter).then(() => tree)
      await this.first
      return
    }
    const first = await this.first
    const others = modules.filter(path => !takeBytecode(path, first, tree))
    await runCompiler(root, others, interpreter)
  }
}

/** Without bytecode, imports are slower, and otherwise the same: a failure is no error. */
export async function runCompiler(
  root: string,
  paths: readonly string[],
  python: string
): Promise<void> {
  const script = join(PACKAGE_ROOT, 'python', 'compile_packages.py')
  await runProcess(python, ['-I', script, root], { env: {}, input: paths.join('\n') })
}

/** Takes the bytecode of a module with the same path and content from another tree, if that has it. */
function takeBytecode(path: string, from: CompiledTree, to: CompiledTree): boolean {
  if (from.python.version !== to.python.version) return false
  const [there, here] = [join(from.root, path), join(to.root, path)]
  const size = (file: string) => statSync(file, { throwIfNoEntry: false })?.size
  const [compiled, own] = [from, to].map(({ root, python }) => join(root, bytecodeOf(path, python)))
  if (compiled === undefined || own === undefined || size(compiled) === undefined) return false
  if (size(there) !== size(here) || !readFileSync(there).equals(readFileSync(here))) return false
  mkdirSync(dirname(own), { recursive: true })
  linkSync(compiled, own)
  return true
}
