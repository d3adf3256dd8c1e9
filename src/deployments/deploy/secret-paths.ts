/** Words in the name of a value that is no business of a log. */
const SECRET_NAME =
  /pass(word|wd|phrase)?$|^pass|secret|token|credential|api_?key|access_?key|private|auth/i

/** Whether a name says that its value is a secret. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name)

/** The paths of a body whose values must not be printed, such as `job_variables.env.PASSWORD`. */
export class SecretPaths {
  private readonly paths = new Set<string>()

  add(path: readonly string[]): void {
    this.paths.add(path.join('.'))
  }

  /** Whether the value at a path is a secret or has one in it. Variables of a run are always kept back. */
  has(path: readonly string[]): boolean {
    if (path.some(isSecretName)) return true
    if (path[0] === 'job_variables' && path[1] === 'env') return true
    const text = path.join('.')
    return [...this.paths].some(
      each => each === text || each.startsWith(`${text}.`) || text.startsWith(`${each}.`)
    )
  }
}
