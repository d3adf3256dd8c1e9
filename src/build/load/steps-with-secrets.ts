import { FlowstoreError } from '../../errors.js'
import { sameJson } from '../../options/module-rules.js'
import type { Options } from '../../options/options.js'
import { optionName, prefectName } from '../../options/values/names.js'
import type { Services } from '../services.js'

/** What decides which programs run in a build that has secrets. */
const DECIDING = ['baseImage', 'dockerfile', 'extraDockerfileCommands'] as const

/**
 * The errors for steps of an image that modules chose, if its build has secrets: such a step could read them.
 *
 * @param merged the options with what modules set
 */
export const stepsWithSecrets = (
  options: Options,
  merged: Options,
  { secrets, indexes }: Pick<Services, 'secrets' | 'indexes'>
): readonly FlowstoreError[] =>
  secrets.size === 0 && !indexes.hasLogins
    ? []
    : DECIDING.filter(key => !sameJson(options[key], merged[key])).map(
        key =>
          new FlowstoreError(
            'STORAGE_INVALID',
            `a module sets ${prefectName(key)}, and the build of the image has secrets, which it could then read`,
            { hint: `If the value is right, set it with the option ${optionName(key)}.` }
          )
      )
