import * as z from '../../util/schema.js'
import {
  indexLines,
  invalidProject,
  localPath,
  type ProjectFile,
  type ProjectLines
} from './format.js'

const pipfileLock = z.object({
  _meta: z.object({
    sources: z
      .array(z.object({ url: z.string(), verify_ssl: z.boolean().default(true) }))
      .default([])
  }),
  default: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      extras: z.array(z.string()).default([]),
      markers: z.string().optional(),
      hashes: z.array(z.string()).default([]),
      git: z.string().optional(),
      ref: z.string().optional(),
      subdirectory: z.string().optional(),
      path: z.string().optional(),
      file: z.string().optional(),
      editable: z.boolean().default(false)
    })
  )
})

type PipfileLock = z.infer<typeof pipfileLock>
type LockedPackage = PipfileLock['default'][string]

function parseLock(project: ProjectFile): PipfileLock {
  let document: unknown
  try {
    document = JSON.parse(project.text)
  } catch (error) {
    throw invalidProject(project, `is not JSON: ${(error as Error).message}`)
  }
  const parsed = pipfileLock.safeParse(document)
  if (parsed.success) return parsed.data
  throw invalidProject(project, `is not a Pipfile.lock: ${z.faultText(parsed.error, document)}`)
}

/** The address of a locked git repository in pip's form. */
function gitUrl(git: string, { ref, subdirectory }: LockedPackage): string {
  const url = /^[a-z]+\+/.test(git) ? git : `git+${git}`
  const fragment = subdirectory === undefined ? '' : `#subdirectory=${subdirectory}`
  return `${url}${ref === undefined ? '' : `@${ref}`}${fragment}`
}

function packageLine(name: string, locked: LockedPackage, project: ProjectFile): string {
  const extras = locked.extras.length === 0 ? '' : `[${locked.extras.join(',')}]`
  const marker = locked.markers === undefined ? '' : ` ; ${locked.markers}`
  if (locked.git !== undefined) return `${name}${extras} @ ${gitUrl(locked.git, locked)}${marker}`
  const address = locked.path ?? locked.file
  if (address !== undefined) {
    return /^[a-z+]+:/i.test(address)
      ? `${name}${extras} @ ${address}${marker}`
      : `${locked.editable ? '-e ' : ''}${localPath(address, project)}${extras}${marker}`
  }
  if (locked.version === undefined) {
    throw invalidProject(project, `locks '${name}' in a form that flowstore does not support`)
  }
  const version = locked.version === '*' ? '' : locked.version
  const hashes = locked.hashes.map(hash => `--hash=${hash}`)
  return [`${name}${extras}${version}${marker}`, ...hashes].join(' ')
}

const hostOf = (url: string): string => /^\w+:\/\/(?:[^@/]*@)?([^/]+)/.exec(url)?.[1] ?? ''

/** `Pipfile.lock`: its section `default`. */
export function requirements(project: ProjectFile): ProjectLines {
  const { _meta, default: packages } = parseLock(project)
  const lines = [
    ...indexLines(_meta.sources.map(({ url }) => url)),
    ..._meta.sources
      .filter(source => !source.verify_ssl)
      .map(({ url }) => `--trusted-host ${hostOf(url)}`),
    ...Object.entries(packages).map(([name, locked]) => packageLine(name, locked, project))
  ]
  return { lines, locked: true }
}
