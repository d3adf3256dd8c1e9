import { join } from 'node:path'
import type { Notice } from '../../log.js'
import { ruleFor, sourceRules } from '../../sources/source-rules.js'
import type { Sources } from '../../sources/sources.js'
import { readWhole } from '../../util/file-parts.js'

/** Names of files that hold nothing but keys or logins. */
const SECRET_NAME =
  /(^|\/)(\.env(\.(?!example|sample|template|dist)[^/]*)?|\.netrc|\.pypirc|\.git-credentials|kubeconfig|[^/]*\.(p12|pfx|jks|keystore))$/i

/** Names of files that hold a key or a login, or something public. */
const MAYBE_SECRET_NAME =
  /(^|\/)(id_(rsa|dsa|ecdsa|ed25519)|[^/]*\.(pem|key)|[^/]*credentials[^/]*\.json)$/i

/** What only a key or a login has: a private key, or a field of a login of a cloud. */
const SECRET_TEXT =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----|"(private_key|client_secret|refresh_token)"\s*:/

/** Paths that a notice names. */
const MOST_NAMED = 5

/**
 * Says which sources are keys or logins by their names, of flows whose image gets all sources. Those that the option
 * `sources` names are wanted.
 *
 * @param lines the option `sources`
 * @throws FlowstoreError FILE_UNREADABLE; FILE_CHANGED for a file that disappears meanwhile
 */
export async function secretSources(
  { root, files }: Sources,
  lines: readonly string[]
): Promise<Notice | undefined> {
  const rules = sourceRules(lines)
  const found: string[] = []
  for (const { path, link } of files) {
    const rule = ruleFor(rules, path)
    if (link !== undefined || (rule?.includes === true && rule.path === path)) continue
    const isSecret =
      SECRET_NAME.test(path) ||
      (MAYBE_SECRET_NAME.test(path) &&
        SECRET_TEXT.test((await readWhole(join(root, path))).toString()))
    if (isSecret) found.push(path)
  }
  const [first] = found
  if (first === undefined) return undefined
  const shown = found.slice(0, MOST_NAMED).join(', ')
  const more = found.length > MOST_NAMED ? ` and ${found.length - MOST_NAMED} more` : ''
  return {
    level: 'warning',
    message: `all who can pull the image can read what looks like a key or a login: ${shown}${more}. Leave it out with the line '!${first}' in --sources or an ignore file, or name it in --sources if the flows need it`,
    file: first
  }
}
