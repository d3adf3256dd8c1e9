import protobuf from 'protobufjs/light.js'

/** The id of stream entries that carry a trace. */
export const TRACE_ID = 'moby.buildkit.trace'

interface Status {
  readonly vertexes?: readonly {
    readonly name: string
    readonly started?: object
    readonly completed?: object
    readonly error?: string
  }[]
  readonly logs?: readonly { readonly msg: Buffer }[]
}

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

/**
 * The lines of a BuildKit trace: steps as they begin or fail, and the output of their commands. dockerode
 * reads traces too, but leaves the output in base64.
 *
 * @param aux the entry's `aux`: a protobuf message in base64
 */
export function traceLines(aux: string): string[] {
  const { vertexes = [], logs = [] } = Trace.decode(Buffer.from(aux, 'base64')) as unknown as Status
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
