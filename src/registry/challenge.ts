/** What a registry asks for before it does a request (RFC 9110, section 11.6.1). */
export type Challenge =
  | { readonly scheme: 'basic' }
  | {
      readonly scheme: 'bearer'
      /** Where tokens are had. */
      readonly realm: string
      readonly service: string
      /** The scopes that the request needs, as the registry names them: `TYPE:NAME:ACTIONS`. */
      readonly scopes: readonly string[]
      /** `insufficient_scope` and the like (RFC 6750, section 3.1). */
      readonly error: string | undefined
    }

/**
 * Reads a WWW-Authenticate header: its bearer challenge where it has one, else a basic one.
 *
 * @returns undefined for a header with neither
 */
export function parseChallenge(header: string | null): Challenge | undefined {
  const bearer = /(?:^|,)\s*bearer\s+(.*)$/i.exec(header ?? '')?.[1]
  const part = (name: string): string | undefined => {
    const found = new RegExp(`(?:^|[\\s,])${name}=(?:"([^"]*)"|([^\\s",]+))`, 'i').exec(
      bearer ?? ''
    )
    return found?.[1] ?? found?.[2]
  }
  const realm = part('realm')
  if (realm !== undefined) {
    const scopes = part('scope')?.split(' ') ?? []
    return {
      scheme: 'bearer',
      realm,
      service: part('service') ?? '',
      scopes: scopes.filter(scope => /^[^:]+:.+:[^:]+$/.test(scope)),
      error: part('error')
    }
  }
  return /(?:^|,)\s*basic(?:\s|$)/i.test(header ?? '') ? { scheme: 'basic' } : undefined
}

/** Whether a scope lets everything in that another asks for: `repository:NAME:ACTION,ACTION`. */
export function covers(scope: string, asked: string): boolean {
  const [own, other] = [scope, asked].map(text => {
    const colon = text.lastIndexOf(':')
    return { name: text.slice(0, colon), actions: text.slice(colon + 1).split(',') }
  })
  return (
    own?.name === other?.name && !!other?.actions.every(action => own?.actions.includes(action))
  )
}
