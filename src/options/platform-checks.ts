import { FlowstoreError } from '../errors.js'
import { machineOf, OWN_PLATFORM } from '../util/platform.js'
import type { OptionValues } from './read.js'

/** The options that decide whether an image for several platforms is possible. */
export type PlatformOptions = Pick<
  OptionValues,
  | 'platforms'
  | 'push'
  | 'builder'
  | 'assemble'
  | 'dockerfile'
  | 'extraDockerfileCommands'
  | 'localImage'
  | 'buildKwargs'
>

/** Whether an image of several platforms is asked for: its tags name an index. */
export const hasSeveralPlatforms = ({ platforms }: Pick<PlatformOptions, 'platforms'>): boolean =>
  platforms.length > 1

const BASE_HINT =
  'Build an image with all of that for each platform (docker buildx build --platform), and name it in base-image.'

/** Why an image for several platforms can't be made with the other options: a message and a hint each. */
const REFUSALS: readonly {
  readonly isMet: (options: PlatformOptions) => boolean
  readonly message: string
  readonly hint: string
}[] = [
  {
    isMet: ({ push }) => !push,
    message:
      "'platforms' names several, and 'push: false' keeps the image in the Docker daemon, which can't hold an index of several platforms",
    hint: 'Leave platforms out of a run without a push: it builds for this machine.'
  },
  {
    isMet: ({ builder }) => builder === 'daemon',
    message:
      "'platforms' names several, and 'builder: daemon' builds only for the platform of the daemon",
    hint: 'Leave out builder: each platform is then built without a daemon.'
  },
  {
    isMet: ({ assemble }) => assemble === 'build',
    message:
      "'platforms' names several, and 'assemble: build' has the Docker daemon add the flows, for one platform",
    hint: "Leave out assemble: the flows are then added through the registry's API."
  },
  {
    isMet: ({ dockerfile }) => dockerfile !== undefined,
    message:
      "'platforms' names several, and a 'dockerfile' would have to run on each of them, which needs emulation",
    hint: BASE_HINT
  },
  {
    isMet: ({ extraDockerfileCommands }) => extraDockerfileCommands.length > 0,
    message:
      "'platforms' names several, and 'extra-dockerfile-commands' would have to run on each of them, which needs emulation",
    hint: BASE_HINT
  },
  {
    isMet: ({ localImage }) => localImage,
    message:
      "'platforms' names several, and a base image of the Docker daemon ('local-image') has one platform",
    hint: 'Push the base image for each platform, and leave out local-image.'
  }
]

/** Errors about an image for several platforms, whose environments are all made without a daemon. */
export function platformErrors(options: PlatformOptions): readonly FlowstoreError[] {
  const { platforms, buildKwargs } = options
  const invalid = (message: string, hint: string) =>
    new FlowstoreError('INVALID_OPTION', message, { hint })
  const errors: FlowstoreError[] = []
  if (platforms.length > 0 && buildKwargs.platform !== undefined) {
    errors.push(
      invalid(
        "the platform is set twice: in the option 'platforms' and in 'build-kwargs'",
        'Leave platform out of build-kwargs.'
      )
    )
  }
  if (!hasSeveralPlatforms(options)) return errors
  const unknown = platforms.filter(
    platform => !platform.startsWith('linux/') || machineOf(platform) === undefined
  )
  if (unknown.length > 0) {
    errors.push(
      invalid(
        `the option 'platforms' has ${unknown.join(', ')}: only linux/amd64 and linux/arm64 can be built without emulation`,
        `Leave out ${unknown.join(', ')}, or build it in a run of its own on such a machine.`
      )
    )
  }
  if (!platforms.includes(OWN_PLATFORM)) {
    errors.push(
      invalid(
        `the option 'platforms' lacks ${OWN_PLATFORM}, the platform of this machine, which has to load the flows and read them back`,
        `Add ${OWN_PLATFORM}, or run on a machine of one of these platforms.`
      )
    )
  }
  return [
    ...errors,
    ...REFUSALS.filter(({ isMet }) => isMet(options)).map(({ message, hint }) =>
      invalid(message, hint)
    )
  ]
}
