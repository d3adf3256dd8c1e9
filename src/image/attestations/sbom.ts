import { parseReference } from '../../registry/reference.js'
import { sha256 } from '../../util/hash.js'
import { VERSION } from '../../version.js'
import { ociPurl, pypiPurl } from './purl.js'

/** The packages of the image of one platform. */
interface PlatformPackages {
  /** `os/architecture` */
  readonly platform: string
  /** The normalized name of each distribution, to its version. */
  readonly packages: Readonly<Record<string, string>>
}

/** A file with flows in an image. */
export interface FlowFile {
  /** Absolute. */
  readonly path: string
  /** Hexadecimal; null if it is not known. */
  readonly sha256: string | null
  /** The names of its flows. */
  readonly flows: readonly string[]
}

/** What an SBOM lists. */
export interface ImageContents {
  /** Registry and path of the image. */
  readonly name: string
  readonly tag: string
  /** Null for an image that was not pushed. */
  readonly digest: string | null
  /** RFC 3339; null if that is not known. */
  readonly created: string | null
  /** The base image; its digest is undefined if it is in no registry. */
  readonly base: { readonly reference: string; readonly digest: string | undefined }
  readonly python: string
  /** The packages of each platform. */
  readonly platforms: readonly PlatformPackages[]
  readonly flowFiles: readonly FlowFile[]
  /** Whether instructions of the user ran after the packages were listed. */
  readonly isExtended: boolean
}

/** The part of a component of CycloneDX that is used here. */
interface Component {
  readonly type: 'container' | 'platform' | 'library' | 'file' | 'application'
  readonly 'bom-ref': string
  readonly name: string
  readonly version?: string
  readonly hashes?: readonly { readonly alg: 'SHA-256'; readonly content: string }[]
  readonly cpe?: string
  readonly purl?: string
  readonly properties?: readonly { readonly name: string; readonly value: string }[]
}

const BASE = 'base-image'

/** The hash of a digest; none for a digest of another kind. */
const hashOf = (digest: string | undefined): Pick<Component, 'hashes'> => {
  const [, content] = /^sha256:([0-9a-f]{64})$/.exec(digest ?? '') ?? []
  return content === undefined ? {} : { hashes: [{ alg: 'SHA-256', content }] }
}

const imageComponent = ({ name, tag, digest }: ImageContents): Component => ({
  type: 'container',
  'bom-ref': 'image',
  name,
  version: digest ?? tag,
  ...hashOf(digest ?? undefined),
  purl: ociPurl(`${name}:${tag}`, digest ?? undefined)
})

/** The base image. One that is in no registry is the image of the user's Dockerfile, or one of the daemon. */
function baseComponent({ reference, digest }: ImageContents['base']): Component {
  const { registry, repository, tag } = parseReference(reference)
  const version = tag ?? digest
  return {
    type: 'container',
    'bom-ref': BASE,
    name: digest === undefined ? reference : `${registry}/${repository}`,
    ...(version === undefined ? {} : { version }),
    ...hashOf(digest),
    ...(digest === undefined ? {} : { purl: ociPurl(reference, digest) })
  }
}

const pythonComponent = (version: string): Component => ({
  type: 'platform',
  'bom-ref': 'python',
  name: 'python',
  version,
  cpe: `cpe:2.3:a:python:python:${version}:*:*:*:*:*:*:*`,
  purl: `pkg:generic/python@${version}`
})

/** Each package once; one that not every platform has names its platforms. */
function packageComponents(platforms: readonly PlatformPackages[]): readonly Component[] {
  const found = new Map<string, { name: string; version: string; on: string[] }>()
  for (const { platform, packages } of platforms) {
    for (const [name, version] of Object.entries(packages)) {
      const purl = pypiPurl(name, version)
      const entry = found.get(purl) ?? { name, version, on: [] }
      entry.on.push(platform)
      found.set(purl, entry)
    }
  }
  return [...found]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([purl, { name, version, on }]) => ({
      type: 'library',
      'bom-ref': purl,
      name,
      version,
      purl,
      ...(on.length === platforms.length
        ? {}
        : { properties: on.map(value => ({ name: 'flowstore:platform', value })) })
    }))
}

const fileComponent = ({ path, sha256: hash, flows }: FlowFile): Component => ({
  type: 'file',
  'bom-ref': `file:${path}`,
  name: path,
  ...hashOf(hash === null ? undefined : `sha256:${hash}`),
  properties: flows.map(value => ({ name: 'flowstore:flow', value }))
})

/** A UUID (version 8, RFC 9562) that the content decides. */
function uuidOf(content: string): string {
  const hex = sha256(content)
  const variant = ((parseInt(hex[16] ?? '0', 16) & 3) | 8).toString(16)
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`]
  return [...parts, `${variant}${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')
}

/**
 * The SBOM of an image (CycloneDX 1.6): its base image, Python, every Python package, and the files of its flows. What the
 * base image consists of beside its Python packages is not listed, and the SBOM says so. The same image gives the same text.
 */
export function sbomOf(image: ImageContents): Readonly<Record<string, unknown>> {
  const component = imageComponent(image)
  const components = [
    baseComponent(image.base),
    pythonComponent(image.python),
    ...packageComponents(image.platforms),
    ...image.flowFiles.map(fileComponent)
  ]
  const body = {
    version: 1,
    metadata: {
      ...(image.created === null ? {} : { timestamp: image.created }),
      tools: { components: [{ type: 'application', name: 'flowstore', version: VERSION }] },
      component
    },
    components,
    dependencies: [{ ref: 'image', dependsOn: components.map(each => each['bom-ref']) }],
    compositions: [
      {
        aggregate: 'incomplete',
        assemblies: [BASE, ...(image.isExtended ? ['image'] : [])]
      }
    ]
  }
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(body))}`,
    ...body
  }
}
