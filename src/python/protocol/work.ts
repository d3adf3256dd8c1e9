/** What Python does with the user's code. */
export interface Work {
  readonly kind: 'import' | 'serialize' | 'read'
  /** The module, or the name of the flow, which may be cut. */
  readonly name: string
  /** The module, or where the flow is made. */
  readonly file?: string | undefined
  readonly line?: number | undefined
}
