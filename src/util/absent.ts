/** The system's codes for a path that is not there. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR'])

/** Whether an error says that a path is not there, and not that it can't be looked at. */
export const isAbsent = (error: unknown): boolean =>
  ABSENT.has((error as NodeJS.ErrnoException | undefined)?.code ?? '')

/**
 * What an operation on a path gives, or undefined where there is nothing at that path.
 *
 * @throws any other fault
 */
export async function ifThere<T>(operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}
