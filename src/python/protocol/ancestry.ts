import * as z from '../../util/schema.js'

/**
 * A folder with its parents, from the root down and with links resolved: an archive that adds files there has
 * to list these folders with their owners and modes. This part of the protocol has its own file, since the
 * labels of an image use it too.
 */
export const ancestrySchema = z.array(
  z.object({
    path: z.string(),
    mode: z.number().int(),
    uid: z.number().int(),
    gid: z.number().int()
  })
)
