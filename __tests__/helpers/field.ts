/* eslint-disable jest/no-export, jest/valid-title -- a helper that makes suites */
import { describe, test } from '@jest/globals'
import { flowstore, repository, writeFiles, type Ended } from './flowstore.js'
import { prefectPython } from './pythons.js'
import { readRequirements } from '../../src/packages/read-requirements.js'

/** The releases that the field tests use. */
export type FieldRelease = '0.5.4' | '1.4.1'

/** How a command ended, and the small repository that it ran in. */
export interface FieldRun extends Ended {
  readonly root: string
  /** Both streams of output. */
  readonly text: string
}

/** A small repository, and the commands that a user types in it. */
export interface Field {
  readonly root: string
  /** Runs `flowstore` in the repository. */
  readonly flowstore: (args: readonly string[], env?: NodeJS.ProcessEnv) => Promise<FieldRun>
  /** Writes a file of the repository, and the folders that it lies in. */
  readonly write: (file: string, content: string) => void
}

/** The variables of a user's terminal: those of a CI service would change what is printed. */
const terminal = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(CI$|GITHUB_|RUNNER_|FORCE_COLOR)/.test(name))
  )

/** A small repository of files: path to content. */
export const field = (files: Readonly<Record<string, string>>): Field => fieldIn(repository(files))

/** A small repository in a folder. */
export function fieldIn(root: string): Field {
  return {
    root,
    write: (file, content) => {
      writeFiles(root, { [file]: content })
    },
    flowstore: async (args, env = {}) => {
      const ended = await flowstore(args, root, { ...terminal(), ...env })
      return { ...ended, root, text: `${ended.stdout}${ended.stderr}` }
    }
  }
}

/**
 * A `describe` that needs an interpreter with a release of Prefect and nothing else; without one it becomes a
 * skipped test. On CI that is an error.
 *
 * @param body its argument is the interpreter, for `--python`
 */
export async function describeWithPrefect(
  release: FieldRelease,
  name: string,
  body: (python: string) => void
): Promise<void> {
  // marshmallow 4 can't serialize the flows of Prefect 1.
  const dependencies = release === '1.4.1' ? ['marshmallow<4'] : []
  const requirements = await readRequirements(process.cwd(), dependencies, undefined)
  const python = await prefectPython(release, { prefectVersion: release, requirements })
  if (python === undefined) {
    // eslint-disable-next-line jest/no-disabled-tests, jest/expect-expect
    test.skip(name, () => {})
    return
  }
  describe(name, () => {
    body(python)
  })
}
