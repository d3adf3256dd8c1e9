import type { Origin } from '../../ci/origin.js'
import { VERSION } from '../../version.js'
import type { NamedBase } from '../metadata.js'
import { ociPurl } from './purl.js'

const DOCUMENTATION = 'https://github.com/org/flowstore-action/blob/main/docs/provenance.md'

/** What the parameters of a build mean; the page describes it. */
const BUILD_TYPE = `${DOCUMENTATION}#build-type-1`

/** The builder of a build that no workflow of GitHub ran: nobody vouches for it. */
const UNKNOWN_BUILDER = `${DOCUMENTATION}#builder`

/** The type of an in-toto statement. */
const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1'

/** The type of SLSA's provenance. */
const PROVENANCE_TYPE = 'https://slsa.dev/provenance/v1'

/** A file that decides what goes into an image. */
export interface HashedFile {
  /** Relative to the working directory. */
  readonly path: string
  /** Hexadecimal. */
  readonly sha256: string
}

/** What a provenance says of a build. */
export interface BuildFacts {
  /** The options that decide what is built, by their names, without secrets. */
  readonly parameters: Readonly<Record<string, unknown>>
  readonly key: string
  readonly origin: Origin
  /** Undefined for a base that is in no registry. */
  readonly base: NamedBase | undefined
  /** The environment image in its registry; undefined if it is in none. */
  readonly environment: NamedBase | undefined
  /** Requirement files and lock files. */
  readonly files: readonly HashedFile[]
}

/** A resource of in-toto ("ResourceDescriptor"). */
interface Resource {
  readonly name?: string
  readonly uri?: string
  readonly digest?: Readonly<Record<string, string>>
}

/** SLSA's provenance of an image: what its statement says beside the image's digest. */
export type Provenance = Readonly<Record<string, unknown>>

const imageResource = (name: string, { reference, digest }: NamedBase): Resource => {
  const [algorithm = '', hex = ''] = digest.split(':', 2)
  return { name, uri: ociPurl(reference, digest), digest: { [algorithm]: hex } }
}

function sourceResource({ source, revision }: Origin): readonly Resource[] {
  if (source === undefined && revision === undefined) return []
  return [
    {
      name: 'source',
      ...(source === undefined ? {} : { uri: `git+${source}` }),
      ...(revision === undefined ? {} : { digest: { gitCommit: revision } })
    }
  ]
}

/**
 * The provenance of a build (SLSA 1.0, https://slsa.dev/spec/v1.0/provenance). It names no time and no run, so the same
 * build gives the same one.
 */
export const provenanceOf = (build: BuildFacts): Provenance => ({
  buildDefinition: {
    buildType: BUILD_TYPE,
    externalParameters: build.parameters,
    internalParameters: { key: build.key },
    resolvedDependencies: [
      ...sourceResource(build.origin),
      ...(build.base ? [imageResource('base image', build.base)] : []),
      ...(build.environment ? [imageResource('environment image', build.environment)] : []),
      ...build.files.map(({ path, sha256 }): Resource => ({ name: path, digest: { sha256 } }))
    ]
  },
  runDetails: {
    builder: { id: build.origin.builder ?? UNKNOWN_BUILDER, version: { flowstore: VERSION } }
  }
})

/**
 * An in-toto statement: a provenance of the image with a digest.
 *
 * @param name registry and path of the image
 */
export function provenanceStatement(
  predicate: Provenance,
  name: string,
  digest: string
): Readonly<Record<string, unknown>> {
  const [algorithm = '', hex = ''] = digest.split(':', 2)
  return {
    _type: STATEMENT_TYPE,
    subject: [{ name, digest: { [algorithm]: hex } }],
    predicateType: PROVENANCE_TYPE,
    predicate
  }
}
