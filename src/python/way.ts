import * as z from '../util/schema.js'

/** The folders on the way to a folder, it last, links resolved: an archive that puts something there names them. */
export const waySchema = z.array(
  z.object({
    path: z.string(),
    mode: z.number().int(),
    uid: z.number().int(),
    gid: z.number().int()
  })
)
