import type { End, Scope } from './scope.js'

/** Work that goes on beside other work, such as a check whose result is only a notice. */
export class Background {
  private readonly works: Promise<unknown>[] = []

  /** @param scope its end waits for the work */
  constructor(private readonly scope: Pick<Scope, 'defer'>) {}

  /**
   * Adds work that goes on.
   *
   * @param remove removes what the work needs; called at the end of the scope
   */
  add(work: Promise<unknown>, remove: End): void {
    this.works.push(work)
    // A failure is reported by `finished`.
    const settled = work.catch(() => undefined)
    this.scope.defer(async () => {
      await settled
      await remove()
    })
  }

  /**
   * Waits for all work.
   *
   * @throws the first failure
   */
  async finished(): Promise<void> {
    await Promise.all(this.works)
  }
}
