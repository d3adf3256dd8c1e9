import { stat } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { Notice } from '../../log.js'
import type { LoadResult } from '../../python/protocol/protocol.js'
import { isBytecode, isVersionControl } from '../../sources/fixed-names.js'
import { ifThere } from '../../util/files.js'
import { pathBelow } from '../../util/relative-path.js'
import type { BuildInputs } from '../inputs.js'

/**
 * The hint for a module that misses a file or another module which the repository has, but which is no source.
 *
 * @param absent paths where it would be, relative to the working directory; untrusted code chose them
 * @returns undefined if the repository has none of them
 */
export async function missedSourceHint(
  { sources, leftOut }: Pick<BuildInputs, 'sources' | 'leftOut'>,
  absent: readonly string[]
): Promise<string | undefined> {
  const isBelow = (folder: string, path: string) => path.startsWith(`${folder}/`)
  for (const path of absent) {
    const below = pathBelow(sources.root, join(sources.root, path))
    if (
      path === '' ||
      below !== path ||
      path.split('/').some(name => isVersionControl(name) || isBytecode(name))
    )
      continue
    const file = leftOut.find(left => left.file.path === path || isBelow(path, left.file.path))
    if (file !== undefined) {
      const line = file.file.path === path ? path : `${path}/`
      return sourceHint(line, file.why === 'the option sources' ? file.why : `as ${file.why}`)
    }
    if (sources.files.some(source => source.path === path || isBelow(path, source.path))) continue
    const found = await ifThere(stat(join(sources.root, path))).catch(() => undefined)
    if (found === undefined) continue
    return sourceHint(found.isDirectory() ? `${path}/` : path, 'by .gitignore or .dockerignore')
  }
  return undefined
}

const sourceHint = (line: string, why: string): string =>
  `The repository has '${line}', but the load does not see it: it is left out ${why}. Add the line ${line} to the option sources.`

/** The warning about an import of a module that is in the repository, but no source. */
export function leftOutNotice({ path, flows, file, line }: LoadResult['leftOut'][number]): Notice {
  const [first = '', ...others] = flows
  const names =
    others.length === 0 ? `flow "${first}"` : `flow "${first}" and ${others.length} more`
  // Lines of sources are below the working directory; python-path takes folders beside it whole.
  const remedy = path.startsWith('../')
    ? `add its folder ${posix.dirname(path)} to python-path`
    : `add the line ${path} to the option sources`
  return {
    level: 'warning',
    message: `${names} may import ${path}, which is no source: if so, ${remedy}`,
    file,
    line
  }
}
