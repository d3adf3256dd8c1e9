import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** How a process ended. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end. */
export const run = (
  command: string,
  args: readonly string[],
  cwd = process.cwd(),
  env: NodeJS.ProcessEnv = process.env
): Promise<Ended> =>
  new Promise(done => {
    execFile(command, [...args], { cwd, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code) || 1 : 0, stdout, stderr })
    })
  })

/** What a command prints, without the white space around it. It must succeed. */
export async function outputOf(ended: Promise<Ended>): Promise<string> {
  const { code, stdout, stderr } = await ended
  if (code !== 0) throw new Error(`exit code ${code}\n${stdout}\n${stderr}`)
  return stdout.trim()
}

/** Runs a command that must succeed; gives what it prints. */
export const mustRun = (...command: Parameters<typeof run>): Promise<string> =>
  outputOf(run(...command))

/**
 * Variables for the CLI, without the certificates that this machine adds to those of Node: reading them takes Node a
 * tenth of a second at each start, and no test asks a server that needs them. Those that a test sets stay.
 */
export function forCli(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: added, ...others } = env
  return added === process.env['NODE_EXTRA_CA_CERTS'] ? others : env
}

/** Runs the CLI of the bundle as a user does. */
export const flowstore = (args: readonly string[], cwd?: string, env?: NodeJS.ProcessEnv) =>
  run(process.execPath, [resolve('dist/flowstore.js'), ...args], cwd, forCli(env))

/** An empty temporary folder. */
export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'flowstore-test-'))

/** Writes files, path to content, and the folders that they lie in. */
export function writeFiles(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
}

/** A temporary folder with files: path to content. */
export function repository(files: Readonly<Record<string, string>>): string {
  const root = temporaryFolder()
  writeFiles(root, files)
  return root
}

let names = 0

/** An image name that no run had before, so that images of earlier runs in the registry are not found. */
export const freshName = (prefix: string): string =>
  `${prefix}/${Date.now().toString(36)}-${process.pid}-${names++}`

/** A module with one flow that has one task. */
export const oneFlow = (name: string): string =>
  `from prefect import Flow, task


@task
def one():
    return 1


with Flow(${JSON.stringify(name)}) as flow:
    one()
`
