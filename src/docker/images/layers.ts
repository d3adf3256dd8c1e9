import { sizeOf } from '../../util/text.js'

/** What the daemon says about a layer that it pulls or pushes. */
export interface LayerEvent {
  readonly id: string
  readonly status: string
  /** Bytes of this step, such as of a download. */
  readonly current?: number | undefined
  readonly total?: number | undefined
}

interface Layer {
  readonly current: number
  readonly total: number
  readonly isDone: boolean
}

const MOVES = /^(Downloading|Pushing)/
const MOVED = /^(Verifying|Download complete|Extracting|Pull complete|Pushed)/
const DONE = /^(Pull complete|Already exists|Pushed|Layer already exists|Mounted from)/
const IS_LAYER = /^(Pulling fs layer|Preparing|Waiting|Downloading|Pushing)/

/** The layers of a pull or a push, and how much of them has gone over the network. */
export class LayerProgress {
  private readonly layers = new Map<string, Layer>()

  /** @returns how far it is: `45 of 120 MB, 3 of 8 layers`; undefined if the event changes nothing */
  add({ id, status, current, total }: LayerEvent): string | undefined {
    const known = this.layers.get(id)
    if (known === undefined && !IS_LAYER.test(status) && !DONE.test(status)) return undefined
    const { current: before, total: size } = known ?? { current: 0, total: 0 }
    const bytes = MOVES.test(status)
      ? { current: current ?? before, total: Math.max(total ?? size, current ?? 0) }
      : { current: MOVED.test(status) ? size : before, total: size }
    this.layers.set(id, { ...bytes, isDone: DONE.test(status) })
    return this.text()
  }

  private text(): string {
    const layers = [...this.layers.values()]
    const sum = (key: 'current' | 'total') => layers.reduce((bytes, layer) => bytes + layer[key], 0)
    const count = `${layers.filter(({ isDone }) => isDone).length} of ${layers.length} layers`
    return sum('total') === 0 ? count : `${sizeOf(sum('current'), sum('total'))}, ${count}`
  }
}
