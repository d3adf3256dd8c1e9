import { basename, relative, resolve, sep } from 'node:path'
import { type FlowModule, discoverModules, namedFiles } from '../sources/modules.js'
import { type Sources, largestFiles, listSources } from '../sources/sources.js'
import { localArchives, readRequirements } from '../packages/read-requirements.js'
import type { Requirements } from '../packages/requirements.js'
import type { Options } from '../options/options.js'
import { humanSize } from '../util/format.js'
import type { Recorder } from '../log.js'
import { toRepository } from '../registry/reference.js'

/** Where a run happens: all that it takes from outside its options. */
export interface Surroundings {
  /** The repository's folder, absolute. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folder for what is kept between runs. */
  readonly cache: string
}

/** What the phases of one run share. */
export interface Run {
  readonly options: Options
  readonly surroundings: Surroundings
  readonly log: Recorder
  readonly sources: Sources
  readonly modules: readonly FlowModule[]
  readonly requirements: Requirements
  /** Has something done when the run has ended, however it did. */
  readonly defer: (end: () => Promise<unknown>) => void
}

/** Sources above this are worth a look: each load copies or reads them. */
const BIG_SOURCES = 100 * 1024 * 1024

export async function discover(
  options: Options,
  surroundings: Surroundings,
  log: Recorder,
  defer: Run['defer']
): Promise<Run> {
  const { cwd } = surroundings
  const output = relative(cwd, resolve(cwd, options.outputDirectory)).replaceAll(sep, '/')
  const named = await namedFiles(cwd, options.flows)
  const sources = await listSources(cwd, [output], named)
  const modules = await discoverModules(sources, options.flows)
  log.info(
    `${modules.length} ${modules.length === 1 ? 'module' : 'modules'} to look for flows in; the repository has ${sources.files.length} files, ${humanSize(sources.size)}`
  )
  if (sources.size > BIG_SOURCES) {
    const largest = largestFiles(sources, 3).map(file => `${file.path} (${humanSize(file.size)})`)
    log.notice({
      level: 'notice',
      message: `the sources are big, ${humanSize(sources.size)}: ${largest.join(', ')}; .dockerignore leaves files out`
    })
  }
  const requirements = await readRequirements(
    cwd,
    options.pythonDependencies,
    options.requirementsFile,
    { env: surroundings.env, cache: surroundings.cache, log }
  )
  const archives = await localArchives(cwd, requirements)
  return {
    options,
    surroundings,
    log,
    sources:
      archives.length === 0 ? sources : await listSources(cwd, [output], [...named, ...archives]),
    modules,
    requirements,
    defer
  }
}

/** The image's name below its registry. */
export const imageName = ({ options, surroundings: { cwd, env } }: Run): string =>
  options.imageName ?? toRepository(basename(env['GITHUB_REPOSITORY'] ?? cwd))
