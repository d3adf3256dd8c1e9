import { errorsOf, FlowstoreError } from './errors.js'
import type { CommandOutput } from './commands/output.js'
import { colours, hasColours } from './publish/colours.js'
import { jsonErrors, terminalError } from './publish/terminal.js'
import { printableJson } from './util/plain-text.js'
import { orInterrupted } from './util/interruption.js'
import { onWorkOver } from './util/scope.js'
import { unlessStuck } from './util/stuck.js'
import { nearest } from './util/text.js'
import { VERSION } from './version.js'

// Each command is imported when it is called: `--help` needs neither Docker nor a registry.
const COMMANDS = new Map([
  ['build', async () => (await import('./commands/build.js')).buildCommand],
  ['run', async () => (await import('./commands/run.js')).runCommand],
  ['verify', async () => (await import('./commands/verify.js')).verifyCommand],
  ['deploy', async () => (await import('./commands/deploy.js')).deployCommand]
])
const COMMAND_NAMES = [...COMMANDS.keys(), 'help', 'version']

const HELP_FLAGS = ['--help', '-h']
const VERSION_FLAGS = ['--version', '-V']

/** The arguments before `--`. */
const beforeOperands = (argv: readonly string[]): readonly string[] =>
  argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv

/** The command and the topic that help is asked for; undefined if it is not asked for. */
function helpRequest(argv: readonly string[]): readonly string[] | undefined {
  const [name = 'help', ...rest] = beforeOperands(argv)
  if (name === 'help') return rest.filter(word => !HELP_FLAGS.includes(word))
  const flag = [name, ...rest].findIndex(word => HELP_FLAGS.includes(word))
  if (flag === -1) return undefined
  const topics = [name, ...rest].slice(flag + 1)
  return flag === 0 ? topics : [name, ...topics]
}

/** Whether a command's result is asked for as JSON. It is found without the flags of the command, for their errors. */
function wantsJson(argv: readonly string[]): boolean {
  const args = beforeOperands(argv)
  const index = args.findLastIndex(arg => /^--(no-)?json(=|$)/.test(arg))
  const flag = args[index]
  if (flag === undefined || flag === '--no-json') return false
  return flag !== '--json=false' && (flag !== '--json' || args[index + 1] !== 'false')
}

function unknownCommand(name: string, args: readonly string[]): FlowstoreError {
  const near = nearest(name, COMMAND_NAMES)
  const isOperand = /^-|[./*]/.test(name)
  return new FlowstoreError('UNKNOWN_OPTION', `there is no command '${name}'`, {
    hint: isOperand
      ? `The command comes first: flowstore build ${[name, ...args].join(' ')}`
      : near
        ? `Did you mean 'flowstore ${near}'?`
        : `The commands are ${COMMAND_NAMES.join(', ')}; see flowstore --help.`
  })
}

async function runCommandLine(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  output: CommandOutput
): Promise<void> {
  const topics = helpRequest(argv)
  if (topics !== undefined) {
    const { helpText } = await import('./commands/help.js')
    output.print(helpText(topics))
    return
  }
  const [name = '', ...args] = argv
  if (name === 'version' || beforeOperands(argv).some(arg => VERSION_FLAGS.includes(arg))) {
    output.print(VERSION)
    return
  }
  const importCommand = COMMANDS.get(name)
  if (importCommand === undefined) throw unknownCommand(name, args)
  const command = await importCommand()
  await command(args, env, output)
}

/** A reader such as `head` that has read enough is no error: the work goes on to its end. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

/** The CLI: runs a command, prints its errors and sets the exit code. */
export async function runCli(
  argv: readonly string[] = process.argv.slice(2),
  env: NodeJS.ProcessEnv = process.env
): Promise<void> {
  const { stdout, stderr } = process
  for (const stream of [stdout, stderr])
    stream.off('error', onOutputError).on('error', onOutputError)
  let hasResult = false
  const print = (line: string) => {
    hasResult = true
    stdout.write(`${line}\n`)
  }
  const isTerminal = stderr.isTTY && env['TERM'] !== 'dumb' && !env['CI']
  const screen = {
    write: (text: string) => void stderr.write(text),
    isTerminal,
    columns: () => stderr.columns
  }
  const painted = colours(hasColours(env, stderr.isTTY))
  try {
    await unlessStuck(runCommandLine(argv, env, { print, screen, colours: painted }))
  } catch (thrown) {
    const errors = errorsOf(orInterrupted(thrown))
    for (const error of errors) screen.write(`${terminalError(error, painted)}\n`)
    if (wantsJson(argv) && !hasResult) print(printableJson(jsonErrors(errors)))
    process.exitCode = errors[0]?.exitCode ?? 1
  } finally {
    onWorkOver()
  }
}
