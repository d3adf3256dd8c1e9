import protobuf from 'protobufjs/light.js'
import * as z from '../../util/schema.js'

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
    Log: { fields: { msg: { type: 'bytes', id: 4 } } },
    Trace: {
      fields: {
        vertexes: { rule: 'repeated', type: 'Vertex', id: 1 },
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
  logs: z.array(z.object({ msg: z.instanceof(Uint8Array) }))
})

/**
 * The lines of a BuildKit trace: steps as they begin or fail, and the output of their commands. dockerode
 * reads traces too, but leaves the output in base64.
 *
 * @param aux the entry's `aux`: a protobuf message in base64
 */
export function traceLines(aux: string): string[] {
  const trace = Trace.toObject(Trace.decode(Buffer.from(aux, 'base64')), { defaults: true })
  const { vertexes, logs } = traceSchema.parse(trace)
  return [
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
}
