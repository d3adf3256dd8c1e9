import { ENTRIES, OPTION_KEYS, optionKey, optionName } from './names.js'

// Texts name options as a workflow writes them: `load-in: image`, 'push: false', or registry-url alone. A name of one
// word, such as `python`, is in backticks or follows the word "option", since it may be a plain word too.

// `flows` are arguments of the command line.
const NAMES = OPTION_KEYS.filter(key => key !== 'flows')
  .map(optionName)
  .sort((a, b) => b.length - a.length)
const NAME = NAMES.join('|')
const LONG_NAME = NAMES.filter(name => name.includes('-')).join('|')

const QUOTED = new RegExp(
  `(?<=\`)(${NAME})(?:: ([^\`]+))?(?=\`)|(?<=')(${NAME}): ([^']+)(?=')`,
  'g'
)
const AFTER_OPTION = new RegExp(
  `(?<=\\b(?:options?|Did you mean) ')(${NAME})(?=')|(?<=\\boption )(${NAME})(?![\\w-])`,
  'g'
)
const BARE_PAIR = new RegExp(`(?<![\\w/."$@-])(${NAME}): ([a-z]+)(?![\\w-])`, 'g')
/** Not in a command of Prefect, such as `prefect work-pool ls`. */
const BARE_NAME = new RegExp(`(?<![\\w/."$@-]|\\bprefect )(${LONG_NAME})(?![\\w-]|[./:=]\\w)`, 'g')

/** A name with a value as a flag: `--no-push`, `--local-image`, `--load-in image`. */
function flag(name: string, value: string | undefined): string {
  const key = optionKey(name)
  const isBoolean = key !== undefined && ENTRIES[key].kind === 'boolean'
  if (isBoolean && value === 'true') return `--${name}`
  if (isBoolean && value === 'false') return `--no-${name}`
  return value === undefined ? `--${name}` : `--${name} ${value}`
}

/** Whether a text can only be a value of the option: true, false, or one of its words. */
function isWord(name: string, value: string): boolean {
  const key = optionKey(name)
  if (key === undefined) return false
  const { kind, choices = [] } = ENTRIES[key]
  return kind === 'boolean' ? ['true', 'false'].includes(value) : choices.includes(value)
}

/** A text of this project with its options as the command line writes them: `--load-in image` for `load-in: image`. */
export const asFlags = (text: string): string =>
  text
    .replace(/\boption 'flows'/g, 'argument FLOWS')
    .replace(QUOTED, (_, ticked?: string, value?: string, name = '', other?: string) =>
      ticked === undefined ? flag(name as string, other) : flag(ticked, value)
    )
    .replace(AFTER_OPTION, '--$&')
    .replace(BARE_PAIR, (pair, name: string, value: string) =>
      isWord(name, value) ? flag(name, value) : pair
    )
    .replace(BARE_NAME, '--$1')
