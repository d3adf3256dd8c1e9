import { foldersWithModule } from '../../sources/module-folders.js'
import type { BuildInputs } from '../inputs.js'

const MISSING_MODULE = /^ModuleNotFoundError: No module named '([\w.]+)'/

/** The module that an import did not find; undefined for another error. */
export const missingModule = (message: string): string | undefined =>
  MISSING_MODULE.exec(message)?.[1]

/**
 * The hint for a module that is not on the path, but in the git repository: below the working directory, or beside it in
 * a monorepo.
 *
 * @param module its dotted name
 * @returns undefined if the repository does not have it, or has it where Python looks
 */
export async function moduleElsewhereHint(
  { sources, importRoots }: Pick<BuildInputs, 'sources' | 'importRoots'>,
  module: string
): Promise<string | undefined> {
  const onPath = ['.', ...importRoots]
  const found = await foldersWithModule(sources.root, module)
  const [first, ...others] = found.filter(folder => !onPath.includes(folder))
  if (first === undefined) return undefined
  const more =
    others.length === 0 ? '' : ` (also in ${others.map(each => `\`${each}\``).join(', ')})`
  return `The repository has the module \`${module}\` in the folder \`${first}\`${more}: set \`python-path: ${first}\`.`
}

/** As {@link moduleElsewhereHint} for an import that failed, unless the loader has seen the module in the sources. */
export async function outsideSourcesHint(
  inputs: Pick<BuildInputs, 'sources' | 'importRoots'>,
  message: string
): Promise<string | undefined> {
  const module = missingModule(message)
  if (module === undefined) return undefined
  const path = module.replaceAll('.', '/')
  const isSource = inputs.sources.files.some(source => {
    const rooted = `/${source.path}`
    return (
      rooted.endsWith(`/${path}.py`) || (rooted.endsWith('.py') && rooted.includes(`/${path}/`))
    )
  })
  return isSource ? undefined : moduleElsewhereHint(inputs, module)
}
