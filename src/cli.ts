import { errorsOf, FlowstoreError } from './errors.js'
import { terminalError } from './publish/terminal.js'
import { VERSION } from './version.js'

// Each command is imported when it is called: `--help` needs neither Docker nor a registry.
const COMMANDS = new Map([
  ['build', async () => (await import('./commands/build.js')).buildCommand],
  ['run', async () => (await import('./commands/run.js')).runCommand]
])

/** The CLI: runs a command, prints its errors and sets the exit code. */
export async function runCli(
  argv: readonly string[] = process.argv.slice(2),
  env: NodeJS.ProcessEnv = process.env
): Promise<void> {
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  const writeError = (text: string) => void process.stderr.write(text)
  if (argv.length === 0 || argv.includes('--help') || argv.includes('-h')) {
    const { helpText } = await import('./commands/help.js')
    print(helpText())
    return
  }
  if (argv.includes('--version')) {
    print(VERSION)
    return
  }
  try {
    const [name = '', ...args] = argv
    const importCommand = COMMANDS.get(name)
    if (importCommand === undefined) {
      throw new FlowstoreError('UNKNOWN_OPTION', `there is no command '${name}'`, {
        hint: 'The commands are flowstore build FLOWS… and flowstore run STORAGE_JSON; see flowstore --help.'
      })
    }
    const command = await importCommand()
    await command(args, env, { print, writeError })
  } catch (thrown) {
    const errors = errorsOf(thrown)
    for (const error of errors) writeError(`${terminalError(error)}\n`)
    process.exitCode = errors[0]?.exitCode ?? 1
  }
}
