import type { DeployableFlow } from '../../src/deployments/deployable-flow.js'
import { planDeployments, type DeploymentsRequest } from '../../src/deployments/plan.js'
import { readYaml, type JsonObject } from '../../src/deployments/yaml.js'
import { errorsOf } from '../../src/errors.js'

/** A flow of `flows/orders.py`, called as its function. */
export function deployable(
  name: string,
  properties: JsonObject = {},
  changes: Partial<DeployableFlow> = {}
): DeployableFlow {
  return {
    name,
    entrypoint: `flows/orders.py:${name}`,
    module: 'flows/orders.py',
    line: 7,
    key: `key-of-${name}`,
    details: {
      version: 'md5',
      description: `About ${name}.`,
      isAsync: false,
      isGenerator: false,
      retries: null,
      retryDelaySeconds: null,
      timeoutSeconds: null,
      parameterSchema: { title: 'Parameters', type: 'object', properties }
    },
    ...changes
  }
}

/** A plan of `prefect.yaml` files, given as texts by their paths or as one. */
export function plan(
  yaml: string | Readonly<Record<string, string>>,
  changes: Partial<DeploymentsRequest> = {}
) {
  const texts = typeof yaml === 'string' ? { 'prefect.yaml': yaml } : yaml
  return planDeployments({
    files: Object.entries(texts).map(([path, text]) => ({ path, root: readYaml(text, path) })),
    flows: [deployable('orders'), deployable('nightly')],
    modules: ['flows/orders.py'],
    isSource: path => path.startsWith('flows/'),
    prefect: '3.9.1',
    image: 'ghcr.io/acme/shop:new',
    imageRef: null,
    path: '/opt/prefect/shop',
    deploymentName: 'default',
    ...changes
  })
}

/** The errors of some work, as `CODE file:line message` and the hint. */
export function failures(
  work: () => unknown
): readonly { text: string; hint: string | undefined }[] {
  try {
    work()
  } catch (error) {
    return errorsOf(error).map(({ code, file, line, message, hint }) => ({
      text: `${code} ${file ?? ''}:${line ?? ''} ${message}`,
      hint
    }))
  }
  return []
}
