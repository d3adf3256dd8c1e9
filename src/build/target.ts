import { RegistryClient } from '../registry/client.js'
import type { FindCredentials } from '../registry/credentials.js'
import { readImage, type RegistryImage } from '../image/image.js'
import { isLogin, pushRefused } from '../registry/refusal.js'
import { AppendUnsupported } from '../registry/unsupported.js'
import { parseReference } from '../registry/reference.js'
import { type Run, imageName } from './inputs.js'

/** Where a run's image is pushed to, as far as its registry can be spoken with from here. */
export interface Target {
  /** Registry and name. */
  readonly name: string
  readonly registry: string
  /** Path below the registry. */
  readonly repository: string
  readonly client: RegistryClient
  /** Why the registry can't be spoken with: then the daemon has to. */
  unsupported: string | undefined
  /** The digest that each tag named when it was asked for; undefined where there was none. */
  readonly seen: Map<string, string | undefined>
}

/** The place that the image is pushed to, or undefined where it is not pushed. */
export async function targetOf(
  run: Run,
  credentials: FindCredentials
): Promise<Target | undefined> {
  const { storage, push, registryUrl } = run.options
  if (storage !== 'docker' || !push || registryUrl === undefined) return undefined
  const name = `${registryUrl}/${imageName(run)}`
  const { registry, repository } = parseReference(name)
  const client = new RegistryClient(registry, await credentials(registry), { access: 'pull,push' })
  return { name, registry, repository, client, unsupported: undefined, seen: new Map() }
}

/** The image of a tag; undefined also where the registry can't be asked, which the target then says. */
export async function imageOf(target: Target, tag: string): Promise<RegistryImage | undefined> {
  if (target.unsupported !== undefined) return undefined
  try {
    const image = await readImage(target.client, target.repository, tag)
    target.seen.set(tag, image?.digest)
    return image
  } catch (error) {
    if (error instanceof AppendUnsupported) {
      target.unsupported = error.reason
      return undefined
    }
    // Who may not read may not push either: that is what a person wants to hear.
    const { client, registry, repository } = target
    const refusal = await client.pushRefusal(repository).catch(() => undefined)
    throw refusal && isLogin(refusal.status)
      ? pushRefused(registry, repository, refusal, error)
      : error
  }
}
