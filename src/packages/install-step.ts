import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { PACKAGE_ROOT } from '../paths.js'
import { sha256 } from '../util/hash.js'
import type { TarEntry } from '../util/tar.js'
import type { IndexAddresses } from './indexes.js'
import { pipArguments, type PipRun } from './pip.js'
import { LIKE_PIP, UV_RELEASE, uvArguments, type Installer } from './uv.js'

/** Packages to install in an image. */
export interface InstallStep {
  /** Command that starts the image's Python. */
  readonly python: string
  /** The pip to upgrade to first, such as `pip==21.3.1`; undefined for none. */
  readonly upgrade?: string | undefined
  readonly runs: readonly PipRun[]
  /** Where packages come from; default what pip in the image is configured with. */
  readonly indexes?: IndexAddresses | undefined
  /** `auto` lets the step decide by the configuration in the image. */
  readonly installer: Installer
  /** Folder of the build context with the files of the runs and the script. */
  readonly context: string
  /** Their folder in it; it is the working directory of the runs. Default the context's own. */
  readonly folder?: string | undefined
}

/** The script of an install step. */
export interface InstallScript {
  /** The script as an entry in a folder of a build context. */
  readonly entry: (folder: string) => TarEntry
  /** SHA-256 of its content, for the key of an environment. */
  readonly hash: string
}

const MOUNT = '/tmp/flowstore-requirements'
const UV_FOLDER = '/tmp/flowstore-uv'
const SCRIPT = 'flowstore-install.sh'

/** Id of the secret of a build that has the package indexes with their logins: lines NAME=VALUE. */
export const INDEXES_SECRET = 'flowstore-indexes'

/** Reads the script that {@link installInstruction} runs; its header describes it. */
export async function installScript(): Promise<InstallScript> {
  const source = join(PACKAGE_ROOT, 'shell', 'install-packages.sh')
  const content = await readFile(source)
  return {
    entry: folder => ({ path: `${folder}/${SCRIPT}`, source, size: content.length }),
    hash: sha256(content)
  }
}

/** The commands for the script to choose from, as its arguments. */
function commandsOf({ python, upgrade, runs, installer }: InstallStep): string[] {
  const inFolder = (name: string) => name
  const pip = `${python} -m pip install --disable-pip-version-check --no-input`
  const byPip = [
    ...(upgrade === undefined ? [] : [upgrade]),
    ...runs.map(run => pipArguments(run, inFolder).join(' '))
  ].map(args => `--pip '${pip} ${args}'`)
  const uv = [
    `${UV_FOLDER}/bin/uv pip install --no-progress`,
    ...(installer === 'auto' ? LIKE_PIP : [])
  ].join(' ')
  const byUv = [
    `--get-uv '${pip} --quiet --no-deps --only-binary=:all: --target ${UV_FOLDER} uv==${UV_RELEASE}'`,
    ...runs.flatMap(run => uvArguments(run, inFolder)).map(args => `--uv '${uv} ${args.join(' ')}'`)
  ]
  switch (installer) {
    case 'pip':
      return byPip
    case 'uv':
      return byUv
    case 'auto':
      return [...byPip, ...byUv]
  }
}

/** The indexes, as arguments of the script. */
const indexArguments = (indexes: IndexAddresses | undefined): string[] => [
  ...(indexes?.index === undefined ? [] : [`--index '${indexes.index}'`]),
  ...(indexes?.extra ?? []).map(url => `--extra-index '${url}'`)
]

const argumentsOf = ({ installer, python }: InstallStep): string =>
  installer === 'pip' ? installer : `${installer} ${python} ${UV_FOLDER}`

/**
 * The instruction that installs packages: it runs `shell/install-packages.sh` of this package. Caches,
 * requirement files, the script and the logins of package indexes are mounted, and uv is removed at the end: none of
 * them stays in the image.
 */
export const installInstruction = (step: InstallStep): string =>
  [
    `RUN --mount=type=bind,source=${step.context},target=${MOUNT},rw`,
    '--mount=type=cache,target=/root/.cache/pip',
    ...(step.indexes === undefined ? [] : [`--mount=type=secret,id=${INDEXES_SECRET}`]),
    `/bin/sh ${posix.join(MOUNT, step.folder ?? '', SCRIPT)} ${argumentsOf(step)}`,
    ...indexArguments(step.indexes),
    ...commandsOf(step)
  ].join(' \\\n    ')
