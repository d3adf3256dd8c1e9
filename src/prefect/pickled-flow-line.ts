/** A line of a module that only Prefect 0.5 to 1.4 runs. */
export interface PickledFlowLine {
  /** The code, such as `with Flow("orders")`. */
  readonly text: string
  readonly file: string
  readonly line: number
}

/** The texts of modules, by their paths. */
type Modules = AsyncIterable<readonly [file: string, text: string]>

// `Flow` of Prefect 2 and 3 is no context manager.
const PICKLED = /^[ \t]*(with\s+(?:prefect\.)?Flow\([^)\n]*\)?)/m

const ENTRYPOINT = /^[ \t]*(?:@(?:prefect\.)?flow\b|from\s+prefect\s+import\b.*\bflow\b)/m

/**
 * The first line of modules that only Prefect 0.5 to 1.4 runs. Undefined if there is none, or if one of them has a flow
 * of Prefect 2 or 3: then a load says which module is for the other generation.
 */
export async function pickledFlowLine(modules: Modules): Promise<PickledFlowLine | undefined> {
  let first: PickledFlowLine | undefined
  for await (const [file, text] of modules) {
    if (ENTRYPOINT.test(text)) return undefined
    const found = PICKLED.exec(text)
    if (first !== undefined || found === null) continue
    const [whole, code = ''] = found
    const line = text.slice(0, found.index + whole.length - code.length).split('\n').length
    first = { text: code, file, line }
  }
  return first
}
