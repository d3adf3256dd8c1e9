import * as z from '../../util/schema.js'
import { indexLines, localPath, parseToml, tableOf, type ProjectFile } from './format.js'

const hashed = z.object({ hash: z.string() })

const lockedPackage = z.object({
  name: z.string(),
  version: z.string(),
  optional: z.boolean().default(false),
  /** From format 2.1 on. */
  groups: z.array(z.string()).optional(),
  /** From format 2.1 on: one marker, or one for each group. */
  markers: z.unknown().optional(),
  /** `main` or `dev`, up to format 1.1. */
  category: z.string().optional(),
  /** Up to format 1.0. */
  marker: z.string().optional(),
  develop: z.boolean().default(false),
  /** From format 2.0 on. */
  files: z.array(hashed).optional(),
  source: z
    .object({
      type: z.string(),
      url: z.string(),
      resolved_reference: z.string().optional(),
      subdirectory: z.string().optional()
    })
    .optional()
})

const poetryLock = z.object({
  package: z.array(lockedPackage),
  metadata: z.object({
    'lock-version': z.string().optional(),
    /** Up to format 1.1. */
    files: z.record(z.string(), z.array(hashed)).optional(),
    /** Of the first format. */
    hashes: z.record(z.string(), z.array(z.string())).optional()
  })
})

type PoetryLock = z.infer<typeof poetryLock>
type LockedPackage = PoetryLock['package'][number]

/** Formats whose packages have their own markers: the others have to be derived from the dependencies. */
const hasMarkers = ({ package: packages, metadata }: PoetryLock): boolean =>
  ['1.0', undefined].includes(metadata['lock-version'])
    ? packages.every(({ category }) => category !== undefined)
    : packages.every(({ groups }) => groups !== undefined)

const isMain = ({ groups, category, optional }: LockedPackage): boolean =>
  !optional && (groups?.includes('main') ?? category === 'main')

const markerOf = ({ marker, markers }: LockedPackage): string => {
  const own = typeof markers === 'string' ? markers : tableOf(markers)['main']
  const found = typeof own === 'string' ? own : (marker ?? '')
  return found === '' ? '' : ` ; ${found}`
}

function hashesOf({ name, files }: LockedPackage, { metadata }: PoetryLock): string[] {
  const found = files ?? metadata.files?.[name]
  return (
    found?.map(({ hash }) => hash) ?? metadata.hashes?.[name]?.map(hash => `sha256:${hash}`) ?? []
  )
}

function lineOf(locked: LockedPackage, lock: PoetryLock, project: ProjectFile): string {
  const { name, version, source, develop } = locked
  const marker = markerOf(locked)
  if (source === undefined || source.type === 'legacy') {
    const hashes = hashesOf(locked, lock).map(hash => `--hash=${hash}`)
    return [`${name}==${version}${marker}`, ...hashes].join(' ')
  }
  switch (source.type) {
    case 'git': {
      const { url, resolved_reference: commit = 'HEAD', subdirectory } = source
      const folder = subdirectory === undefined ? '' : `#subdirectory=${subdirectory}`
      return `${name} @ git+${url}@${commit}${folder}${marker}`
    }
    case 'url':
      return `${name} @ ${source.url}${marker}`
    default:
      return `${develop ? '-e ' : ''}${localPath(source.url, project)}${marker}`
  }
}

/**
 * The requirement lines of a `poetry.lock`, from the file alone: the packages of the group `main`.
 *
 * @returns undefined if the file has another form, or does not say which packages are for what: in the formats 1.1 to
 * 2.0 that follows from the dependencies
 * @throws FlowstoreError INVALID_OPTION for a file that is not TOML
 */
export function lockedLines(project: ProjectFile): string[] | undefined {
  const parsed = poetryLock.safeParse(parseToml(project.text, project.file))
  if (!parsed.success || !hasMarkers(parsed.data)) return undefined
  const packages = parsed.data.package.filter(isMain)
  const indexes = packages.flatMap(({ source }) => (source?.type === 'legacy' ? [source.url] : []))
  return [
    // PyPI stays the first index, as in what poetry exports.
    ...indexLines(['https://pypi.org/simple', ...new Set(indexes)]),
    ...packages.map(locked => lineOf(locked, parsed.data, project))
  ]
}
