/** Further instructions, by when they run. */
export interface Commands {
  /** Those that need nothing of the flows: part of the environment, and kept with it. */
  readonly early: readonly string[]
  /** The first that mentions a folder of the flows, and all that follow it. */
  readonly late: readonly string[]
}

/** Lines of a Dockerfile as its instructions: what a `\` or a here-document continues is one. */
function instructionsOf(lines: readonly string[]): string[] {
  const instructions: string[][] = []
  let ends: string[] = []
  let continued = false
  for (const line of lines) {
    const comment = /^\s*#/.test(line)
    if (continued || ends.length > 0) instructions.at(-1)?.push(line)
    else instructions.push([line])
    if (ends.length > 0) {
      if (line.replace(/^\t+/, '').trimEnd() === ends[0]) ends = ends.slice(1)
      continue
    }
    // A comment between continued lines ends nothing, and one by itself continues nothing.
    if (!comment) continued = /\\\s*$/.test(line)
    if (!comment && /^\s*(?:RUN|COPY|ADD)\s/i.test(instructions.at(-1)?.[0] ?? '')) {
      ends = [...line.matchAll(/<<-?(["']?)([A-Za-z_]\w*)\1/g)].map(match => match[2] ?? '')
    }
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
 * Divides instructions: Prefect runs all of them after the flows are copied, but only what names a
 * folder of theirs can tell the difference. The others can be part of the environment, which is kept.
 *
 * @param lines lines of a Dockerfile
 * @param folders where flows, their modules and Prefect's own files lie
 */
export function splitCommands(lines: readonly string[], folders: readonly string[]): Commands {
  const all = instructionsOf(lines)
  const first = all.findIndex(text => folders.some(folder => mentions(text, folder)))
  if (first === -1) return { early: all, late: [] }
  const early = all.slice(0, first)
  return {
    early,
    // Unlike ENV, WORKDIR and SHELL, arguments do not go on into an image built on this one.
    late: [...early.filter(text => /^\s*ARG\s/i.test(text)), ...all.slice(first)]
  }
}
