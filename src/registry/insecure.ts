import { causeOf } from '../http/fault.js'
import type { Send } from '../http/send.js'

/**
 * The registries that a user allows to have no TLS, or a certificate that nobody can check. Each is asked as safely as it
 * allows, and what it does not allow is told once.
 */
export class InsecureRegistries {
  private readonly unchecked = new Set<string>()
  private readonly told = new Set<string>()

  /**
   * @param hosts with their ports, as in image references
   * @param tell is called with what is not safe, as a sentence
   */
  constructor(
    private readonly hosts: readonly string[],
    private readonly tell: (message: string) => void
  ) {}

  /** Whether an address is at one of them. */
  has({ protocol, host }: URL): boolean {
    return this.hosts.some(each => new URL(`${protocol}//${each}`).host === host)
  }

  /** Tells that a registry has no TLS. */
  noteNoTls(registry: string): void {
    this.tellOnce(
      `${registry} has no TLS, which insecure-registries allows: who is in the network can read the login and change images`
    )
  }

  /** Sends requests so that a certificate which can't be checked is trusted, if it is that of one of these. */
  sending(send: Send): Send {
    return async (url, request) => {
      if (url.protocol !== 'https:' || !this.has(url)) return send(url, request)
      if (!this.unchecked.has(url.host)) {
        try {
          return await send(url, request)
        } catch (error) {
          if (!isUntrusted(error)) throw error
          this.unchecked.add(url.host)
          this.tellOnce(
            `the certificate of ${url.host} is not trusted (${causeOf(error)}), which insecure-registries allows: who is in the network can take its place`
          )
        }
      }
      return send(url, { ...request, trust: { isChecked: false } })
    }
  }

  private tellOnce(message: string): void {
    if (this.told.has(message)) return
    this.told.add(message)
    this.tell(message)
  }
}

/** No registry is one. */
export const NONE_INSECURE = new InsecureRegistries([], () => undefined)

/** Whether a server has TLS, and a certificate that can't be checked. */
export const isUntrusted = (error: unknown): boolean =>
  /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/.test(causeOf(error))
