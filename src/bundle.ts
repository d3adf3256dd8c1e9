/** The one entry of the bundle; `dist/action.js` and `dist/flowstore.js` each call one of these. */
export const action = async (): Promise<void> => (await import('./main.js')).runAction()
export const cli = async (): Promise<void> => (await import('./cli.js')).runCli()
