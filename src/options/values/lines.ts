/** The lines of a text that are neither empty nor a comment, trimmed. */
export const textLines = (text: string): readonly string[] =>
  text
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
