import { FlowstoreError, throwAll } from '../errors.js'
import type { PythonChecker } from '../python/loader.js'
import type { CheckResult } from '../python/protocol/protocol.js'
import type { ReadableFlow } from '../python/protocol/readable-flow.js'
import type { Flow } from './flow.js'

type Check = CheckResult['flows'][number]

/** The error of a flow that does not load back. */
function doesNotLoad(flow: Flow, check: Check | undefined): FlowstoreError {
  const module = check?.missingModule ?? undefined
  const imports = flow.imports ?? {}
  const firstImport =
    module !== undefined && Object.hasOwn(imports, module) ? imports[module] : undefined
  const imported = firstImport ? `, which ${firstImport.file}:${firstImport.line} imports,` : ''
  return new FlowstoreError(
    'HEALTHCHECK',
    `flow "${flow.name}" does not load back: ${check?.error ?? 'no reason given'}`,
    {
      file: firstImport?.file ?? flow.module,
      line: firstImport?.line ?? flow.line,
      detail: check?.detail ?? undefined,
      hint:
        module === undefined
          ? undefined
          : `It needs the module '${module}'${imported} at run time: add its package to python-dependencies.`
    }
  )
}

/**
 * Reads flows back in a fresh interpreter without the user's modules, in an empty folder.
 *
 * @param python the Python that reads the flows
 * @param stored the final file of a flow: its path for that Python, or its bytes
 * @throws FlowstoreError HEALTHCHECK for every flow that does not load, with the exception
 */
export async function healthcheck(
  python: PythonChecker,
  flows: readonly Flow[],
  stored: (flow: Flow) => ReadableFlow
): Promise<void> {
  const { flows: checks } = await python.check(flows.map(stored))
  const failed = flows.map((flow, index) => {
    const check = checks[index]
    return check?.ok && check.name === flow.name ? [] : [doesNotLoad(flow, check)]
  })
  throwAll(failed.flat())
}
