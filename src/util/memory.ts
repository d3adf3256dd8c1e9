import { setFlagsFromString } from 'node:v8'

/**
 * Keeps V8's memory for new objects as it is by now: what a thousand flows leave is collected then, where
 * V8 would take tens of megabytes more first. It is the whole process's, so it is for programs only.
 */
export const keepMemorySmall = (): void => {
  setFlagsFromString('--semi-space-growth-factor=1')
}
