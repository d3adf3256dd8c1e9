import { withHint, type FlowstoreError } from '../../errors.js'

/** What the system's loader says of a library that is absent or too old. */
const ABSENT = /(\S+\.so(?:\.\d+)*): cannot open shared object file/
const TOO_OLD = /(\S+): version [`'](\S+?)' not found/

/** What this machine lacks, since an import failed without it; undefined for any other problem. */
export function missingLibrary({
  message,
  detail = ''
}: Pick<FlowstoreError, 'message' | 'detail'>): string | undefined {
  const text = `${message}\n${detail}`
  const [, absent] = ABSENT.exec(text) ?? []
  if (absent !== undefined) return absent
  const [, library, version] = TOO_OLD.exec(text) ?? []
  return library === undefined ? undefined : `${version ?? ''} of ${library}`
}

/** Says what to do about a system library that this machine lacks. */
export function withLibraryHint(problem: FlowstoreError): FlowstoreError {
  const library = missingLibrary(problem)
  if (library === undefined) return problem
  const hint = `This machine lacks the system library ${library}. Install it here, or load the flows in the image, which may have it: load-in: image.`
  return withHint(problem, [problem.hint, hint].filter(Boolean).join(' '))
}
