import * as z from '../../util/schema.js'
import type { ModuleProgress } from '../loader.js'
import type { CheckedFlow } from './readable-flow.js'
import type { Work } from './work.js'

const flowSchema = z.object({
  /** Its position in the request, if it is read back. */
  index: z.number().int(),
  name: z.string(),
  file: z.string().nullable(),
  line: z.number().int().nullable()
})
type MarkedFlow = z.infer<typeof flowSchema>

/** A line of the loader about what it does, with all around it that is no output of modules. */
// eslint-disable-next-line no-control-regex -- the loader marks the line with one
const MARK = /\u001e(?:(\d+)\/(\d+) ([^\u001e]*)|flow ([^\u001e]*)|(ended))\u001e\n/g

/** Characters of a mark that may be incomplete. */
const MOST_MARK = 1 << 12

/** What a process printed, without marks. */
export const withoutMarks = (text: string): string => text.replace(MARK, '')

/** Follows the marks in the standard error of a loader. */
export class Marks {
  /** Called before each module is imported. */
  onModule: ((module: ModuleProgress) => void) | undefined
  private file: string | undefined
  private flow: MarkedFlow | undefined
  /** Whether the work has been ended: its process may go on for a moment. */
  private isEnded = false
  /** The end of the text, which may be the beginning of a mark. */
  private incomplete = ''

  /** Forgets what an earlier request did. */
  reset(): void {
    this.file = undefined
    this.flow = undefined
    this.isEnded = false
  }

  /** Takes the next part of the text. */
  follow(part: string): void {
    const text = this.incomplete + part
    let module: ModuleProgress | undefined
    for (const [, done, count, file = '', flow, end] of text.matchAll(MARK)) {
      if (end !== undefined) this.isEnded = true
      if (this.isEnded) break
      if (flow !== undefined) this.flow = flowOf(flow)
      if (done === undefined) continue
      this.file = file === '' ? undefined : file
      module = file === '' ? undefined : { done: Number(done), count: Number(count), file }
    }
    if (module !== undefined) this.onModule?.(module)
    this.incomplete = text.slice(text.lastIndexOf('\n') + 1).slice(-MOST_MARK)
  }

  /** The work of a load; undefined between the modules and the flows, and before and after them. */
  get load(): Work | undefined {
    if (this.file !== undefined) return { kind: 'import', name: this.file, file: this.file }
    if (this.flow === undefined) return undefined
    const { name, file, line } = this.flow
    return { kind: 'serialize', name, file: file ?? undefined, line: line ?? undefined }
  }

  /** The work of a check of flows; undefined before the first and after the last. */
  checkOf(flows: readonly CheckedFlow[]): Work | undefined {
    const flow = this.flow && flows[this.flow.index]
    if (this.flow === undefined || flow === undefined) return undefined
    return { kind: 'read', name: this.flow.name, file: flow.module, line: flow.line }
  }
}

/** A flow's mark; undefined for one after the last flow, and for what modules print like one. */
function flowOf(text: string): MarkedFlow | undefined {
  try {
    return flowSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
