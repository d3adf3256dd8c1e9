import { installerEnvironment } from '../../python/module-environment.js'
import { runProcess, type ProcessResult } from '../../util/process.js'

/**
 * Runs a program with the variables that an installer needs.
 *
 * @param machine the machine's variables
 * @param variables further variables, which those of the installer override
 * @param onLine called with each line that it prints
 */
export const runTool = (
  command: string,
  args: readonly string[],
  cwd: string,
  { env }: { readonly env: Readonly<Record<string, string | undefined>> },
  variables: Readonly<Record<string, string>> = {},
  onLine?: (line: string) => void
): Promise<ProcessResult> =>
  runProcess(command, args, { cwd, env: { ...variables, ...installerEnvironment(env) }, onLine })
