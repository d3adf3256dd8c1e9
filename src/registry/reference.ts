import { FlowstoreError } from '../errors.js'

/** The name of a repository of images. */
export interface RepositoryName {
  /** Host with port, such as `127.0.0.1:5000`; `docker.io` if none is written. */
  readonly registry: string
  /** Path below the registry, such as `library/python`. */
  readonly repository: string
}

/** An image reference, parsed. */
export interface Reference extends RepositoryName {
  /** `latest` if neither tag nor digest is written. */
  readonly tag: string | undefined
  readonly digest: string | undefined
}

// The grammar of the OCI distribution specification 1.1, section "Pulling manifests".
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`)
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/
const DIGEST = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/
/** A digest of an algorithm that the OCI specification registers, with a part that is not its hash. */
const WRONG_HASH = /^(?:sha256:(?![a-f0-9]{64}$)|sha512:(?![a-f0-9]{128}$))/
const REGISTRY = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::\d+)?$/

/** Whether a text is a repository path: lower case, components joined by `/`. */
export const isRepository = (text: string): boolean => REPOSITORY.test(text) && text.length <= 255

/** Whether a text is a tag: up to 128 of letters, digits, `_`, `.` and `-`, not beginning with `.` or `-`. */
export const isTag = (text: string): boolean => TAG.test(text)

/** Whether a text is a registry's host, with or without a port. */
export const isRegistry = (text: string): boolean =>
  REGISTRY.test(text) && URL.canParse(`https://${text}`)

/** The valid repository path nearest to a text, for default names; `flows` if there is none. */
export function toRepository(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9._/-]+/g, '-')
    .split('/')
    .map(part =>
      part.replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '').replace(/\.{2,}|_{3,}|[._-]{2,}/g, '-')
    )
    .filter(part => part !== '')
    .join('/')
  return isRepository(name) ? name : 'flows'
}

/** Splits a text as Docker does; without a check of the parts. */
function split(text: string) {
  const [path = '', digest] = text.split('@', 2) as [string, string | undefined]
  const slash = path.indexOf('/')
  const first = slash === -1 ? '' : path.slice(0, slash)
  const hasRegistry = first.includes('.') || first.includes(':') || first === 'localhost'
  const rest = hasRegistry ? path.slice(slash + 1) : path
  const colon = rest.lastIndexOf(':')
  return {
    registry: hasRegistry ? first : undefined,
    name: colon === -1 ? rest : rest.slice(0, colon),
    tag: colon === -1 ? undefined : rest.slice(colon + 1),
    digest
  }
}

/** A reference with the path of its repository in lower case; its registry, tag and digest stay as they are. */
export function withLowerPath(text: string): string {
  const { registry, name } = split(text)
  const before = registry === undefined ? '' : `${registry}/`
  return before + name.toLowerCase() + text.slice(before.length + name.length)
}

/** As {@link withLowerPath}, of a registry with a path or without one, `ghcr.io/acme`. */
export const lowerPrefix = (text: string): string => withLowerPath(`${text}/x`).slice(0, -2)

/**
 * Parses an image reference as Docker does: a first component with a dot, a colon or the name
 * `localhost` is the registry, else the image is Docker Hub's.
 *
 * @throws FlowstoreError INVALID_REFERENCE
 */
export function parseReference(text: string): Reference {
  const { registry = 'docker.io', name, tag: written, digest } = split(text)
  const tag = written ?? (digest === undefined ? 'latest' : undefined)
  const repository = registry === 'docker.io' && !name.includes('/') ? `library/${name}` : name
  const valid =
    isRegistry(registry) &&
    isRepository(repository) &&
    (tag === undefined || isTag(tag)) &&
    (digest === undefined || (DIGEST.test(digest) && !WRONG_HASH.test(digest)))
  if (!valid) {
    throw new FlowstoreError('INVALID_REFERENCE', `'${text}' is not an image reference`, {
      hint: 'Write [registry[:port]/]repository[:tag][@digest], the repository in lower case.'
    })
  }
  return { registry, repository, tag, digest }
}

/** The name as people write it, without tag and digest: `python`, `ghcr.io/acme/flows`. */
export function familiarName({ registry, repository }: RepositoryName): string {
  return registry === 'docker.io'
    ? repository.replace(/^library\/(?=[^/]+$)/, '')
    : `${registry}/${repository}`
}

/** A reference as a text: the familiar name with tag and digest, `python:3.9@sha256:…`. */
export function referenceText(reference: Reference): string {
  const { tag, digest } = reference
  const suffixes = [tag === undefined ? '' : `:${tag}`, digest === undefined ? '' : `@${digest}`]
  return familiarName(reference) + suffixes.join('')
}

/** The reference of a tag in a repository. */
export const withTag = ({ registry, repository }: RepositoryName, tag: string): Reference => ({
  registry,
  repository,
  tag,
  digest: undefined
})

/** Whether two names mean the same repository. */
export const isSameRepository = (one: RepositoryName, other: RepositoryName): boolean =>
  one.registry === other.registry && one.repository === other.repository
