import { FlowstoreError, throwAll, type ErrorCode } from '../errors.js'
import type { Notice } from '../log.js'
import type { Place } from './yaml.js'

/** Everything that is wrong with the files, and everything that a person should know. */
export class Problems {
  readonly errors: FlowstoreError[] = []
  readonly notices: Notice[] = []

  error(place: Place, message: string, hint?: string, code: ErrorCode = 'DEPLOYMENT'): void {
    this.errors.push(
      new FlowstoreError(code, message, { file: place.file, line: place.line, hint })
    )
  }

  warn(place: Place, message: string): void {
    this.notices.push({ level: 'warning', message, file: place.file, line: place.line })
  }

  notice(message: string, place?: Place): void {
    this.notices.push({ level: 'notice', message, file: place?.file, line: place?.line })
  }

  /** @throws FlowstoreErrors with every error in the order of the files */
  throwErrors(): void {
    throwAll(this.errors)
  }
}
