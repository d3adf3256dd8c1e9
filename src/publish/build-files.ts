import { PROVENANCE_FILE, SBOM_FILE } from '../paths.js'
import type { Build, FileContent } from '../report.js'
import type { PublishedReport } from './outputs.js'

/** A report as `report.json` holds it. */
const reportJson = (report: PublishedReport): string => `${JSON.stringify(report, null, 2)}\n`

/** The files of a build for the output directory: name relative to it, to content. */
export function buildFiles(build: Build, published: PublishedReport): Map<string, FileContent> {
  const { report, documents } = build
  const { flowsJson, dockerfile, prefectYaml, deploymentsJson, sbom, provenance } = documents
  const files = new Map<string, FileContent>()
  files.set('storage.json', `${JSON.stringify(report.storage, null, 2)}\n`)
  if (flowsJson !== null) files.set('flows.json', flowsJson)
  if (deploymentsJson !== null) files.set('deployments.json', deploymentsJson)
  if (prefectYaml !== null) files.set('prefect.yaml', prefectYaml)
  if (sbom !== null) files.set(SBOM_FILE, sbom)
  if (provenance !== null) files.set(PROVENANCE_FILE, provenance)
  files.set('report.json', reportJson(published))
  if (dockerfile !== null) files.set('Dockerfile', dockerfile)
  return files
}
