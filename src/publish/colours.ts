/** Colours of a terminal; each returns the text unchanged where there are none. */
export interface Colours {
  readonly red: (text: string) => string
  readonly yellow: (text: string) => string
  readonly cyan: (text: string) => string
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
}

const paint =
  (begin: number, end: number, isOn: boolean) =>
  (text: string): string =>
    isOn ? `\u001b[${begin}m${text}\u001b[${end}m` : text

/** The codes of ECMA-48 for colours, or none. */
export const colours = (isOn: boolean): Colours => ({
  red: paint(31, 39, isOn),
  yellow: paint(33, 39, isOn),
  cyan: paint(36, 39, isOn),
  bold: paint(1, 22, isOn),
  dim: paint(2, 22, isOn)
})

export const NO_COLOURS = colours(false)

/** Whether output has colours: FORCE_COLOR decides, then NO_COLOR, then whether it goes to a terminal. */
export function hasColours(
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean
): boolean {
  const force = env['FORCE_COLOR']
  if (force !== undefined) return force !== '0' && force !== 'false'
  if (env['NO_COLOR']) return false
  return isTerminal && env['TERM'] !== 'dumb'
}
