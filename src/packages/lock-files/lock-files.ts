import { basename } from 'node:path'
import { FlowstoreError } from '../../errors.js'
import type { ProjectChoice, ProjectFormat } from './format.js'
import type * as Formats from './formats.js'

type ChoiceOption = keyof ProjectChoice

/** A format, and the options that choose what of it is installed. */
interface KnownFormat {
  readonly name: keyof typeof Formats
  readonly options: readonly ChoiceOption[]
}

const FORMATS: ReadonlyMap<string, KnownFormat> = new Map<string, KnownFormat>([
  ['pyproject.toml', { name: 'pyproject', options: ['extras', 'groups', 'package'] }],
  ['uv.lock', { name: 'uvLock', options: ['extras', 'groups', 'package'] }],
  ['poetry.lock', { name: 'poetryLock', options: ['extras', 'groups'] }],
  ['Pipfile.lock', { name: 'pipfileLock', options: [] }]
])

/** The format of a lock file or project file by its name; undefined for a requirements file. */
export async function projectFormat(file: string): Promise<ProjectFormat | undefined> {
  const format = FORMATS.get(basename(file))
  // With everything that runs uv and poetry, the formats take 10 ms to load. A requirements file needs none of it.
  return format && (await import('./formats.js'))[format.name]
}

const isSet = (value: string | readonly string[] | undefined): boolean =>
  value !== undefined && value.length > 0

/**
 * Refuses a choice that a requirements file has no meaning for.
 *
 * @param file undefined for none
 * @throws FlowstoreError INVALID_OPTION
 */
export function checkChoice(choice: ProjectChoice, file: string | undefined): void {
  const known = file === undefined ? undefined : FORMATS.get(basename(file))
  for (const option of ['extras', 'groups', 'package'] as const) {
    if (!isSet(choice[option]) || known?.options.includes(option)) continue
    const takers = [...FORMATS].filter(([, { options }]) => options.includes(option))
    const names = takers.map(([name]) => name).join(', ')
    throw new FlowstoreError(
      'INVALID_OPTION',
      file === undefined
        ? `the option '${option}' needs the option 'requirements-file'`
        : `the option '${option}' does not apply to the requirements file '${file}'`,
      { hint: `It works with these requirements files: ${names}.` }
    )
  }
}
