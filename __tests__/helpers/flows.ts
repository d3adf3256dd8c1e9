import type { EntrypointDetails, PickleFlow } from '../../src/flows/flow.js'

/** A flow of a Prefect release; its slug is its name unless another is given. */
export const flowOf = (release: string, name = 'one', slug = name): PickleFlow => ({
  name,
  slug,
  bytes: Buffer.from(`pickle of ${name}`),
  module: 'flows.py',
  line: 7,
  parameters: [],
  versions: { python: '3.7.16', prefect: release, cloudpickle: '1.1.1' }
})

/** What is known of a plain function with `@flow`. */
export const plainDetails = (
  parameterSchema: EntrypointDetails['parameterSchema'] = {}
): EntrypointDetails => ({
  version: null,
  description: null,
  isAsync: false,
  isGenerator: false,
  retries: null,
  timeoutSeconds: null,
  parameterSchema
})
