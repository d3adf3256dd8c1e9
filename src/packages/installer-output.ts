/** The lines of pip's or uv's output that say why it failed; otherwise its last lines. */
export function pipReason(output: string): string {
  const all = output.trimEnd().split(/\r?\n/)
  let isUvError = false
  const errors = all.filter(line => {
    const begins = /^\s*(ERROR|error):?/.test(line)
    // uv continues an error in indented lines.
    isUvError = /^(error: |\s*×)/.test(line) || (isUvError && /^\s/.test(line))
    return begins || isUvError
  })
  return (errors.length > 0 ? errors : all.slice(-15)).slice(0, 30).join('\n')
}
