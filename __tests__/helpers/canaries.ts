import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { parseIndex, parseManifest } from '../../src/image/oci/documents.js'
import type { RegistryClient } from '../../src/registry/client.js'

/** Each kind of secret that a run can have. */
export const KINDS = [
  'registry-password',
  'docker-auth',
  'identity-token',
  'credential-helper',
  'github-token',
  'runtime-token',
  'prefect-api-key',
  'index-password',
  'netrc-password',
  'declared-secret',
  'secret-file',
  'proxy-password',
  'git-token',
  'step-variable',
  'load-variable'
] as const
export type Kind = (typeof KINDS)[number]

const MARK = 'C4N4RY'

/** A secret that nothing else contains. A module finds it by its beginning, and does not know the rest. */
const canary = (kind: Kind): string => `${MARK}-${kind}-${randomBytes(8).toString('hex')}`

export type Canaries = Readonly<Record<Kind, string>>

export const newCanaries = (): Canaries =>
  Object.fromEntries(KINDS.map(kind => [kind, canary(kind)])) as Canaries

/** The canaries in some bytes: as they are, or in base64 wherever they begin there. URLs and JSON don't change them. */
export function canariesIn(canaries: Canaries, content: Buffer | string): Kind[] {
  const bytes = Buffer.from(content)
  return KINDS.filter(kind =>
    [
      canaries[kind],
      ...['', 'x', 'xy'].flatMap(before => {
        const [from, to] = [before.length, before.length + canaries[kind].length]
        const text = Buffer.from(before + canaries[kind]).toString('base64')
        // Only the characters that no neighbour of the canary changes.
        return text.slice(Math.ceil((from * 4) / 3), Math.floor((to * 4) / 3))
      })
    ].some(form => bytes.includes(form))
  )
}

/** A module whose flow has the kinds of the canaries that it can read in its name. */
export const SPY = `import base64, os, re
from prefect import Flow, task

MARK = b'C4N' + b'4RY-'
FORMS = [MARK]
for offset in range(3):
    text = base64.b64encode(b'\\0' * offset + MARK)
    FORMS.append(text[-(-offset * 4 // 3):(offset + len(MARK)) * 4 // 3])

seen = set()

def look(content):
    for kind in re.findall(MARK + rb'([a-z-]+)-[0-9a-f]{16}', content):
        seen.add(kind.decode())
    if any(form in content for form in FORMS[1:]):
        seen.add('encoded')

def read(path):
    try:
        with open(path, 'rb') as file:
            look(file.read(1 << 18))
    except OSError:
        pass

for name, value in os.environ.items():
    look((name + '=' + value).encode())
for number in filter(str.isdigit, os.listdir('/proc')):
    read('/proc/' + number + '/environ')
    read('/proc/' + number + '/cmdline')
count = 0
for root in ['.', os.path.dirname(os.path.abspath(__file__)), '/tmp', '/run', '/root', '/home', '/etc', '/opt', *PLACES]:
    for folder, folders, names in os.walk(root):
        for name in names:
            count += 1
            if count < 20000:
                read(os.path.join(folder, name))

# With it, a module without eyes can't pass for one that saw nothing.
look(b'C4N' + b'4RY-eyes-' + b'0' * 16)

with Flow('sees ' + ' '.join(sorted(seen))) as flow:
    task(lambda: 1, name='one')()
`

/** A text that a registry or its images have, and what it is called. */
export type Found = readonly [name: string, content: Buffer | string]

const unpacked = (content: Buffer): Buffer =>
  content[0] === 0x1f && content[1] === 0x8b ? gunzipSync(content) : content

/** Everything that was pushed to a repository: manifests, indexes, configurations, layers. */
export async function everythingIn(
  client: RegistryClient,
  repository: string,
  tags: readonly string[],
  known: ReadonlySet<string>
): Promise<{ readonly documents: readonly Found[]; readonly layers: readonly Found[] }> {
  const documents: Found[] = []
  const layers: Found[] = []
  const done = new Set(known)
  const readManifest = async (reference: string): Promise<void> => {
    if (done.has(reference)) return
    done.add(reference)
    const manifest = await client.manifest(repository, reference)
    if (manifest === undefined) return
    documents.push([`manifest ${reference}`, manifest.body])
    if (/index|list/.test(manifest.mediaType)) {
      for (const { digest } of parseIndex(manifest).manifests) await readManifest(digest)
      return
    }
    const { config, layers: parts } = parseManifest(manifest)
    for (const [list, { digest }] of [
      [documents, config] as const,
      ...parts.map(layer => [layers, layer] as const)
    ]) {
      if (done.has(digest)) continue
      done.add(digest)
      list.push([digest, unpacked(await client.blob(repository, digest))])
    }
  }
  for (const tag of tags) await readManifest(tag)
  return { documents, layers }
}

/** What was seen of the processes of this machine. */
export interface Watched {
  /** Command lines with a canary. */
  readonly commandLines: ReadonlySet<string>
  /** Programs with a canary in a variable: their names, and the kinds. */
  readonly variables: ReadonlyMap<string, ReadonlySet<Kind>>
  readonly stop: () => void
}

/** Looks at all processes of this machine again and again, at each a few times. */
export function watchProcesses(canaries: Canaries): Watched {
  const commandLines = new Set<string>()
  const variables = new Map<string, Set<Kind>>()
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'latin1')
    } catch {
      // It has ended.
      return ''
    }
  }
  // A process that has just been forked has the variables of its parent.
  const looks = new Map<string, number>()
  const look = () => {
    for (const id of readdirSync('/proc')) {
      const before = looks.get(id) ?? 0
      if (!/^\d+$/.test(id) || Number(id) === process.pid || before > 4) continue
      looks.set(id, before + 1)
      const line = read(`/proc/${id}/cmdline`)
      if (canariesIn(canaries, line).length > 0) commandLines.add(line)
      const kinds = canariesIn(canaries, read(`/proc/${id}/environ`))
      if (kinds.length === 0) continue
      const name = read(`/proc/${id}/comm`).trim()
      const known = variables.get(name) ?? new Set()
      variables.set(name, known)
      for (const kind of kinds) known.add(kind)
    }
  }
  const timer = setInterval(look, 25)
  return {
    commandLines,
    variables,
    stop: () => {
      clearInterval(timer)
    }
  }
}
