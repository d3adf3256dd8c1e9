/** A point that several works have to reach before any of them goes on. */
export class Gate {
  private readonly opened: Promise<void>
  private open = (): void => undefined
  private refuse: (error: unknown) => void = () => undefined
  private reached = 0

  constructor(private readonly count: number) {
    this.opened = new Promise((resolve, reject) => {
      this.open = resolve
      this.refuse = reject
    })
    // If all fail, none waits.
    this.opened.catch(() => undefined)
  }

  /**
   * Waits for the others.
   *
   * @throws what one of them failed with
   */
  readonly pass = (): Promise<void> => {
    this.reached += 1
    if (this.reached === this.count) this.open()
    return this.opened
  }

  /** The work has failed: the others need not go on. */
  readonly fail = (error: unknown): void => {
    this.refuse(error)
  }
}
