import { readdir, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { PACKAGE_ROOT } from '../paths.js'

/** The loader as a Python receives it, over standard input: flow modules find no files of it. */
export interface Delivery {
  /** The program for `python -c`. */
  readonly boot: string
  /** The beginning of its standard input; requests follow. */
  readonly input: Buffer
}

const PACKAGE = 'flowstore_loader'

/** `pickled/helpers.py` is `flowstore_loader.pickled.helpers`; an `__init__.py` is its package. */
function moduleName(path: string): string {
  const parts = path.slice(0, -'.py'.length).split(sep)
  return [PACKAGE, ...parts.filter(part => part !== '__init__')].join('.')
}

async function readDelivery(): Promise<Delivery> {
  const folder = join(PACKAGE_ROOT, 'python')
  const text = (...path: string[]) => readFile(join(folder, ...path), 'utf8')
  const paths = await readdir(join(folder, PACKAGE), { recursive: true })
  const modules = await Promise.all(
    paths
      .filter(path => path.endsWith('.py'))
      .sort()
      .map(async path => [moduleName(path), await text(PACKAGE, path)] as const)
  )
  const boot = await text('boot.py')
  const content = Buffer.from(JSON.stringify({ boot, modules: Object.fromEntries(modules) }))
  return { boot, input: Buffer.concat([Buffer.from(`${content.length}\n`), content]) }
}

let delivery: Promise<Delivery> | undefined

/** The loader of this package, read once. */
export const loaderDelivery = (): Promise<Delivery> => (delivery ??= readDelivery())
