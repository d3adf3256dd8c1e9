import { inspect } from 'node:util'

/**
 * Every error code, with the exit code of the CLI. `docs/errors.md` documents each; a test compares the two.
 *
 * 2: the request is wrong; 3: a flow module is wrong; 4: the environment can't be set up; 5: a flow doesn't
 * load back, or an image is not what was built; 6: the registry or Prefect's API refused; 7: this machine lacks something;
 * 8: a flow ran and did not succeed; 130: the run was interrupted; 1: a bug in flowstore.
 */
export const ERROR_CODES = {
  INTERNAL: 1,
  UNKNOWN_OPTION: 2,
  INVALID_OPTION: 2,
  MISSING_OPTION: 2,
  MODULE_NOT_FOUND: 2,
  FILE_NOT_FOUND: 2,
  FILE_DESTINATION: 2,
  FILE_UNREADABLE: 2,
  INVALID_REFERENCE: 2,
  UNSUPPORTED_PREFECT: 2,
  MODULE_SYNTAX: 3,
  MODULE_IMPORT: 3,
  OTHER_GENERATION: 3,
  FLOW_NOT_FOUND: 3,
  FLOW_SERIALIZE: 3,
  NAME_CONFLICT: 3,
  LOCATION_CONFLICT: 3,
  STORAGE_CONFLICT: 3,
  LOAD_FAILED: 3,
  LOAD_LIMIT: 3,
  BASE_IMAGE_PULL: 4,
  BASE_IMAGE_PYTHON: 4,
  DEPENDENCY_INSTALL: 4,
  IMAGE_BUILD: 4,
  DIRECT_BUILD: 4,
  VERSION_MISMATCH: 4,
  HEALTHCHECK: 5,
  VERIFICATION: 5,
  PUSH_REFUSED: 6,
  REGISTRY: 6,
  PREFECT_API: 6,
  DAEMON: 7,
  PYTHON_NOT_FOUND: 7,
  PREFECT_NOT_FOUND: 7,
  WRITE_FAILED: 7,
  FILE_CHANGED: 7,
  STORAGE_INVALID: 2,
  DEPLOYMENTS_INVALID: 2,
  DEPLOYMENT_CHECK: 2,
  NOT_SUPPORTED: 2,
  UNTRUSTED_CODE: 2,
  SECRET_FOUND: 2,
  FLOW_NOT_CONTAINED: 2,
  PREFECT_FILE: 2,
  DEPLOYMENT: 2,
  DEPLOYMENT_CONFLICT: 2,
  FLOW_RUN: 8,
  INTERRUPTED: 130
} as const

/** The code of a {@link FlowstoreError}. */
export type ErrorCode = keyof typeof ERROR_CODES

/** What to do about an error of a code that has no hint of its own. */
const GENERAL_HINTS: Partial<Record<ErrorCode, string>> = {
  MODULE_SYNTAX:
    'If the code is correct, this Python is too old for it: set `python` or another base-image.',
  MODULE_IMPORT:
    'Modules see only the variables in env-vars and load-env-vars and the files that no ignore file excludes, and often have no network. Move work that needs more into a task.',
  FLOW_SERIALIZE: "Make connections, locks and clients inside the task's function, when it runs.",
  LOAD_FAILED: 'Run with one module at a time to find the one that causes it.',
  LOAD_LIMIT:
    'Move the work that takes so much into a task, or set load-timeout, load-memory or load-processes to more.',
  DEPENDENCY_INSTALL:
    'Check the requirement and the package index. If the package has no wheel for this Python, pin an older release.',
  IMAGE_BUILD:
    'The last lines that the build printed are above; `--verbose`, or the debug log of the Action, has all of them.',
  SECRET_FOUND:
    'Whoever can read the result could read it there. Read it from the environment when the flow runs, leave the file out (the option sources, .dockerignore), and replace the secret if it was published before.',
  PREFECT_NOT_FOUND:
    'A package that Prefect imports is missing or has a release that does not fit: the last line above names it. Require another release of it in python-dependencies.',
  HEALTHCHECK:
    'The same would happen at run time. What is missing has to be in the image. Add a package to python-dependencies, a variable to env-vars, or a file to the option files as SOURCE:/absolute/destination.',
  VERIFICATION:
    'Something else wrote to the registry after the build, or deleted from it. Build again, with `force` if the input is the same.',
  WRITE_FAILED: 'Check the permissions of the folder and the free disk space.',
  NOT_SUPPORTED:
    'Use another storage: docker, local and bytes storage keep flows that can be run later.'
}

/** The documentation of the errors, with a section for each code. */
const DOCUMENTATION = 'https://github.com/org/flowstore-action/blob/main/docs/errors.md'

/** Details of a {@link FlowstoreError}. */
export interface ErrorDetails {
  /** What to do about the error, in one sentence. */
  hint?: string | undefined
  /** The file that the error is about, relative to the working directory if it is inside. */
  file?: string | undefined
  /** The line in {@link ErrorDetails.file}, from 1. */
  line?: number | undefined
  /** Lines that show the cause: the user's frames of a traceback, the output of pip. */
  detail?: string | undefined
  /** The error that caused this one. */
  cause?: unknown
}

/** Any failure that this project can explain: a code, a message, and where possible a hint, a file and a line. */
export class FlowstoreError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly file: string | undefined
  readonly line: number | undefined
  readonly detail: string | undefined
  /** The phase of the build that failed, such as `load`; undefined outside a phase. */
  phase: string | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause })
    this.name = 'FlowstoreError'
    this.code = code
    this.hint = details.hint ?? GENERAL_HINTS[code]
    this.file = details.file
    this.line = details.line
    this.detail = details.detail
  }

  /** The exit code that the CLI ends with for this error; see {@link ERROR_CODES}. */
  get exitCode(): number {
    return ERROR_CODES[this.code]
  }

  /** The address of the section about the code in the documentation. */
  get link(): string {
    return `${DOCUMENTATION}#${this.code.toLowerCase()}`
  }
}

/** Several failures found in one pass, such as every module that does not import. */
export class FlowstoreErrors extends FlowstoreError {
  readonly errors: readonly FlowstoreError[]

  constructor(errors: readonly [FlowstoreError, ...FlowstoreError[]]) {
    const [first] = errors
    super(
      first.code,
      errors.length === 1 ? first.message : `${errors.length} errors; the first: ${first.message}`,
      {
        hint: first.hint,
        file: first.file,
        line: first.line,
        detail: first.detail,
        cause: first.cause
      }
    )
    this.name = 'FlowstoreErrors'
    this.errors = errors
  }
}

/** The texts of an error that a person reads. */
type ErrorTexts = Pick<FlowstoreError, 'message' | 'hint' | 'file' | 'detail'>

/** The same error with other texts. */
function withTexts(error: FlowstoreError, texts: Partial<ErrorTexts>): FlowstoreError {
  const { code, message, hint, file, line, detail, cause, phase } = error
  const other = new FlowstoreError(code, texts.message ?? message, {
    ...{ hint, file, line, detail, cause },
    ...texts
  })
  other.phase = phase
  return other
}

/** The same error with another hint. */
export const withHint = (error: FlowstoreError, hint: string): FlowstoreError =>
  withTexts(error, { hint })

/** A thrown value whose texts show nothing that `hide` hides; the value itself if they show nothing anyway. */
export function hidingIn(thrown: unknown, hide: (text: string) => string): unknown {
  const errors = errorsOf(thrown)
  const hidden = errors.map(error => {
    const { message, hint = '', file = '', detail = '' } = error
    // Node prints the cause of an error that nobody catches.
    const cause = error.cause === undefined ? '' : inspect(error.cause)
    const texts = [message, hint, file, detail, cause]
    if (texts.every(text => hide(text) === text)) return error
    return withTexts(error, {
      message: hide(message),
      hint: hide(hint) || undefined,
      file: hide(file) || undefined,
      detail: hide(detail) || undefined,
      ...(hide(cause) === cause ? {} : { cause: hide(cause) })
    })
  })
  const [first, ...others] = hidden
  if (first === undefined || hidden.every((error, index) => error === errors[index])) return thrown
  return others.length === 0 ? first : new FlowstoreErrors([first, ...others])
}

/** What became of the changes of a failed run: a clause for each. */
export interface Undone {
  readonly putBack: readonly string[]
  readonly remains: readonly string[]
}

/** Nothing had to be undone. */
export const NOTHING_UNDONE: Undone = { putBack: [], remains: [] }

/** What became of all of these changes. */
export const allUndone = (parts: readonly Undone[]): Undone => ({
  putBack: parts.flatMap(({ putBack }) => putBack),
  remains: parts.flatMap(({ remains }) => remains)
})

/** A thrown value that also says what became of the changes of a failed run. Without any, it is returned as it is. */
export function withUndone(thrown: unknown, { putBack, remains }: Undone): unknown {
  if (putBack.length === 0 && remains.length === 0) return thrown
  const [first = new FlowstoreError('INTERNAL', String(thrown)), ...others] = errorsOf(thrown)
  const sentences = [
    first.message,
    ...(putBack.length === 0 ? [] : [`This was put back: ${putBack.join('; ')}`]),
    ...(remains.length === 0 ? [] : [`This remains: ${remains.join('; ')}`])
  ]
  const error = withTexts(first, { message: sentences.join('. ') })
  return others.length === 0 ? error : new FlowstoreErrors([error, ...others])
}

/** A thrown value; if it is a FlowstoreError without a phase, it gets this one. */
export function inPhase(thrown: unknown, phase: string | undefined): unknown {
  const errors = thrown instanceof FlowstoreErrors ? [thrown, ...thrown.errors] : [thrown]
  for (const error of errors) if (error instanceof FlowstoreError) error.phase ??= phase
  return thrown
}

/** The system's codes for a disk that takes nothing more: full, over its quota, read-only. */
const NO_SPACE = new Set(['ENOSPC', 'EDQUOT', 'EROFS'])

/** What to do about a disk that takes nothing more. */
export const SPACE_HINT =
  'Free some space on the disk, or set TMPDIR, XDG_CACHE_HOME or the output directory to a folder on another one.'

/**
 * The individual errors of a thrown value. A disk that takes nothing more is WRITE_FAILED, wherever it shows; an unknown
 * value becomes an INTERNAL error.
 */
export function errorsOf(thrown: unknown): readonly FlowstoreError[] {
  if (thrown instanceof FlowstoreErrors) return thrown.errors
  if (thrown instanceof FlowstoreError) return [thrown]
  if (NO_SPACE.has((thrown as NodeJS.ErrnoException | undefined)?.code ?? '')) {
    const { message } = thrown as Error
    return [new FlowstoreError('WRITE_FAILED', message, { hint: SPACE_HINT, cause: thrown })]
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return [
    new FlowstoreError('INTERNAL', message, {
      hint: 'This is a bug in flowstore; please report it with the lines above at https://github.com/org/flowstore-action/issues.',
      detail: thrown instanceof Error ? thrown.stack : undefined,
      cause: thrown
    })
  ]
}

/** Throws the collected errors, if there are any. */
export function throwAll(errors: readonly FlowstoreError[]): void {
  const [first, ...rest] = errors
  if (first) throw rest.length === 0 ? first : new FlowstoreErrors([first, ...rest])
}
