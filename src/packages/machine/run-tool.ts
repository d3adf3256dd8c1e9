import { getExecOutput, type ExecOutput } from '@actions/exec'
import { installerEnvironment } from '../../python/module-environment.js'

/**
 * Runs a program with the variables that an installer needs.
 *
 * @param machine the machine's variables
 * @param variables further variables, which those of the installer override
 */
export const runTool = (
  command: string,
  args: readonly string[],
  cwd: string,
  { env }: { readonly env: Readonly<Record<string, string | undefined>> },
  variables: Readonly<Record<string, string>> = {}
): Promise<ExecOutput> =>
  getExecOutput(`"${command}"`, [...args], {
    silent: true,
    ignoreReturnCode: true,
    cwd,
    env: { ...variables, ...installerEnvironment(env) }
  })
