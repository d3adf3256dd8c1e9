import {
  ENTRIES,
  fullDescription,
  OPTION_KEYS,
  OPTION_NAMES,
  optionName
} from '../options/values/names.js'

const INDENT = Math.max(...OPTION_NAMES.map(name => `--${name}  `.length))
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

/** The lines for each flag. `flows` are arguments, and only the Action has artifacts. */
const optionLines = (): string[] =>
  OPTION_KEYS.filter(key => key !== 'flows' && ENTRIES[key].group !== 'Artifact').flatMap(key => {
    const value = ENTRIES[key].default
    const text = fullDescription(key) + (value === undefined ? '' : ` Default: ${value}.`)
    return wrap(text, WIDTH - INDENT).map(
      (line, index) => `  ${(index === 0 ? `--${optionName(key)}` : '').padEnd(INDENT)}${line}`
    )
  })

/** What `flowstore --help` prints. */
export function helpText(): string {
  return `Usage: flowstore build [options] FLOWS...
       flowstore run STORAGE_JSON --flow NAME [--env NAME=VALUE] [--param NAME=JSON]

Loads Prefect flows from modules, adds them to a storage and writes its JSON. For docker storage it
builds an image with the flows and pushes it. \`run\` runs a flow from such a storage, in a container
of its image or in an interpreter like the one that made it, until its final state.

FLOWS are files, folders, globs, 'path.py:flow name' or 'package.module'.

Options (a list takes one value each time it is given; a boolean is --NAME, --NAME false
or --no-NAME):
${optionLines().join('\n')}
  ${'--json'.padEnd(INDENT)}Print the report on standard output, all else on standard error.
  ${'--help, --version'.padEnd(INDENT)}Print this text, or the version.

Exit codes: 0 done, 2 the request is wrong, 3 a flow module is wrong, 4 the environment can't
be set up, 5 a flow doesn't load back, 6 the registry refused, 7 this machine lacks something,
8 a flow ran and did not succeed, 1 a bug in flowstore.

Examples:
  flowstore build flows/ --registry-url ghcr.io/acme --requirements-file requirements.txt
  flowstore build flows/ --storage local --requirements-file requirements.txt`
}
