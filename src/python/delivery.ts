import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PACKAGE_ROOT } from '../paths.js'

/** The loader as it is handed to a Python: nothing of it lies where flow modules are loaded. */
export interface Delivery {
  /** What `python -c` runs. */
  readonly boot: string
  /** What its standard input begins with; requests follow. */
  readonly input: Buffer
}

const PACKAGE = 'flowstore_loader'

async function readDelivery(): Promise<Delivery> {
  const folder = join(PACKAGE_ROOT, 'python')
  const text = (...path: string[]) => readFile(join(folder, ...path), 'utf8')
  const files = (await readdir(join(folder, PACKAGE))).filter(name => name.endsWith('.py')).sort()
  const modules = await Promise.all(
    files.map(async name => {
      const module = name === '__init__.py' ? PACKAGE : `${PACKAGE}.${name.slice(0, -3)}`
      return [module, await text(PACKAGE, name)] as const
    })
  )
  const boot = await text('boot.py')
  const content = Buffer.from(JSON.stringify({ boot, modules: Object.fromEntries(modules) }))
  return { boot, input: Buffer.concat([Buffer.from(`${content.length}\n`), content]) }
}

let delivery: Promise<Delivery> | undefined

/** The loader that this package brings, read once. */
export const loaderDelivery = (): Promise<Delivery> => (delivery ??= readDelivery())
