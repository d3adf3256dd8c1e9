import { throwAll } from '../errors.js'
import { containerPython } from '../load/container.js'
import { loadFlows, missingNotice, noFlow } from '../load/flows.js'
import { readRequirements } from '../load/requirements.js'
import type { Options } from '../options/options.js'
import { dockerCredentials } from '../registry/credentials.js'
import { storageLabels } from '../storage/flows-json.js'
import { mergeOwnStorages, sameEnvironment } from '../storage/own.js'
import type { Run } from './discover.js'
import { imageEnvironment, requireSame, runnerPython } from './environment.js'

/** Has an environment, and loads the flows in it. */
export async function load(run: Run) {
  const { options, surroundings, log } = run
  const { image, place } = await log.phase('environment', async () => {
    const needsImage = options.storage === 'docker' || options.loadIn === 'image'
    const made = needsImage
      ? await imageEnvironment(run, dockerCredentials(surroundings.env))
      : undefined
    return {
      image: made,
      place:
        made && options.loadIn === 'image'
          ? containerPython(made.daemon.docker, made.environment.image, run.sources)
          : await runnerPython(run, made)
    }
  })
  const loaded = await log.phase('load', async () => {
    const found = await loadFlows(
      place,
      run.modules,
      options.storage === 'docker' ? 'reference' : 'value',
      storageLabels(options.storage)
    )
    if (found.log.trim() !== '') log.debug(found.log.trimEnd())
    if (image && options.loadIn === 'runner' && found.problems.length === 0) {
      const { versions } = await containerPython(
        image.daemon.docker,
        image.environment.image
      ).probe()
      const { python, prefect, cloudpickle } = versions
      requireSame(found.versions, {
        python,
        prefect: prefect ?? 'none',
        cloudpickle: cloudpickle ?? 'none'
      })
    }
    return found
  })
  return { run, loaded, image, place }
}

const withOptions = async (run: Run, options: Options): Promise<Run> => ({
  ...run,
  options,
  requirements: await readRequirements(
    run.surroundings.cwd,
    options.pythonDependencies,
    options.requirementsFile,
    { env: run.surroundings.env, cache: run.surroundings.cache, log: run.log }
  )
})

/**
 * Loads the flows, with what the storages in their modules ask for: that is known once they are
 * loaded, so where it makes another environment they are loaded again, in that one.
 */
export async function loadMerged(first: Run) {
  const { log, modules } = first
  let found = await load(first)
  const missing = found.loaded.dependencies.filter(
    line => !first.options.pythonDependencies.includes(line)
  )
  if (found.loaded.problems.length > 0 && missing.length > 0 && found.image) {
    const { options } = first
    log.info(`A module does not import; its Docker storage asks for ${missing.join(' ')}`)
    found = await load(
      await withOptions(first, {
        ...options,
        pythonDependencies: [...options.pythonDependencies, ...missing]
      })
    )
  }
  throwAll(found.loaded.problems)
  const { options } = found.run
  const declared = new Set(
    first.sources.files.filter(file => file.link === undefined).map(file => file.path)
  )
  const merged = mergeOwnStorages(options, found.loaded.flows, path => declared.has(path))
  if (options.storageConflict === 'error') throwAll(merged.conflicts)
  for (const notice of merged.notices) log.notice(notice)
  if (merged.flows.length === 0) throw noFlow(modules)
  if (!sameEnvironment(options, merged.options) && found.image) {
    log.info('The storages of the modules ask for another environment')
    found = await load(await withOptions(found.run, merged.options))
    throwAll(found.loaded.problems)
  }
  for (const { message, file, line } of found.loaded.unregistrable) {
    log.notice({ level: 'warning', message: `no flows.json: ${message}`, file, line })
  }
  for (const missing of found.loaded.missing) log.notice(missingNotice(missing))
  const kept = new Set(merged.flows.map(flow => flow.name))
  return {
    ...found,
    run: { ...found.run, options: merged.options },
    secrets: merged.secrets,
    loaded: { ...found.loaded, flows: found.loaded.flows.filter(flow => kept.has(flow.name)) }
  }
}
