import { FlowstoreError } from '../errors.js'
import type { Notice } from '../log.js'
import type { LoadResult, ModuleRequest } from '../python/protocol/protocol.js'

/** The warning about an import that would fail when the flow runs. */
export function missingNotice({
  module,
  flows,
  file,
  line
}: LoadResult['missing'][number]): Notice {
  const names = flows.map(name => `"${name}"`)
  const shown =
    names.length > 5 ? `${names.slice(0, 5).join(', ')}, ... (${names.length})` : names.join(', ')
  return {
    level: 'warning',
    message:
      `the module '${module}' is neither in the repository nor installed, and ${flows.length === 1 ? 'flow' : 'flows'} ` +
      `${shown} may import it at run time: add its package to python-dependencies`,
    file,
    line
  }
}

/** The notice about a call in a module that has no effect while it is loaded. */
export const callNotice = ({ call, file, line }: LoadResult['calls'][number]): Notice => ({
  level: 'notice',
  message: `\`${call}\` has no effect while flows are loaded: put it below \`if __name__ == "__main__":\`, or remove it`,
  file: file ?? undefined,
  line: line ?? undefined
})

/**
 * The warning about a flow that holds the value of a variable for the load.
 *
 * @param flow the flow's module and line
 */
export const revealedNotice = (
  { variable, flow: name, where }: LoadResult['revealed'][number],
  flow: { readonly module: string; readonly line: number } | undefined
): Notice => ({
  level: 'warning',
  message:
    `flow "${name}" holds the value of ${variable} of load-env-vars (${where}), and whoever can read the flow can read it: ` +
    'read the variable in the task that needs it, when it runs',
  file: flow?.module,
  line: flow?.line
})

/** The error if there is no flow to store. */
export const noFlow = (modules: readonly ModuleRequest[]): FlowstoreError =>
  new FlowstoreError(
    'FLOW_NOT_FOUND',
    `no flow in ${modules.map(module => module.file).join(', ')}`,
    {
      hint: 'A flow is a prefect.Flow bound at module level, also in a list or dict there.'
    }
  )
