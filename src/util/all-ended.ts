/**
 * What `Promise.all` gives, or the first error, but only when every work has ended: then none uses a folder or another
 * thing that they share.
 */
export async function allEnded<const T extends readonly unknown[]>(
  works: T
): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  await Promise.allSettled(works)
  return Promise.all(works)
}
