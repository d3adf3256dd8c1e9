import { createHash } from 'node:crypto'
import { pipeline, Transform, type Readable } from 'node:stream'
import { FlowstoreError } from '../errors.js'

/** A stream that fails at its end if it does not have the digest. */
export function verified(
  body: Readable,
  digest: string,
  onRead: (bytes: number) => void = () => undefined
): Readable {
  const [algorithm = 'sha256', expected] = digest.split(':', 2)
  const hash = createHash(algorithm)
  let bytes = 0
  const passed = new Transform({
    transform(part: Buffer, _encoding, done) {
      hash.update(part)
      bytes += part.length
      onRead(bytes)
      done(null, part)
    },
    flush(done) {
      const found = hash.digest('hex')
      done(
        found === expected
          ? null
          : new FlowstoreError(
              'REGISTRY',
              `the registry has ${algorithm}:${found} instead of ${digest}`
            )
      )
    }
  })
  // It ends both if one fails; who reads the result gets the error.
  return pipeline(body, passed, () => undefined)
}
