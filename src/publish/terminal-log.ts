import { Recorder } from '../log.js'
import { asFlags } from '../options/values/notation.js'
import type { Colours } from './colours.js'
import type { LiveLine } from './live-line.js'
import { terminalNotice } from './terminal.js'

/** How much a terminal shows. */
export type Verbosity = 'quiet' | 'normal' | 'verbose'

/**
 * Shows a run in a terminal.
 *
 * @param verbosity `quiet` shows nothing; `verbose` also what pip, a build and modules print
 */
export function terminalLog(live: LiveLine, verbosity: Verbosity, colours: Colours): Recorder {
  const nothing = () => undefined
  if (verbosity === 'quiet') {
    return new Recorder({
      info: nothing,
      debug: nothing,
      progress: nothing,
      notice: nothing,
      begin: nothing,
      end: nothing
    })
  }
  const line = (text: string) => {
    live.write(`${text}\n`)
  }
  return new Recorder({
    info: text => {
      line(`  ${asFlags(text)}`)
    },
    debug: text => {
      if (verbosity !== 'verbose') return
      for (const each of text.trimEnd().split('\n')) line(colours.dim(`    | ${each}`))
    },
    progress: text => {
      live.update(text)
    },
    notice: notice => {
      line(terminalNotice(notice, colours))
    },
    begin: phase => {
      line(colours.bold(phase))
    },
    end: (_phase, seconds) => {
      live.end()
      line(colours.dim(`  ${seconds.toFixed(1)} s`))
    }
  })
}
