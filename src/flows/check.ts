import { FlowstoreError, throwAll } from '../errors.js'
import type { PythonChecker } from '../python/loader.js'
import type { CheckResult } from '../python/protocol.js'
import type { ReadableFlow } from '../python/readable-flow.js'
import type { Flow } from './flow.js'

type Check = CheckResult['flows'][number]

/** The error of a flow that was not read back. */
function unreadable(flow: Flow, check: Check | undefined): FlowstoreError {
  const module = check?.missingModule ?? undefined
  const imports = flow.imports ?? {}
  const at = module !== undefined && Object.hasOwn(imports, module) ? imports[module] : undefined
  const imported = at ? `, which ${at.file}:${at.line} imports,` : ''
  return new FlowstoreError(
    'HEALTHCHECK',
    `flow "${flow.name}" does not load back: ${check?.error ?? 'no reason given'}`,
    {
      file: at?.file ?? flow.module,
      line: at?.line ?? flow.line,
      detail: check?.detail ?? undefined,
      hint:
        module === undefined
          ? undefined
          : `It needs the module '${module}'${imported} at run time: add its package to python-dependencies.`
    }
  )
}

/**
 * Reads flows back in a fresh interpreter that has seen none of the user's modules, in an empty folder.
 *
 * @param python where the flows are read
 * @param stored gives a flow's final file: its path where that Python runs, or its bytes
 * @throws FlowstoreError HEALTHCHECK for every flow that does not come back, with what was raised
 */
export async function healthcheck(
  python: PythonChecker,
  flows: readonly Flow[],
  stored: (flow: Flow) => ReadableFlow
): Promise<void> {
  const { flows: checks } = await python.check(flows.map(stored))
  const failed = flows.map((flow, index) => {
    const check = checks[index]
    return check?.ok && check.name === flow.name ? [] : [unreadable(flow, check)]
  })
  throwAll(failed.flat())
}
