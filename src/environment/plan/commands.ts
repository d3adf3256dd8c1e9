import { FlowstoreError } from '../../errors.js'

/** Extra instructions, split by when they run. */
export interface Commands {
  /** Instructions that don't depend on the flows: part of the environment image. */
  readonly early: readonly string[]
  /** The first instruction that mentions a folder of the flows, and all after it. */
  readonly late: readonly string[]
}

/**
 * Joins lines of a Dockerfile into instructions: a `\` or a here-document continues one.
 *
 * @throws FlowstoreError INVALID_OPTION for a last line that continues: the instruction after it would be a part of it
 */
function instructionsOf(lines: readonly string[]): string[] {
  const instructions: string[][] = []
  let delimiters: string[] = []
  let continued = false
  for (const line of lines) {
    const comment = /^\s*#/.test(line)
    if (continued || delimiters.length > 0) instructions.at(-1)?.push(line)
    else instructions.push([line])
    if (delimiters.length > 0) {
      if (line.replace(/^\t+/, '').trimEnd() === delimiters[0]) delimiters = delimiters.slice(1)
      continue
    }
    // A comment neither ends a continued instruction nor continues one.
    if (!comment) continued = /\\\s*$/.test(line)
    if (!comment && /^\s*(?:RUN|COPY|ADD)\s/i.test(instructions.at(-1)?.[0] ?? '')) {
      delimiters = [...line.matchAll(/<<-?(["']?)([A-Za-z_]\w*)\1/g)].map(match => match[2] ?? '')
    }
  }
  if (continued) {
    throw new FlowstoreError(
      'INVALID_OPTION',
      `the option 'extra-dockerfile-commands' ends with a line that continues: '${lines.at(-1) ?? ''}'`,
      { hint: 'Remove the backslash at its end, or add the line that follows it.' }
    )
  }
  return instructions.map(parts => parts.join('\n'))
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Whether a text names a folder, or something in it. */
function mentions(text: string, folder: string): boolean {
  const home = folder.startsWith('/root/') ? ['~', '$HOME', '${HOME}'] : []
  const names = [folder, ...home.map(word => folder.replace('/root', word))].map(escaped)
  return new RegExp(`(?<![\\w.-])(?:${names.join('|')})(?![\\w-]|\\.\\w)`).test(text)
}

/**
 * Splits instructions. Prefect runs all of them after the flows are copied, but only those that name a folder
 * of the flows can depend on the flows. The others can be part of the environment image.
 *
 * @param lines lines of a Dockerfile
 * @param folders of the flows, their modules and Prefect's own files
 * @throws FlowstoreError INVALID_OPTION
 */
export function splitCommands(lines: readonly string[], folders: readonly string[]): Commands {
  const all = instructionsOf(lines)
  const first = all.findIndex(text => folders.some(folder => mentions(text, folder)))
  if (first === -1) return { early: all, late: [] }
  const early = all.slice(0, first)
  return {
    early,
    // Unlike ENV, WORKDIR and SHELL, ARG has no effect in an image that is built on this one.
    late: [...early.filter(text => /^\s*ARG\s/i.test(text)), ...all.slice(first)]
  }
}
