// Network traffic on an ephemeral runner: its daemon is empty, and all images are in the registry.
import { flags, flowstore } from '../kit/contestants.mjs'
import { emptyDaemon, noDaemonHere } from '../kit/daemon.mjs'
import { twoFlows } from '../kit/projects.mjs'
import { countingProxy } from '../kit/proxy.mjs'
import { atMost, caseOf } from '../kit/results.mjs'
import { readyWithoutDaemon, releasesOf } from './two-flows.mjs'

const RELEASE = '1.4.1'

const sizeOf = ({ config, layers }) =>
  config.size + layers.reduce((sum, layer) => sum + layer.size, 0)

/** One flow changed, daemonless and in a container of an image that must be pulled first. */
export const bytes = async (bench, { repeat, tell }) => {
  const proxy = await countingProxy(bench.bed.registry.url)
  const samples = {}
  const traffic = {}
  try {
    const found = (await releasesOf(bench)).find(({ release }) => release === RELEASE)
    const release = { ...found, base: found.base.replace(bench.bed.registry.url, proxy.url) }
    const project = twoFlows(bench.inFolder('bytes'))
    const image = `${bench.id}-bytes`
    tell('making environment image and interpreter')
    const { run } = await readyWithoutDaemon(bench, release, project, proxy.url, image)
    const tag = (await bench.registry.tags(image)).find(name => name.startsWith('env-'))
    const size = sizeOf(await bench.registry.manifest(image, tag))

    const count = async (name, sample) => {
      project.change()
      proxy.reset()
      const taken = await sample()
      const { received, sent, requests, attemptsAtTls } = proxy.count()
      const known = (traffic[name] ??= { received: [], sent: [], requests: [] })
      known.received.push(received)
      known.sent.push(sent)
      known.requests.push(requests.length + attemptsAtTls)
      known.asked = requests
      ;(samples[name] ??= []).push(taken)
      tell(`${name}: ${received} bytes received, ${sent} sent, ${requests.length} requests`)
    }
    const impossible = noDaemonHere()
    for (let round = 0; round < repeat; round += 1) {
      await count('daemonless', run)
      if (impossible !== undefined) continue
      const daemon = await emptyDaemon()
      try {
        const args = [...flags(release, proxy.url, image), '--load-in', 'image']
        await count('in a container', () =>
          flowstore(project, args, { ...bench.env, DOCKER_HOST: daemon.host })
        )
      } finally {
        await daemon.end()
      }
    }
    const share = name =>
      Math.max(...traffic[name].received.map((value, at) => value + traffic[name].sent[at])) / size
    return caseOf(
      samples,
      () => [
        atMost(
          'daemonless: % of the environment image, received and sent',
          1,
          100 * share('daemonless')
        ),
        ...(impossible === undefined
          ? // Manifests, headers and the flow layer take less than one percent.
            [atMost('in a container: times the environment image', 1.01, share('in a container'))]
          : [])
      ],
      { environmentImageBytes: size, traffic, ...(impossible ? { leftOut: impossible } : {}) }
    )
  } finally {
    await proxy.close()
    await bench.removeImages(proxy.url)
  }
}
