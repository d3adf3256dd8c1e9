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

const EXPORT = 'Export a requirements file in an earlier step'

/** Files of tools that are no requirements files, and what to do. */
const OTHERS: ReadonlyMap<string, string> = new Map([
  ['pdm.lock', `${EXPORT} (\`pdm export --prod --output requirements.txt\`).`],
  ['pylock.toml', `${EXPORT} with the tool that wrote it.`],
  ['pixi.lock', `${EXPORT}, or use a base-image with the packages.`],
  ['conda-lock.yml', 'Use a base-image or a dockerfile with the conda environment.'],
  ['environment.yml', 'Use a base-image or a dockerfile with the conda environment.'],
  ['environment.yaml', 'Use a base-image or a dockerfile with the conda environment.'],
  ['Pipfile', 'Set requirements-file to Pipfile.lock.'],
  ['setup.py', 'Install the project itself: `.` in python-dependencies.'],
  ['setup.cfg', 'Install the project itself: `.` in python-dependencies.']
])

/** The format of a lock file or project file by its name; undefined for a requirements file. */
export async function projectFormat(file: string): Promise<ProjectFormat | undefined> {
  const remedy = OTHERS.get(basename(file))
  if (remedy !== undefined) {
    throw new FlowstoreError(
      'INVALID_OPTION',
      `the requirements file '${file}' has a format that pip does not read`,
      { file, hint: remedy }
    )
  }
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
