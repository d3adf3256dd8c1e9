import type { Problems } from '../problems.js'
import { scalars, stepPlaceholders } from '../templates.js'
import { isNull, jsonOf, valueOf, type Json, type JsonObject, type YamlNode } from '../yaml.js'

const SET_WORKING_DIRECTORY = 'prefect.deployments.steps.set_working_directory'

/** The last part of the names of steps that get the flows' code, which the image has. */
const GETS_CODE =
  /(?:^|\.)(?:a?git_clone(?:_project)?|pull_from_\w+|pull_with_block|set_working_directory)$/

/** What these steps give later ones, which `set_working_directory` gives too. */
const OUTPUT = 'directory'

/** The step that has the flows run in the folder of their sources. */
export const workingDirectoryStep = (path: string, id?: Json): JsonObject => ({
  [SET_WORKING_DIRECTORY]: { ...(id === undefined ? {} : { id }), directory: path }
})

/**
 * The pull steps of a deployment. A step that gets the flows' code becomes one that sets the working directory to the
 * folder of the sources; all others stay, with a notice.
 *
 * @param owner the deployment or the file, for messages
 * @param node the value of `pull` in the file
 */
export function pullSteps(
  node: YamlNode | undefined,
  path: string,
  owner: string,
  problems: Problems
): readonly Json[] {
  const ours = [workingDirectoryStep(path)]
  if (isNull(node)) return ours
  if (node.kind === 'scalar') {
    problems.error(node.place, `pull of ${owner} must be a list of steps`)
    return ours
  }
  const steps = node.kind === 'list' ? node.items : node.entries.size > 0 ? [node] : []
  const result: Json[] = []
  const kept: string[] = []
  const known = new Set<string>()
  let placed = false
  for (const step of steps) {
    const [first] = step.kind === 'map' ? step.entries : []
    if (first === undefined) {
      problems.error(step.place, `pull of ${owner} has a step that is no mapping of a step's name`)
      continue
    }
    const [name, { value }] = first
    const id = valueOf(value, 'id')
    const idText = id?.kind === 'scalar' && id.value !== null ? id.text : undefined
    if (GETS_CODE.test(name)) {
      // Another replaced step is needed only if later steps can refer to it.
      if (!placed || idText !== undefined) result.push(workingDirectoryStep(path, idText))
      placed = true
      if (idText !== undefined) known.add(`${idText}.${OUTPUT}`)
      continue
    }
    for (const text of scalars(value)) {
      for (const output of stepPlaceholders(text.text)) {
        if (known.has(output) || known.has(output.split('.')[0] ?? '')) continue
        problems.error(
          text.place,
          `the pull step ${name} of ${owner} uses {{ ${output} }}, which no pull step before it gives`,
          'Build and push steps are left out, and a step that gets the code gives only its directory.'
        )
      }
    }
    if (idText !== undefined) known.add(idText)
    kept.push(name)
    result.push(jsonOf(step))
  }
  if (kept.length > 0) {
    problems.notice(
      `${owner} keeps the pull ${kept.length === 1 ? 'step' : 'steps'} ${kept.join(', ')}: flow runs do this each time, and an image could have it done`,
      node.place
    )
  }
  return placed ? result : [...ours, ...result]
}
