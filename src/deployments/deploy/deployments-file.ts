import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { FlowstoreError, throwAll } from '../../errors.js'
import { deploymentFields, scheduleFields } from '../../prefect-api/records.js'
import { fileOrIn, readError } from '../../util/files.js'
import * as z from '../../util/schema.js'

const values = z.record(z.string(), z.unknown())
const text = z.string().nullish()

const scheduleSchema = z.looseObject({
  ...scheduleFields,
  // A text is a template.
  active: z.boolean().or(z.string()).nullish(),
  replaces: text
})

/** What `POST /deployments/` takes, of 2.13 to 3.x. */
const bodySchema = z.strictObject({
  ...deploymentFields,
  name: z.string().min(1),
  entrypoint: z.string(),
  // A text is a template, here too.
  tags: z.array(z.string()).or(z.string()).nullish(),
  paused: z.boolean().or(z.string()).nullish(),
  schedules: z.array(scheduleSchema).nullish(),
  labels: z.record(z.string(), z.string().or(z.number()).or(z.boolean())).nullish()
})

const entrySchema = z.looseObject({
  name: z.string().min(1),
  flow: z.string().min(1),
  file: text,
  line: z.number().nullish(),
  body: bodySchema,
  triggers: z.array(values).nullish(),
  sla: z.array(values).nullish()
})

const documentSchema = z.looseObject({
  version: z.literal(1),
  prefect: z.string().min(1),
  image: text,
  path: text,
  files: z.array(z.string()).optional(),
  deployments: z.array(entrySchema)
})

/** One deployment of a `deployments.json`. */
export type DeploymentEntry = z.infer<typeof entrySchema>

/** A `deployments.json`, as far as deploying reads it. */
export type DeploymentsDocument = z.infer<typeof documentSchema>

const HINT = 'flowstore build writes deployments.json into its output directory.'

/** Most faults that are said: a file of another program has no field right. */
const MOST_FAULTS = 20

/**
 * Checks the content of a `deployments.json`.
 *
 * @param file its path, for errors
 * @throws FlowstoreError DEPLOYMENTS_INVALID with the field, or all of them
 */
export function parseDeployments(content: string, file: string): DeploymentsDocument {
  let json: unknown
  try {
    json = JSON.parse(content)
  } catch (error) {
    throw new FlowstoreError('DEPLOYMENTS_INVALID', `it is no JSON: ${(error as Error).message}`, {
      file,
      hint: HINT,
      cause: error
    })
  }
  const { data, error } = documentSchema.safeParse(json)
  if (data !== undefined) {
    throwAll(clashes(data, file))
    return data
  }
  if (typeof json !== 'object' || json === null || !('deployments' in json)) {
    const message = "it is no deployments.json: it has no 'deployments'"
    throw new FlowstoreError('DEPLOYMENTS_INVALID', message, { file, hint: HINT })
  }
  const names = (json as { deployments?: { name?: unknown }[] }).deployments
  throwAll(
    z
      .faults(error, json)
      .slice(0, MOST_FAULTS)
      .map(({ field, what }) => {
        const index = /^deployments\.(\d+)/.exec(field)?.[1]
        const name = index === undefined ? undefined : names?.[Number(index)]?.name
        const whose = typeof name === 'string' ? ` (deployment "${name}")` : ''
        const message = `${field === '' ? 'the content' : `'${field}'`}${whose} ${what}`
        return new FlowstoreError('DEPLOYMENTS_INVALID', message, { file, hint: HINT })
      })
  )
  throw error
}

/** An error for each deployment that another of the same flow has the name of: the second would replace the first. */
function clashes({ deployments }: DeploymentsDocument, file: string): FlowstoreError[] {
  const seen = new Set<string>()
  return deployments.flatMap(({ flow, body }, index) => {
    const key = JSON.stringify([flow, body.name])
    const isFirst = !seen.has(key)
    seen.add(key)
    if (isFirst) return []
    const message = `'deployments.${index}': the flow "${flow}" has two deployments "${body.name}"`
    return [new FlowstoreError('DEPLOYMENTS_INVALID', message, { file })]
  })
}

/**
 * Reads a `deployments.json`.
 *
 * @param given the file, or the folder that it is in
 * @throws FlowstoreError FILE_NOT_FOUND, FILE_UNREADABLE, DEPLOYMENTS_INVALID
 */
export async function readDeployments(cwd: string, given: string): Promise<DeploymentsDocument> {
  const file = await fileOrIn(cwd, given, 'deployments.json')
  let content: string
  try {
    content = await readFile(resolve(cwd, file), 'utf8')
  } catch (error) {
    throw readError(error, `the file of deployments '${file}'`, HINT)
  }
  return parseDeployments(content, file)
}
