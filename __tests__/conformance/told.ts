import { lte } from '@renovatebot/pep440'
import type { EntrypointRelease } from '../helpers/test-bed.js'

/** What a person is told of a flow that is left out, or of a module that does not load. */
export interface Told {
  readonly file: string
  readonly line: number
  readonly says: string
}

/** What is told in some releases. */
interface Row extends Told {
  /** The releases; default all. */
  readonly in?: readonly EntrypointRelease[]
  /** The last Python on which it is not told, such as `3.12`; default none. */
  readonly afterPython?: string
}

const TWO = ['2.13.8', '2.20.27'] as const
const THREE = ['3.0.11', '3.4.25', '3.6.29', '3.9.1'] as const

const OF_A_CLASS =
  "is left out: Prefect RELEASE can't load a flow of a class: make it a function of the module"
const MODULE = 'bind it to a variable at the top level of the module'

/** Flows of `flows/` that no entrypoint can name, or that no run could call. */
const LEFT_OUT: readonly Row[] = [
  { file: 'flows/bound.py', line: 7, says: `flow "bound method" ${OF_A_CLASS}`, in: TWO },
  {
    file: 'flows/bound.py',
    line: 7,
    says: 'flow "bound method" is left out: It is a method, and Prefect RELEASE calls it without its object: make it a function',
    in: ['3.0.11']
  },
  ...(
    [
      [7, 'flow-over-static'],
      [12, 'flow-over-class']
    ] as const
  ).map(([line, name]) => ({
    ...{ file: 'flows/class_decorators.py', line, says: `flow "${name}" ${OF_A_CLASS}` },
    in: TWO
  })),
  ...(
    [
      [7, 'static method over flow'],
      [12, 'class method over flow'],
      [17, 'instance method']
    ] as const
  ).map(([line, name]) => ({
    ...{ file: 'flows/classes.py', line, says: `flow "${name}" ${OF_A_CLASS}` },
    in: [...TWO, '3.0.11' as const]
  })),
  {
    file: 'flows/classes.py',
    line: 12,
    says: 'flow "class method over flow" is left out: Prefect RELEASE finds no flow at `Reports.class_over_flow`: put `@flow` above `@classmethod`',
    in: ['3.4.25', '3.6.29', '3.9.1'],
    afterPython: '3.12'
  },
  {
    file: 'flows/lambdas.py',
    line: 5,
    says: 'flow "<lambda>" is left out: Prefect names it "<lambda>", which its API refuses: give it a `name`',
    in: TWO
  },
  {
    file: 'flows/made.py',
    line: 17,
    says: `flow "in a list" is left out: It is only in a list: ${MODULE}`
  },
  {
    file: 'flows/made.py',
    line: 17,
    says: `flow "in a dict" is left out: It is only in a dict: ${MODULE}`
  },
  {
    file: 'flows/made.py',
    line: 45,
    says: 'flow "wrapper above flow" is left out: The decorator above `@flow` returns a plain function: put the decorator below `@flow`, with `functools.wraps`'
  }
]

/** The errors of the modules in `broken/`, and of those that fail in a release alone. */
const FAILS: readonly Row[] = [
  {
    file: 'broken/bad_name.py',
    line: 6,
    says: "MODULE_IMPORT: InvalidNameError: Name 'a/b' contains an invalid character. Must not contain any of: ['/', '%', '&', '>', '<']. Give the flow another `name`."
  },
  // 2.x does not run flows while it loads a module, and the module loads.
  {
    file: 'broken/calls_a_flow.py',
    line: 11,
    says: 'MODULE_IMPORT: FlowCallError: the module calls `runs_at_import()` while it is imported Put the call below `if __name__ == "__main__":`, or remove it.',
    in: THREE
  },
  {
    file: 'broken/missing_package.py',
    line: 3,
    says: "MODULE_IMPORT: ModuleNotFoundError: No module named 'a_package_that_nobody_has' Add the package that provides `a_package_that_nobody_has` to `--python-dependencies` or the requirements file."
  },
  {
    file: 'broken/of_prefect_1.py',
    line: 3,
    says: 'OTHER_GENERATION: `from prefect import Parameter` is of Prefect 1 and earlier, and the flows are loaded with Prefect RELEASE. Leave the module out of this build with a line `!broken/of_prefect_1.py` in `flows`, or set `--prefect-version` to the release that it is for.'
  },
  {
    file: 'broken/syntax_error.py',
    line: 5,
    says: 'MODULE_SYNTAX: SyntaxError: invalid syntax (syntax_error.py, line 5) If the code is correct, this Python is too old for it: set `--python` or another --base-image.'
  },
  {
    file: 'flows/class_decorators.py',
    line: 7,
    says: 'MODULE_IMPORT: TypeError: @staticmethod should be applied on top of @flow This release has no flows of classes: make it a function of the module.',
    in: ['3.0.11']
  },
  {
    file: 'flows/models.py',
    line: 12,
    says: "MODULE_IMPORT: TypeError: Object of type 'Order' is not JSON serializable Modules see only the variables in --env-vars and --load-env-vars and the files that no ignore file excludes, and often have no network. Move work that needs more into a task.",
    in: ['2.13.8']
  }
]

const toldIn = (
  rows: readonly Row[],
  release: EntrypointRelease,
  python: string
): readonly Told[] =>
  rows
    .filter(row => row.in === undefined || row.in.includes(release))
    .filter(({ afterPython }) => afterPython === undefined || !lte(python, afterPython))
    .map(({ file, line, says }) => ({ file, line, says: says.replace('RELEASE', release) }))

/** The notices of a build of `flows/`. */
export const leftOut = (release: EntrypointRelease, python: string): readonly Told[] =>
  toldIn(LEFT_OUT, release, python)

/** The errors of a build of `broken/`, and of the modules that fail in the release alone. */
export const failures = (release: EntrypointRelease, python: string): readonly Told[] =>
  toldIn(FAILS, release, python)
