import { join } from 'node:path'
import { throwAll, type ErrorDetails, type FlowstoreError } from '../errors.js'
import type { Flow } from '../flows/flow.js'
import type { FlowLayer } from '../image/flow-layer.js'
import type { BuildDescription } from '../image/labels.js'
import type { ImageMetadata } from '../image/metadata.js'
import type { Build, FileContent } from '../report.js'
import type { Sources } from '../sources/sources.js'
import { readWhole } from '../util/file-parts.js'
import { secretFound, type FindSecret } from '../util/secret-search.js'

/**
 * Refuses flows whose bytes hold a secret.
 *
 * @throws FlowstoreError (or FlowstoreErrors) SECRET_FOUND
 */
export function refuseInFlows(flows: readonly Flow[], search: FindSecret | undefined): void {
  if (search === undefined) return
  throwAll(
    flows.flatMap(({ bytes, name, module, line }) => {
      const secret = bytes && search(bytes)
      return secret === undefined
        ? []
        : [secretFound(secret, `flow "${name}"`, { file: module, line })]
    })
  )
}

/**
 * Refuses sources that hold a secret.
 *
 * @throws FlowstoreError (or FlowstoreErrors) SECRET_FOUND; FILE_UNREADABLE
 */
export async function refuseInSources(
  { root, files }: Sources,
  search: FindSecret | undefined
): Promise<void> {
  if (search === undefined) return
  const errors: FlowstoreError[] = []
  for (const { path, link } of files) {
    if (link !== undefined) continue
    const file = join(root, path)
    const secret = search(await readWhole(file))
    if (secret !== undefined) errors.push(secretFound(secret, `the source ${path}`, { file: path }))
  }
  throwAll(errors)
}

/**
 * Refuses a layer, labels or annotations that hold a secret.
 *
 * @throws FlowstoreError (or FlowstoreErrors) SECRET_FOUND; FILE_UNREADABLE
 */
export async function refuseInImage(
  { files, trees }: FlowLayer,
  built: BuildDescription,
  { labels, annotations }: Pick<ImageMetadata, 'labels' | 'annotations'>,
  search: FindSecret | undefined
): Promise<void> {
  if (search === undefined) return
  const errors: FlowstoreError[] = []
  const note = (content: Buffer | string, where: string, details?: ErrorDetails) => {
    const secret = search(content)
    if (secret !== undefined) errors.push(secretFound(secret, where, details))
  }
  for (const [path, content] of files) note(content, `the file ${path} of the image`)
  for (const { folder, files: below } of trees) {
    for (const file of below) {
      if ('link' in file) continue
      const content = await readWhole(file.source)
      note(content, `the file ${folder}/${file.path} of the image`, { file: file.path })
    }
  }
  const { dockerfile, flowsTemplate, deployments, ...rest } = built
  note(dockerfile, 'the Dockerfile')
  note(flowsTemplate ?? '', 'flows.json')
  note(deployments ?? '', 'deployments.json')
  note(JSON.stringify(rest), 'the labels of the image')
  for (const [name, value] of Object.entries(labels)) note(value, `the label ${name}`)
  for (const [name, value] of Object.values(annotations).flatMap(Object.entries<string>)) {
    note(value, `the annotation ${name}`)
  }
  throwAll(errors)
}

/**
 * Refuses files of a build that hold a secret.
 *
 * @throws FlowstoreError (or FlowstoreErrors) SECRET_FOUND
 */
export function refuseInFiles({ report, documents }: Build, search: FindSecret | undefined): void {
  if (search === undefined) return
  const texts: readonly (readonly [string, FileContent | null])[] = [
    ['storage.json', JSON.stringify(report.storage)],
    ['report.json', JSON.stringify(report)],
    ['flows.json', documents.flowsJson],
    ['prefect.yaml', documents.prefectYaml],
    ['deployments.json', documents.deploymentsJson],
    ['the SBOM', documents.sbom],
    ['the provenance', documents.provenance],
    ['Dockerfile', documents.dockerfile]
  ]
  throwAll(
    texts.flatMap(([name, content]) => {
      const secret = content === null ? undefined : inParts(content, search)
      return secret === undefined ? [] : [secretFound(secret, name)]
    })
  )
}

function inParts(content: FileContent, search: FindSecret): string | undefined {
  if (typeof content === 'string' || Buffer.isBuffer(content)) return search(content)
  for (const part of content) {
    const secret = search(part)
    if (secret !== undefined) return secret
  }
  return undefined
}
