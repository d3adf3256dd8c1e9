import protobuf from 'protobufjs/light.js'
import * as z from '../../util/schema.js'
import { sizeOf } from '../../util/text.js'

/** The id of stream entries that carry a trace. */
export const TRACE_ID = 'moby.buildkit.trace'

// The fields of `StatusResponse` in BuildKit's control API (api/services/control) that are used here.
const Trace = protobuf.Root.fromJSON({
  nested: {
    Time: { fields: {} },
    Vertex: {
      fields: {
        name: { type: 'string', id: 3 },
        started: { type: 'Time', id: 5 },
        completed: { type: 'Time', id: 6 },
        error: { type: 'string', id: 7 }
      }
    },
    VertexStatus: {
      fields: {
        id: { type: 'string', id: 1 },
        current: { type: 'int64', id: 4 },
        total: { type: 'int64', id: 5 },
        completed: { type: 'Time', id: 8 }
      }
    },
    Log: { fields: { msg: { type: 'bytes', id: 4 } } },
    Trace: {
      fields: {
        vertexes: { rule: 'repeated', type: 'Vertex', id: 1 },
        statuses: { rule: 'repeated', type: 'VertexStatus', id: 2 },
        logs: { rule: 'repeated', type: 'Log', id: 3 }
      }
    }
  }
}).lookupType('Trace')

/** A trace as a plain value; protobuf has null for a message that is absent. */
const traceSchema = z.object({
  vertexes: z.array(
    z.object({
      name: z.string(),
      started: z.object({}).nullable(),
      completed: z.object({}).nullable(),
      error: z.string()
    })
  ),
  statuses: z.array(
    z.object({
      id: z.string(),
      current: z.number(),
      total: z.number(),
      completed: z.object({}).nullable()
    })
  ),
  logs: z.array(z.object({ msg: z.instanceof(Uint8Array) }))
})

/** What a BuildKit trace says. */
export interface TraceContent {
  /** Steps as they begin or fail, and the output of their commands. */
  readonly lines: readonly string[]
  /** What a step moves, such as `sha256:1a2b: 3.1 of 8.4 MB`; undefined for nothing. */
  readonly bytes: string | undefined
}

/**
 * Reads a BuildKit trace. dockerode reads traces too, but leaves the output in base64.
 *
 * @param aux the entry's `aux`: a protobuf message in base64
 */
export function readTrace(aux: string): TraceContent {
  const message = Trace.decode(Buffer.from(aux, 'base64'))
  const trace = Trace.toObject(message, { defaults: true, longs: Number })
  const { vertexes, statuses, logs } = traceSchema.parse(trace)
  const lines = [
    ...vertexes.flatMap(({ name, started, completed, error }) =>
      name.startsWith('[internal]')
        ? []
        : [...(started && !completed ? [name] : []), ...(error ? [`failed: ${name}`] : [])]
    ),
    ...logs.flatMap(({ msg }) =>
      Buffer.from(msg)
        .toString('utf8')
        .split(/\r?\n/)
        .filter(line => line.trim() !== '')
    )
  ]
  const moving = statuses.findLast(({ total, completed }) => total > 0 && !completed)
  const bytes = moving && `${moving.id.slice(0, 19)}: ${sizeOf(moving.current, moving.total)}`
  return { lines, bytes }
}
