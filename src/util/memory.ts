import { setFlagsFromString } from 'node:v8'

/**
 * Stops V8 from growing its memory for new objects: the garbage of a thousand flows is collected, instead of
 * taking tens of megabytes more. The setting is for the whole process, so a library must not call it.
 */
export const keepMemorySmall = (): void => {
  setFlagsFromString('--semi-space-growth-factor=1')
}
