import { VERSION } from './version.js'

/** The entry points of the bundle: `dist/action.js` and `dist/flowstore.js` call one each. */
export const action = async (): Promise<void> => {
  // Print the first line before the slow modules load.
  process.stdout.write(`flowstore ${VERSION}\n`)
  await (await import('./action.js')).runAction()
}
export const cli = async (): Promise<void> => (await import('./cli.js')).runCli()
