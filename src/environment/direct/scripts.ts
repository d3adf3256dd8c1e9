import { createHash } from 'node:crypto'

/**
 * A console script with another interpreter.
 *
 * @param content the script as an installer wrote it
 * @param from the interpreter that it names
 * @returns undefined for any other file
 */
export function withInterpreter(content: Buffer, from: string, to: string): Buffer | undefined {
  const text = content.toString('latin1')
  const simple = `#!${from}\n`
  if (text.startsWith(simple)) return Buffer.from(`#!${to}\n${text.slice(simple.length)}`, 'latin1')
  // For a path that is long or has a space: a shell that starts Python with the same file (distlib, uv).
  const shell = /^#!\/bin\/sh\n'''exec' ("?'?)([^\n]*?)\1 "\$0" "\$@"\n' '''\n/.exec(text)
  return shell?.[2] === from
    ? Buffer.from(`#!${to}\n${text.slice(shell[0].length)}`, 'latin1')
    : undefined
}

/** A RECORD with the hashes and sizes of changed files, by the paths in it (Python packaging, "Recording installed projects"). */
export function withRecorded(record: string, changed: ReadonlyMap<string, Buffer>): string {
  return record.replace(/^([^,\n"]+),sha256=[^,\n]*,\d*$/gm, (line, path: string) => {
    const content = changed.get(path)
    if (content === undefined) return line
    const hash = createHash('sha256').update(content).digest('base64url')
    return `${path},sha256=${hash},${content.length}`
  })
}

/** The paths in a RECORD. */
export const recordedPaths = (record: string): string[] =>
  record
    .split(/\r?\n/)
    .map(line =>
      line.startsWith('"')
        ? /^"((?:[^"]|"")*)"/.exec(line)?.[1]?.replaceAll('""', '"')
        : line.split(',')[0]
    )
    .filter((path): path is string => path !== undefined && path !== '')
