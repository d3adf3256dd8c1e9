import { join, resolve } from 'node:path'
import { FAILURE_FILE, RESULT_FILES } from '../paths.js'
import { pathFrom } from '../util/relative-path.js'
import { chooseSources, type ChosenSources } from './choose.js'
import { importRoots } from './import-roots.js'
import { listSources, withFolders } from './listing.js'
import { discover, flowTargets, namedFiles, type Discovered } from './modules.js'
import { sourceRules } from './source-rules.js'
import type { Sources } from './sources.js'

/** What chooses the sources and flow modules of a repository: options by their names, and folders. */
export interface SourceRequest {
  readonly flows: readonly string[]
  readonly sources: readonly string[]
  readonly pythonPath: readonly string[]
  /** Relative to the working directory, or absolute. */
  readonly prefectFile: readonly string[]
  /** A folder that is no source, relative to the working directory or absolute. */
  readonly outputDirectory: string
  /** Files that are no sources, by the names of their secrets. */
  readonly secretFiles: Readonly<Record<string, string>>
}

/** The sources of a load, and the flow modules among them. */
export interface RepositorySources extends ChosenSources {
  /** The sources, and what is left out of them. */
  readonly listed: Sources
  /** The folders of `python-path`: see {@link importRoots}. */
  readonly importRoots: readonly string[]
  readonly discovered: Discovered
}

/**
 * Finds what a load sees of a repository, and the flow modules in it.
 *
 * @param cwd the working directory
 * @throws FlowstoreError what {@link importRoots}, {@link listSources} and {@link discover} throw
 */
export async function repositorySources(
  cwd: string,
  { flows, sources: lines, pythonPath, prefectFile, outputDirectory, secretFiles }: SourceRequest
): Promise<RepositorySources> {
  const named = await namedFiles(cwd, flows)
  const rules = sourceRules(lines)
  const roots = await importRoots(cwd, pythonPath)
  // If it is the working directory, an earlier result lies among the sources. Dockerfile and prefect.yaml may be read.
  const results = [...RESULT_FILES, FAILURE_FILE].filter(name => name.endsWith('.json'))
  const exclude = [
    ...[outputDirectory, ...results.map(name => join(outputDirectory, name))],
    ...Object.values(secretFiles)
  ]
  const listed = await withFolders(await listSources(cwd, exclude, named, rules), roots, exclude)
  const targets = [...flowTargets(cwd, flows, roots), ...roots]
  const deployments = prefectFile.map(path => pathFrom(cwd, resolve(cwd, path)))
  const chosen = chooseSources(listed, { rules, flows: targets, deployments, named })
  const discovered = await discover(chosen.sources, flows, roots)
  return { ...chosen, listed, importRoots: roots, discovered }
}
