/** The lines of pip's or uv's output that say why it failed; its last lines where none does. */
export function pipReason(output: string): string {
  const all = output.trimEnd().split(/\r?\n/)
  let ofUv = false
  const errors = all.filter(line => {
    const begins = /^\s*(ERROR|error):?/.test(line)
    // uv goes on in lines that are indented.
    ofUv = /^(error: |\s*×)/.test(line) || (ofUv && /^\s/.test(line))
    return begins || ofUv
  })
  return (errors.length > 0 ? errors : all.slice(-15)).slice(0, 30).join('\n')
}
