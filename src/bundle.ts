import { VERSION } from './version.js'

/** The one entry of the bundle; `dist/action.js` and `dist/flowstore.js` each call one of these. */
export const action = async (): Promise<void> => {
  // The first sign of life comes before the modules that take long to load.
  process.stdout.write(`flowstore ${VERSION}\n`)
  await (await import('./action.js')).runAction()
}
export const cli = async (): Promise<void> => (await import('./cli.js')).runCli()
