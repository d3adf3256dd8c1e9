import { DOCKER, OCI } from './images.js'
import { digestOf } from './registry-server.js'

/** A registry over plain HTTP, as far as tests need one. */
export function registryAt(host: string) {
  const ask = async (path: string, options: RequestInit = {}): Promise<Response> => {
    const url = new URL(path, `http://${host}/v2/`)
    const response = await fetch(url, options)
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return response
  }
  const accept = [OCI.index, OCI.manifest, DOCKER.index, DOCKER.manifest].join(', ')
  const text = async (path: string) => (await ask(path, { headers: { accept } })).text()
  return {
    text,
    json: async <T>(path: string) => JSON.parse(await text(path)) as T,
    body: async (path: string) => Buffer.from(await (await ask(path)).arrayBuffer()),
    mount: (name: string, digest: string, from: string) =>
      ask(`${name}/blobs/uploads/?mount=${digest}&from=${from}`, { method: 'POST' }),
    putBlob: async (name: string, content: string | Buffer) => {
      const opened = await ask(`${name}/blobs/uploads/`, { method: 'POST' })
      const location = new URL(opened.headers.get('location') ?? '', `http://${host}`)
      location.searchParams.set('digest', digestOf(content))
      await ask(location.href, { method: 'PUT', body: content })
    },
    putManifest: (name: string, reference: string, type: string, content: string) =>
      ask(`${name}/manifests/${reference}`, {
        method: 'PUT',
        headers: { 'content-type': type },
        body: content
      })
  }
}
