import { FlowstoreError, throwAll } from '../errors.js'
import type { Flow } from './flow.js'
import type { FlowFile, PythonChecker } from '../python/loader.js'

/**
 * Reads flows back in a fresh interpreter that has seen none of the user's modules, in an empty folder.
 *
 * @param where the flow's final file: its path where Python runs, or its content
 * @throws FlowstoreError HEALTHCHECK for every flow that does not come back, with what was raised
 */
export async function healthcheck(
  place: PythonChecker,
  flows: readonly Flow[],
  where: (flow: Flow) => FlowFile
): Promise<void> {
  const { flows: checked } = await place.check(
    flows.map(flow => ({ name: flow.name, ...where(flow) }))
  )
  throwAll(
    flows.flatMap((flow, index) => {
      const check = checked[index]
      if (check?.ok && check.name === flow.name) return []
      const missing = check?.missingModule
      const place =
        missing && Object.hasOwn(flow.imports ?? {}, missing) ? flow.imports?.[missing] : undefined
      const imported = place ? `, which ${place.file}:${place.line} imports,` : ''
      return [
        new FlowstoreError(
          'HEALTHCHECK',
          `flow "${flow.name}" does not load back: ${check?.error ?? 'no reason given'}`,
          {
            file: place?.file ?? flow.module,
            line: place?.line ?? flow.line,
            detail: check?.detail ?? undefined,
            hint: missing
              ? `It needs the module '${missing}'${imported} at run time: add its package to python-dependencies.`
              : undefined
          }
        )
      ]
    })
  )
}
