import { errorsOf, FlowstoreError, FlowstoreErrors, withHint } from '../../errors.js'
import { foldersWithModule } from '../../sources/module-folders.js'
import type { BuildInputs } from '../inputs.js'

const MISSING_MODULE = /^ModuleNotFoundError: No module named '([\w.]+)'/

/** The module that an import did not find; undefined for another error. */
const missingModule = (message: string): string | undefined => MISSING_MODULE.exec(message)?.[1]

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

/** As {@link moduleElsewhereHint} for sources that a worker runs on its own machine, where nothing sets a path. */
export async function localModuleHint(
  { sources }: Pick<BuildInputs, 'sources'>,
  module: string
): Promise<string | undefined> {
  const [folder] = (await foldersWithModule(sources.root, module)).filter(each => each !== '.')
  return folder === undefined
    ? undefined
    : `The repository has the module \`${module}\` in the folder \`${folder}\`, and a run from local storage looks only in the working directory and beside the flow's module: install the package (\`python-dependencies: .\`), or use docker storage, whose image looks in \`src\` and in the folders of python-path too.`
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

const NOT_READ_BACK = /: ModuleNotFoundError: No module named '([\w.]+)'/

/**
 * A failure of the healthcheck, with the hint of {@link moduleElsewhereHint} for flows that miss a module of the
 * repository: one that found it by a change of `sys.path`, for example.
 *
 * @param hintFor gives the hint; default {@link moduleElsewhereHint}
 */
export async function withModulesElsewhere(
  thrown: unknown,
  inputs: Pick<BuildInputs, 'sources' | 'importRoots'>,
  hintFor = moduleElsewhereHint
): Promise<unknown> {
  if (!(thrown instanceof FlowstoreError) || thrown.code !== 'HEALTHCHECK') return thrown
  const errors = await Promise.all(
    errorsOf(thrown).map(async error => {
      const module = NOT_READ_BACK.exec(error.message)?.[1]
      const hint = module === undefined ? undefined : await hintFor(inputs, module)
      return hint === undefined ? error : withHint(error, hint)
    })
  )
  const [first = thrown, ...others] = errors
  return others.length === 0 ? first : new FlowstoreErrors([first, ...others])
}
