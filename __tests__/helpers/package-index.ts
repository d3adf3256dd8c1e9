import { createServer } from 'node:http'
import { WHEEL } from './packages.js'

/** A package index that asks for a login. */
export interface PackageIndex {
  /** Its address without a login. */
  readonly address: string
  /** Its address with a login. */
  readonly url: (password: string) => string
  /** The paths that were sent with a good login. */
  readonly served: string[]
  readonly close: () => void
}

/**
 * Serves the wheel of `rain` on this machine alone, over plain HTTP, to the user `me`.
 *
 * @param passwords those that are good
 */
export async function servePackageIndex(passwords: readonly string[]): Promise<PackageIndex> {
  const good = new Set(
    passwords.map(password => `Basic ${Buffer.from(`me:${password}`).toString('base64')}`)
  )
  const served: string[] = []
  const server = createServer(({ url = '', headers }, response) => {
    if (!good.has(headers.authorization ?? '')) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="packages"' }).end()
      return
    }
    served.push(url)
    if (url === '/simple/rain/') {
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(`<a href="/files/${WHEEL.name}">${WHEEL.name}</a>`)
    } else if (url === `/files/${WHEEL.name}`) response.end(WHEEL.bytes())
    else response.writeHead(404).end()
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    address: `http://127.0.0.1:${port}/simple`,
    url: password => `http://me:${password}@127.0.0.1:${port}/simple`,
    served,
    close: () => server.close()
  }
}
