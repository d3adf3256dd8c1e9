// Text of others on its way to a log: names of flows and files, requirements, output of programs.
//
// The runner of GitHub reads commands from what a step prints, on both streams
// (`src/Runner.Common/ActionCommand.cs` in actions/runner): `::name::` at the start of a line, after white space,
// and `##[name]` anywhere in a line. Azure DevOps reads `##vso[` and TeamCity `##teamcity[` anywhere too; GitLab
// reads `section_start:` with the control characters of a terminal.

/**
 * Characters that end a line, steer a terminal, or turn the direction in which text is read: Unicode's `Cc`, `Zl`,
 * `Zp` and `Bidi_Control`, and U+FEFF. As classes of Unicode they would cost each run some milliseconds.
 */
const CONTROL = String.raw`[\0-\x1F\x7F-\x9F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]`
const CONTROLS = new RegExp(`${CONTROL}+`, 'g')
const CONTROL_IN_JSON = new RegExp(`(?!\n)${CONTROL}`, 'g')

/** The first `#` of `##[`, `##vso[` and `##teamcity[`. */
const HASH_OF_COMMAND = /#(?=#\w*\[)/g

/** `::` at the start, without its second colon. */
const COLON_OF_COMMAND = /^(\s*:)(?=:)/

/**
 * A text as one line that no CI service reads as a command. Each run of control characters becomes a space, and so
 * do line breaks and characters that turn the direction of text. A space is put into `##[` and the like, and into
 * `::` at the start. All other text stays as it is.
 */
export const plainLine = (text: string): string =>
  text.replace(CONTROLS, ' ').replace(HASH_OF_COMMAND, '# ').replace(COLON_OF_COMMAND, '$1 ')

/** A text of several lines, each as {@link plainLine} writes it. */
export const plainLines = (text: string): string => text.split(/\r?\n/).map(plainLine).join('\n')

/**
 * A value as indented JSON that may be printed in a CI job: what {@link plainLine} would change is an escape, so
 * a reader gets the value as it was.
 */
export const printableJson = (value: object): string =>
  JSON.stringify(value, null, 2)
    .replace(
      CONTROL_IN_JSON,
      character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
    )
    .replace(HASH_OF_COMMAND, '\\u0023')
