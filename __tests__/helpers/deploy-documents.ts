import type { DeploymentsDocument } from '../../src/deployments/deploy/deployments-file.js'

type Entry = DeploymentsDocument['deployments'][number]

/** A deployment of a `deployments.json`, with some fields of its body. */
export const entry = (name: string, body: object = {}, rest: object = {}): Entry => ({
  name,
  flow: 'orders',
  file: 'prefect.yaml',
  line: 3,
  ...rest,
  body: {
    name,
    entrypoint: 'flows/orders.py:orders',
    work_pool_name: 'docker',
    job_variables: { image: 'ghcr.io/acme/flows:1' },
    parameters: {},
    tags: [],
    version: '1',
    ...body
  }
})

/** A `deployments.json` for 3.9.1. */
export const documentOf = (...deployments: readonly Entry[]): DeploymentsDocument => ({
  version: 1,
  prefect: '3.9.1',
  image: 'ghcr.io/acme/flows:1',
  path: '/opt/prefect/shop',
  deployments: [...deployments]
})
