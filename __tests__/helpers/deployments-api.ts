import { randomUUID } from 'node:crypto'
import { apiAddress } from '../../src/prefect-api/address.js'
import { PrefectApi } from '../../src/prefect-api/api.js'
import { serve, type Asked, type Misbehaviour, type Rule } from './registry-server.js'

type Values = Record<string, unknown>

/** A part of Prefect's API in memory, that misbehaves as its rules say. */
export interface DeploymentsApi {
  readonly url: string
  /** Each request and its status: `POST /flows/ 201`. */
  readonly log: string[]
  readonly asked: Asked[]
  readonly flows: Map<string, Values>
  readonly deployments: Map<string, Values>
  readonly automations: Map<string, Values>
  /** The requests that write, without those that were refused. */
  readonly writes: () => string[]
  /** A client whose pauses are listed instead of waited for. */
  readonly client: (env?: NodeJS.ProcessEnv) => { api: PrefectApi; pauses: number[] }
}

/** What the API has from the start. */
export interface ApiContent {
  readonly version?: string
  readonly pools?: Readonly<Record<string, object>>
  readonly variables?: Readonly<Record<string, unknown>>
  /** `type/name` to data. */
  readonly blocks?: Readonly<Record<string, object>>
}

/** A pool as one of Docker. */
export const DOCKER_POOL = {
  name: 'docker',
  type: 'docker',
  base_job_template: {
    variables: {
      type: 'object',
      properties: {
        image: { type: 'string' },
        image_pull_policy: { enum: ['Always', 'Never'], type: 'string' },
        env: { type: 'object', additionalProperties: { type: 'string' } },
        volumes: { type: 'array', items: { type: 'string' } },
        mem_limit: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
        network: { $ref: '#/definitions/Network' }
      },
      definitions: { Network: { type: 'object', properties: { mtu: { type: 'integer' } } } }
    }
  }
}

/** A pool whose runs are processes: they have no image. */
export const PROCESS_POOL = {
  name: 'process',
  type: 'process',
  base_job_template: {
    variables: {
      type: 'object',
      properties: {
        env: { type: 'object', additionalProperties: { type: 'string' } },
        command: { type: 'string' },
        working_dir: { type: 'string' }
      }
    }
  }
}

const json = (value: unknown, status = 200): Exclude<Misbehaviour, 'reset'> => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value)
})

const now = () => new Date().toISOString()
const nothing = (detail: string) => json({ detail }, 404)

export async function serveDeployments(
  content: ApiContent = {},
  ...rules: readonly Rule[]
): Promise<DeploymentsApi> {
  const {
    version = '3.9.1',
    pools = { docker: DOCKER_POOL, process: PROCESS_POOL },
    variables = {},
    blocks = {}
  } = content
  const [flows, deployments, automations] = [0, 1, 2].map(() => new Map<string, Values>()) as [
    Map<string, Values>,
    Map<string, Values>,
    Map<string, Values>
  ]
  const owners = new Map<string, string>()
  const log: string[] = []
  const asked: Asked[] = []

  const page = (list: Values[], { limit = 200, offset = 0 }: Values) =>
    json(list.slice(offset as number, (offset as number) + (limit as number)))
  const matching = (list: Values[], filter: unknown) => {
    const { name, id } = (filter ?? {}) as { name?: { any_: string[] }; id?: { any_: string[] } }
    return list.filter(
      each =>
        (name?.any_.includes(each['name'] as string) ?? true) &&
        (id?.any_.includes(each['id'] as string) ?? true)
    )
  }
  const named = (map: Map<string, Values>, name: unknown) =>
    [...map.values()].find(each => each['name'] === name)

  function right({ method, path, body }: Asked): Misbehaviour {
    const [, kind = '', ...rest] = decodeURIComponent(path)
      .replace(/^\/api/, '')
      .replace(/\?.*/, '')
      .split('/')
    const sent = (body.length > 0 ? JSON.parse(body.toString()) : {}) as Values
    const [first = ''] = rest
    switch (`${method} ${kind}`) {
      case 'GET admin':
        return json(version)
      case 'GET work_pools':
        return first in pools ? json(pools[first]) : nothing(`Work pool "${first}" not found.`)
      case 'GET variables': {
        const name = rest[1] ?? ''
        return name in variables
          ? json({ name, value: variables[name] })
          : nothing('Variable not found.')
      }
      case 'GET block_types': {
        const name = `${rest[1] ?? ''}/${rest[4] ?? ''}`
        return name in blocks ? json({ data: blocks[name] }) : nothing('Block document not found')
      }
      case 'POST work_pools':
        return page(Object.values(pools) as Values[], sent)
      case 'POST flows': {
        if (first === 'filter') return page(matching([...flows.values()], sent['flows']), sent)
        const known = named(flows, sent['name'])
        const flow = known ?? { id: randomUUID(), name: sent['name'], created: now() }
        flows.set(flow['id'] as string, flow)
        return json(flow, known ? 200 : 201)
      }
      case 'DELETE flows':
        return flows.delete(first) ? { status: 204 } : nothing('Flow not found')
      case 'POST deployments': {
        if (first === 'filter') {
          const ids = matching([...flows.values()], sent['flows']).map(({ id }) => id)
          const those = matching([...deployments.values()], sent['deployments'])
          return page(
            those.filter(each => ids.includes(each['flow_id'])),
            sent
          )
        }
        const { schedules = [], ...fields } = sent
        const known = [...deployments.values()].find(
          each => each['flow_id'] === sent['flow_id'] && each['name'] === sent['name']
        )
        const id = (known?.['id'] as string | undefined) ?? randomUUID()
        const queue = fields['work_queue_name'] ?? 'default'
        const dates = { created: known?.['created'] ?? now(), updated: now() }
        const record = { ...known, ...fields, ...dates, schedules, id, work_queue_name: queue }
        deployments.set(id, record)
        return json(record, known ? 200 : 201)
      }
      case 'DELETE deployments':
        return deployments.delete(first) ? { status: 204 } : nothing('Deployment not found')
      case 'POST automations': {
        if (first === 'filter') return page([...automations.values()], sent)
        const { owner_resource: owner, ...fields } = sent
        const id = randomUUID()
        automations.set(id, { ...fields, id })
        owners.set(id, owner as string)
        return json({ id }, 201)
      }
      case 'DELETE automations':
        for (const [id, owner] of owners) if (owner === rest[1]) automations.delete(id)
        return { status: 202 }
      default:
        return nothing('Not Found')
    }
  }

  const host = await serve((request, response, self) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const one: Asked = { method, path: url, headers, body: Buffer.concat(chunks) }
      asked.push(one)
      let answer: Misbehaviour | undefined
      for (const rule of rules) answer ??= rule(one, self)
      answer ??= right(one)
      const line = `${method} ${url.replace(/^\/api/, '')}`
      log.push(answer === 'reset' ? `${line} reset` : `${line} ${answer.status}`)
      if (answer === 'reset') {
        request.socket.resetAndDestroy()
        return
      }
      response.writeHead(answer.status, answer.headers)
      response.end(answer.body)
    })
  })
  const url = `http://${host}/api`
  return {
    url,
    log,
    asked,
    flows,
    deployments,
    automations,
    writes: () =>
      log.filter(line => /^(POST|DELETE) (?!.*\/filter)/.test(line) && / 20\d$/.test(line)),
    client: (env = {}) => {
      const pauses: number[] = []
      const sleep = (pause: number) => Promise.resolve(pauses.push(pause))
      return {
        api: new PrefectApi(apiAddress({ PREFECT_API_URL: url, ...env }), { sleep }),
        pauses
      }
    }
  }
}
