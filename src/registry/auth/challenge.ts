/** The challenge of a registry to a request (RFC 9110, section 11.6.1). */
export type Challenge =
  | { readonly scheme: 'basic' }
  | {
      readonly scheme: 'bearer'
      /** The address of the token service, as the registry gives it. */
      readonly realm: string
      readonly service: string
      /** The scopes that the request needs, as the registry names them: `TYPE:NAME:ACTIONS`. */
      readonly scopes: readonly string[]
      /** `insufficient_scope` and the like (RFC 6750, section 3.1). */
      readonly error: string | undefined
    }

/**
 * Reads a WWW-Authenticate header: its bearer challenge if it has one, else a basic one.
 *
 * @returns undefined for a header with neither
 */
export function parseChallenge(header: string | null): Challenge | undefined {
  const bearer = /(?:^|,)\s*bearer\s+(.*)$/i.exec(header ?? '')?.[1] ?? ''
  const realm = parameterOf(bearer, 'realm')
  if (realm !== undefined) {
    const scopes = parameterOf(bearer, 'scope')?.split(' ') ?? []
    return {
      scheme: 'bearer',
      realm,
      service: parameterOf(bearer, 'service') ?? '',
      scopes: scopes.filter(scope => /^[^:]+:.+:[^:]+$/.test(scope)),
      error: parameterOf(bearer, 'error')
    }
  }
  return /(?:^|,)\s*basic(?:\s|$)/i.test(header ?? '') ? { scheme: 'basic' } : undefined
}

/** The value of `NAME=value` or `NAME="value"` in a challenge. */
function parameterOf(challenge: string, name: string): string | undefined {
  const found = new RegExp(`(?:^|[\\s,])${name}=(?:"([^"]*)"|([^\\s",]+))`, 'i').exec(challenge)
  return found?.[1] ?? found?.[2]
}

/** Whether a scope includes all of a needed scope. The form is `repository:NAME:ACTION,ACTION`. */
export function covers(scope: string, needed: string): boolean {
  const { name, actions } = partsOf(scope)
  const { name: neededName, actions: neededActions } = partsOf(needed)
  return name === neededName && neededActions.every(action => actions.includes(action))
}

function partsOf(scope: string) {
  const colon = scope.lastIndexOf(':')
  return { name: scope.slice(0, colon), actions: scope.slice(colon + 1).split(',') }
}

/** Whether a text is an address that can be asked over http or https. */
export const isWebAddress = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
