import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { errorsOf, FlowstoreError } from './errors.js'
import { helpText } from './commands/help.js'
import { OPTION_SPECS } from './options/specs.js'
import { userCache } from './util/cache.js'
import { endOnSignals } from './util/scope.js'
import { keepMemorySmall } from './util/memory.js'
import { VERSION } from './version.js'

/** A command line, taken apart. */
interface Command {
  readonly raw: Readonly<Record<string, string>>
  readonly json: boolean
}

/** `--push false` as `--push=false`: parseArgs takes booleans without a value. */
function joinBooleans(args: readonly string[]): string[] {
  const flags = OPTION_SPECS.filter(spec => spec.kind === 'boolean').map(spec => `--${spec.name}`)
  return args.flatMap((arg, index) => {
    const before = args[index - 1] ?? ''
    const value = (text: string | undefined) => text === 'true' || text === 'false'
    if (value(arg) && flags.includes(before)) return []
    const next = args[index + 1]
    return [flags.includes(arg) && next !== undefined && value(next) ? `${arg}=${next}` : arg]
  })
}

async function parseCommand(argv: readonly string[]): Promise<Command> {
  const { unknownOption } = await import('./options/options.js')
  const [command, ...rest] = argv
  if (command !== 'build') {
    throw new FlowstoreError('UNKNOWN_OPTION', `there is no command '${command ?? ''}'`, {
      hint: 'There are: flowstore build FLOWS… and flowstore run STORAGE_JSON (flowstore --help tells more).'
    })
  }
  const { tokens } = parseArgs({
    args: joinBooleans(rest),
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      [
        ...OPTION_SPECS.map(
          spec => [spec.name, spec.kind === 'boolean' ? 'boolean' : 'string'] as const
        ),
        ['json', 'boolean'] as const
      ].map(([name, type]) => [name, { type, multiple: true }])
    )
  })
  const values: Record<string, string[]> = {}
  let json = false
  for (const token of tokens) {
    if (token.kind === 'positional') (values['flows'] ??= []).push(token.value)
    if (token.kind !== 'option') continue
    if (token.name === 'json') {
      json = true
      continue
    }
    const negated = token.name.startsWith('no-')
    const name = negated ? token.name.slice(3) : token.name
    const spec = OPTION_SPECS.find(candidate => candidate.name === name)
    if (!spec || !token.rawName.startsWith('--') || (negated && spec.kind !== 'boolean')) {
      throw unknownOption(token.name)
    }
    if (spec.kind === 'boolean') {
      values[name] = [negated ? 'false' : (token.value ?? 'true')]
    } else if (token.value === undefined) {
      throw new FlowstoreError('INVALID_OPTION', `the option '${name}' needs a value`)
    } else if (spec.kind === 'lines') (values[name] ??= []).push(token.value)
    else if (values[name]) {
      throw new FlowstoreError('INVALID_OPTION', `the option '${name}' is given twice`)
    } else values[name] = [token.value]
  }
  return {
    json,
    raw: Object.fromEntries(Object.entries(values).map(([name, list]) => [name, list.join('\n')]))
  }
}

/** `flowstore run`: what the flow prints goes to standard error, its final state to standard output. */
async function runCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  to: { out: (text: string) => void; err: (text: string) => void }
): Promise<void> {
  const { parseRun, runError, runFlow } = await import('./commands/run.js')
  const command = parseRun(args)
  const abort = new AbortController()
  const end = () => {
    abort.abort(new FlowstoreError('FLOW_RUN', 'the run was interrupted'))
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end)
  const { flow, result } = await runFlow(command, {
    cwd: process.cwd(),
    env,
    write: to.err,
    signal: abort.signal
  })
  const error = runError(flow, result)
  if (command.json) {
    const { state, message } = result
    to.out(JSON.stringify({ flow, state, message, exitCode: error?.exitCode ?? 0 }, null, 2))
  } else if (!error) to.out(`${flow}: ${result.state ?? ''}: ${result.message ?? ''}`)
  if (error) throw error
}

/** The CLI: reads flags, runs the pipeline, writes the files, prints the report. */
export async function runCli(
  argv: readonly string[] = process.argv.slice(2),
  env: NodeJS.ProcessEnv = process.env
): Promise<void> {
  const out = (text: string) => process.stdout.write(`${text}\n`)
  const err = (text: string) => process.stderr.write(`${text}\n`)
  if (argv.length === 0 || argv.includes('--help') || argv.includes('-h')) {
    out(helpText())
    return
  }
  if (argv.includes('--version')) {
    out(VERSION)
    return
  }
  try {
    if (argv[0] === 'run') {
      await runCommand(argv.slice(1), env, { out, err: text => process.stderr.write(text) })
      return
    }
    const { raw, json } = await parseCommand(argv)
    const { checkOptions } = await import('./options/options.js')
    const cwd = process.cwd()
    const options = checkOptions(raw, cwd)
    const [{ buildStorage }, { removeEarlier }, { publishToDirectory }, text, { Recorder }] =
      await Promise.all([
        import('./build/build.js'),
        import('./publish/files.js'),
        import('./publish/directory.js'),
        import('./publish/terminal.js'),
        import('./log.js')
      ])
    const log = new Recorder({
      info: line => err(`  ${line}`),
      debug: () => undefined,
      notice: notice => err(text.terminalNotice(notice)),
      begin: phase => err(phase),
      end: (_phase, seconds) => err(`  ${seconds.toFixed(1)} s`)
    })
    const output = resolve(cwd, options.outputDirectory)
    await removeEarlier(output)
    keepMemorySmall()
    endOnSignals()
    const build = await buildStorage(options, { cwd, env, cache: userCache(env) }, log)
    const { report } = await publishToDirectory(build, output)
    if (json) out(JSON.stringify(report, null, 2))
    else out(text.terminalReport(build.report, report.outputs['storage-path']))
  } catch (thrown) {
    const { terminalError } = await import('./publish/terminal.js')
    const errors = errorsOf(thrown)
    errors.forEach(error => err(terminalError(error)))
    process.exitCode = errors[0]?.exitCode ?? 1
  }
}
