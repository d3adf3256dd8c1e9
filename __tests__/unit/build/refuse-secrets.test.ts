import { expect, test } from '@jest/globals'
import { refuseInFiles, refuseInImage } from '../../../src/build/refuse-secrets.js'
import type { BuildDescription } from '../../../src/image/labels.js'
import type { Build, BuildDocuments } from '../../../src/report.js'
import { secretSearch } from '../../../src/util/secret-search.js'

const VALUE = 's3cret-t0ken-1234'
const find = secretSearch(new Map([['the secret TOKEN', VALUE]]))

const refused = (where: string) => ({
  code: 'SECRET_FOUND',
  message: `the secret TOKEN is in ${where}, and would be published`
})

const DOCUMENTS: BuildDocuments = {
  ...{ flowsJson: null, prefectYaml: null, deploymentsJson: null, sbom: null },
  ...{ provenance: null, dockerfile: null, flowFiles: new Map() }
}

test.each<[string, Partial<BuildDocuments>, object]>([
  ['report.json', {}, { versions: { python: VALUE } }],
  ['flows.json', { flowsJson: ['[', `"${VALUE}"`, ']'] }, {}],
  ['prefect.yaml', { prefectYaml: VALUE }, {}],
  ['deployments.json', { deploymentsJson: VALUE }, {}],
  ['the SBOM', { sbom: VALUE }, {}],
  ['the provenance', { provenance: VALUE }, {}],
  ['Dockerfile', { dockerfile: VALUE }, {}]
])(
  'a secret in %s is refused before the files of a result are written',
  (where, documents, report) => {
    const build = { report: { storage: {}, ...report }, documents: { ...DOCUMENTS, ...documents } }
    expect(() => {
      refuseInFiles(build as unknown as Build, find)
    }).toThrow(expect.objectContaining(refused(where)))
  }
)

test.each<[string, object, Readonly<Record<string, string>>]>([
  ['the Dockerfile', { dockerfile: `ENV A=${VALUE}` }, {}],
  ['flows.json', { flowsTemplate: VALUE }, {}],
  ['the labels of the image', { versions: { python: VALUE } }, {}],
  ['the annotation team', {}, { team: VALUE }]
])('a secret in %s is refused before a push', async (where, built, manifest) => {
  const description = { dockerfile: '', flowsTemplate: null, deployments: null, ...built }
  const metadata = { labels: {}, annotations: { manifest, index: {}, descriptor: {} } }
  await expect(
    refuseInImage(
      { files: new Map(), trees: [], flowCount: 0 },
      description as unknown as BuildDescription,
      metadata,
      find
    )
  ).rejects.toMatchObject(refused(where))
})
