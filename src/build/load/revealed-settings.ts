import { FlowstoreError } from '../../errors.js'
import type { FlowWithStorage } from '../../flows/flow.js'
import { STORAGE_KINDS } from '../../prefect/storage-kinds.js'
import { SHORTEST_SECRET } from '../../util/hiding.js'
import type { BuildInputs } from '../inputs.js'
import { storageOfKind } from './module-parameter.js'

/** Parameters of Docker storage whose text goes into the image or its Dockerfile. */
const WRITTEN = ['env_vars', 'build_kwargs', 'extra_dockerfile_commands', 'python_dependencies']

/**
 * The errors for storages in modules that would write the value of a variable for the load into the image, where it is
 * for everybody who can pull it. A value that the option `env-vars` has too is meant for the image.
 */
export const revealedSettings = (
  { options, loadVariables }: Pick<BuildInputs, 'options' | 'loadVariables'>,
  flows: readonly FlowWithStorage[]
): readonly FlowstoreError[] => {
  if (STORAGE_KINDS[options.storage].flowsIn !== 'image') return []
  const open = Object.values(options.envVars)
  const secrets = Object.entries(loadVariables).filter(
    ([, value]) => value.length >= SHORTEST_SECRET && !open.includes(value)
  )
  return flows.flatMap(flow => {
    const parameters = storageOfKind(flow, options.storage)?.options ?? {}
    return WRITTEN.flatMap(name => {
      const text = JSON.stringify(parameters[name] ?? null)
      const found = secrets.filter(([, value]) => text.includes(JSON.stringify(value).slice(1, -1)))
      return found.map(([variable]) => revealed(flow, name, variable))
    })
  })
}

const revealed = (
  { name, module, line }: FlowWithStorage,
  parameter: string,
  variable: string
): FlowstoreError =>
  new FlowstoreError(
    'STORAGE_INVALID',
    `flow "${name}": its storage writes the value of ${variable} of load-env-vars into the image and the Dockerfile (${parameter})`,
    {
      file: module,
      line,
      hint: 'Whoever can pull the image could read it there: read the variable in the task that needs it. If the value is no secret, give it with env-vars instead of load-env-vars.'
    }
  )
