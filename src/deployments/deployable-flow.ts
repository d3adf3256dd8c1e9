import type { EntrypointFlow } from '../flows/flow.js'

/** A flow that a deployment can be made of. */
export interface DeployableFlow extends Pick<
  EntrypointFlow,
  'name' | 'entrypoint' | 'module' | 'line' | 'details'
> {
  /** Changes with all that the flow is made from. */
  readonly key: string
}
