import { FlowstoreError } from '../errors.js'
import type { OptionKey } from '../options/schema.js'
import {
  ENTRIES,
  fullDescription,
  OPTION_KEYS,
  optionKey,
  optionName
} from '../options/values/names.js'
import { asFlags } from '../options/values/notation.js'
import { nearest } from '../util/text.js'

const WIDTH = 96

/** Breaks a text into lines of at most `width` characters. */
function wrap(text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1] ?? ''
    if (line !== '' && line.length + word.length >= width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines
}

/** Rows of a name and its text, aligned. */
function rows(entries: readonly (readonly [string, string])[]): string {
  const indent = Math.max(...entries.map(([name]) => name.length)) + 4
  return entries
    .flatMap(([name, text]) =>
      wrap(text, WIDTH - indent).map(
        (line, index) => (index === 0 ? `  ${name}` : '').padEnd(indent) + line
      )
    )
    .join('\n')
}

// `flows` are arguments, and only the Action has artifacts.
const KEYS = OPTION_KEYS.filter(key => key !== 'flows' && ENTRIES[key].group !== 'Artifact')

/** The options of each group, in the order of the schema. */
const GROUPS: ReadonlyMap<string, readonly OptionKey[]> = new Map(
  KEYS.map(key => {
    const { group } = ENTRIES[key]
    return [group, KEYS.filter(each => ENTRIES[each].group === group)]
  })
)

/** A group's name as an argument: `docker-daemon`. */
const groupWord = (group: string): string => group.toLowerCase().replace(' ', '-')

const flagOf = (key: OptionKey): string => `--${optionName(key)}`

function optionText(key: OptionKey): string {
  const { default: value } = ENTRIES[key]
  return asFlags(fullDescription(key)) + (value === undefined ? '' : ` Default: ${value}.`)
}

/** The first sentence of an option's description. */
const shortText = (key: OptionKey): string =>
  asFlags(/^.*?\.(?= |$)/s.exec(ENTRIES[key].description)?.[0] ?? '')

const optionRows = (keys: readonly OptionKey[]): string =>
  rows(keys.map(key => [flagOf(key), optionText(key)]))

const COMMON: readonly OptionKey[] = [
  'registryUrl',
  'imageName',
  'requirementsFile',
  'prefectVersion',
  'storage',
  'push'
]

const OUTPUT_ROWS = [
  [
    '--json',
    'Print the result, or the errors, as JSON on standard output; all else on standard error.'
  ],
  ['--verbose', 'Also print what pip, the build and flow modules print.'],
  ['--quiet', 'Print only the result and errors.']
] as const

const overview = (): string => `Usage: flowstore COMMAND

Loads Prefect flows from modules, adds them to a storage and writes its JSON. For docker storage
it builds an image with the flows and pushes it.

Commands:
${rows([
  ['build FLOWS...', 'Build a storage: --help names its options by group.'],
  ['run STORAGE_JSON', 'Run one flow of a storage until its final state.'],
  ['verify STORAGE_JSON|IMAGE', 'Check that a pushed image is what was built.'],
  ['deploy DEPLOYMENTS_JSON', "Write deployments to Prefect's API (Prefect 2 and 3)."],
  ['help COMMAND [TOPIC]', 'Explain a command, or options: flowstore help build image.'],
  ['version', 'Print the version, as -V and --version do.']
])}

Options of build that most use:
${rows(COMMON.map(key => [flagOf(key), shortText(key)]))}

Example:
  flowstore build flows/ --registry-url ghcr.io/acme --requirements-file requirements.txt`

const build = (): string => `Usage: flowstore build FLOWS... [options]

FLOWS are files, folders, globs, 'path.py:flow name', 'path.py:function', 'path.py:Class.method'
or 'package.module'.

Options that most use:
${rows(COMMON.map(key => [flagOf(key), shortText(key)]))}

All options by group; flowstore help build GROUP or OPTION explains them, all explains each:
${rows([...GROUPS].map(([group, keys]) => [groupWord(group), keys.map(flagOf).join(' ')]))}

Output:
${rows(OUTPUT_ROWS)}

A list takes one value each time it is given. A boolean is --NAME, --NAME false or --no-NAME.

Exit codes: 0 done, 2 the request is wrong, 3 a flow module is wrong, 4 the environment can't
be set up, 5 a flow doesn't load back, 6 the registry or Prefect's API refused, 7 this machine
lacks something, 1 a bug in flowstore, 130 and 143 ended by SIGINT and SIGTERM.

Example:
  flowstore build flows/ --storage local --requirements-file requirements.txt`

const runText = (): string => `Usage: flowstore run STORAGE_JSON [--flow NAME] [options]

Runs a flow until its final state: in a container of its image, or in an interpreter like the one
that made the storage. What the flow prints goes to standard error.

Options:
${rows([
  ['--flow', 'Name of the flow; without it, the only one of the storage.'],
  ['--param', 'Parameter of the flow as NAME=VALUE. VALUE is JSON, or text if it is none.'],
  ['--env', 'Environment variable of the run as NAME=VALUE.'],
  [
    '--python',
    'Python interpreter for a flow that is in no image: a path or a version such as 3.9.'
  ],
  ['--requirements-file', shortText('requirementsFile')],
  ['--extras', shortText('extras')],
  ['--groups', shortText('groups')],
  ['--package', shortText('package')],
  ['--python-dependencies', shortText('pythonDependencies')],
  ['--base-url', shortText('baseUrl')],
  ...OUTPUT_ROWS
])}

--param and --env can be given several times.

Exit codes: those of flowstore build, and 8 if the flow ran and did not succeed.

Example:
  flowstore run .flowstore/storage.json --flow etl --param day=2020-01-01`

const verifyText = (): string => `Usage: flowstore verify STORAGE_JSON|IMAGE [options]

Checks an image in its registry against what its build recorded: that it is there under its digest,
with all its content; that its labels have the storage; that each flow's file is the one that was
built; and that each flow loads back in a container of the image. With a storage.json, the digest
comes from the report.json beside it.

Options:
${rows([
  ['--healthcheck', 'Load the flows back, which needs a Docker daemon. Default: true.'],
  ['--base-url', shortText('baseUrl')],
  ...OUTPUT_ROWS
])}

Exit codes: 0 all is as it was built, 2 the request is wrong, 5 something is not, 6 the registry
refused or can't be reached, 7 no Docker daemon.

Example:
  flowstore verify .flowstore/storage.json`

const deployText = (): string => `Usage: flowstore deploy DEPLOYMENTS_JSON [options]

Writes the deployments of a deployments.json to Prefect's API, without Prefect on this machine. All
checks come first: the server and its version, work pools, job variables, names, templates. Then only
what differs from the server is written. If a deployment can't be written, those before it are put
back as they were.

PREFECT_API_URL names the API. PREFECT_API_KEY is the login, or PREFECT_API_AUTH_STRING for a server
with a password. Templates get their values from the environment and the API: {{ $NAME }},
{{ prefect.variables.NAME }}, {{ prefect.blocks.TYPE.NAME }}.

Options:
${rows([
  ['--dry-run', 'Only print how the deployments differ from the server.'],
  [
    '--prune',
    `Delete the deployments that this project wrote and that are gone from the file. They are known by the label flowstore.project, which servers have since 3.1.`
  ],
  [
    '--project',
    'Project in that label; without it, the name of the image and the folder of its flows. Give each file its own if several are deployed from one image.'
  ],
  ...OUTPUT_ROWS
])}

Exit codes: 0 done, 2 the request is wrong or a check failed, 6 the server refused or can't be
reached.

Example:
  flowstore deploy .flowstore/deployments.json --dry-run`

/** The options of a group, of an option's name, or of `all`. */
function topicText(topic: string): string {
  const word = topic.toLowerCase().replace(/^--(no-)?/, '')
  if (word === 'all') {
    return [...GROUPS].map(([group, keys]) => `${group}:\n${optionRows(keys)}`).join('\n\n')
  }
  const key = optionKey(word)
  const group = [...GROUPS.keys()].find(each =>
    [each.toLowerCase(), groupWord(each)].includes(word)
  )
  if (group !== undefined) return `${group}:\n${optionRows(GROUPS.get(group) ?? [])}`
  if (key !== undefined && KEYS.includes(key)) return optionRows([key])
  const groups = [...[...GROUPS.keys()].map(groupWord), 'all']
  const near = nearest(word, [...groups, ...KEYS.map(optionName)])
  throw new FlowstoreError('UNKNOWN_OPTION', `flowstore build has no options '${topic}'`, {
    hint: `${near ? `Did you mean '${near}'? ` : ''}The groups are ${groups.join(', ')}.`
  })
}

/**
 * What `flowstore help` prints.
 *
 * @param topics a command, and for `build` a group or options; empty for the overview
 * @throws FlowstoreError UNKNOWN_OPTION for an unknown command or topic
 */
export function helpText([command, ...topics]: readonly string[]): string {
  switch (command) {
    case undefined:
    case 'help':
    case 'version':
      return overview()
    case 'build':
      return topics.length === 0 ? build() : topics.map(topicText).join('\n\n')
    case 'run':
      return runText()
    case 'verify':
      return verifyText()
    case 'deploy':
      return deployText()
    default: {
      const near = nearest(command, ['build', 'run', 'verify', 'deploy'])
      throw new FlowstoreError('UNKNOWN_OPTION', `there is no command '${command}'`, {
        hint: near ? `Did you mean 'flowstore help ${near}'?` : 'See flowstore --help.'
      })
    }
  }
}
