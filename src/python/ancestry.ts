import * as z from '../util/schema.js'

/**
 * A folder with those above it, from the root down and with links resolved: an archive that puts
 * something there has to name them with their owners and modes. A part of the protocol in a file of its
 * own, for the labels of an image have it too.
 */
export const ancestrySchema = z.array(
  z.object({
    path: z.string(),
    mode: z.number().int(),
    uid: z.number().int(),
    gid: z.number().int()
  })
)
