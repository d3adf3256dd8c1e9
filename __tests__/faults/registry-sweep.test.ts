import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import type { PublishedReport } from '../../src/publish/outputs.js'
import { everyFault, sampleOf, type FaultyRun } from '../helpers/fault-plan.js'
import { fieldIn } from '../helpers/field.js'
import { freshName, oneFlow, repository } from '../helpers/flowstore.js'
import { digestOfTag } from '../helpers/registry-digest.js'
import { registryProxy } from '../helpers/registry-proxy.js'
import { isWhole, SEED, sweep, sweepLimit, type Tried } from '../helpers/sweep.js'
import { parseReference } from '../../src/registry/reference.js'
import { describeWith, type TestBed } from '../helpers/test-bed.js'

type Kind = 'first' | 'changed' | 'unchanged' | 'tagged'

/** How many runs go on at a time; a hang takes no processor. */
const LANES = isWhole ? 6 : 3
/** The longest run that a fault may cause, in seconds: the time for retries, twice if the daemon takes over. */
const LONGEST = 200

/** Puts the layers of an image into another repository, so that the daemon need not send them. */
async function seed(image: string, name: string): Promise<void> {
  const { registry, repository: from, tag = '' } = parseReference(image)
  const accept =
    'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json'
  const base = `http://${registry}/v2`
  const answer = await fetch(`${base}/${from}/manifests/${tag}`, { headers: { accept } })
  const { layers } = (await answer.json()) as { layers: { digest: string }[] }
  for (const { digest } of layers) {
    const query = new URLSearchParams({ mount: digest, from })
    await fetch(`${base}/${name}/blobs/uploads/?${query.toString()}`, { method: 'POST' })
  }
}

const snapshot = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder).map(name => [name, readFileSync(join(folder, name), 'utf8')])
  )

/** A request without what differs each time: the id of an upload. */
const sameRequest = (line: string): string => line.replace(/(blobs\/uploads\/).*/, '$1')

/** A repository of its own, whose image is pushed through a proxy of its own. */
async function lane(bed: TestBed) {
  const registry = bed.registry.url
  const proxy = await registryProxy(registry)
  const root = repository({ 'f.py': oneFlow('a') })
  const { flowstore } = fieldIn(root)
  const output = join(root, '.flowstore')
  let name = freshName('faults')
  let edits = 0
  const build = (tags: readonly string[]) =>
    flowstore(
      [
        ...['build', 'f.py', '--json', '--registry-url', proxy.host, '--image-name', name],
        ...['--base-image', bed.prefectBase, ...tags.flatMap(tag => ['--tags', tag])]
      ],
      { DOCKER_HOST: bed.dockerHost }
    )
  const tagsOf = (kind: Kind) => (kind === 'tagged' ? ['latest', 'v2'] : ['latest'])
  const prepare = async (kind: Kind) => {
    if (kind === 'first') {
      name = freshName('faults')
      await seed(bed.prefectBase, name)
    }
    if (kind === 'changed' || kind === 'tagged') {
      writeFileSync(join(root, 'f.py'), `${oneFlow('a')}# ${edits++}\n`)
    }
  }
  const digests = async (tags: readonly string[]) =>
    new Map(
      await Promise.all(
        tags.map(async tag => [tag, await digestOfTag(registry, name, tag)] as const)
      )
    )
  const begin = async (kind: Kind) => {
    await prepare(kind)
    proxy.take()
    return build(tagsOf(kind))
  }

  const tagsInRegistry = async (): Promise<string[]> => {
    const answer = await fetch(`http://${registry}/v2/${name}/tags/list`)
    const { tags } = (await answer.json()) as { tags?: string[] | null }
    return (tags ?? []).filter(tag => !tag.startsWith('env-'))
  }

  const faulty = async ({ kind, index, fault, isLasting }: FaultyRun<Kind>): Promise<Tried> => {
    await prepare(kind)
    const tags = tagsOf(kind)
    const before = {
      files: snapshot(output),
      tags: await digests(tags),
      all: await tagsInRegistry()
    }
    proxy.take()
    let failing: string | undefined
    proxy.plan = (line, at) => {
      if (at === index) failing = sameRequest(line)
      return at === index || (isLasting && sameRequest(line) === failing) ? fault : undefined
    }
    const from = performance.now()
    const { code, stdout, stderr, text } = await build(tags)
    const seconds = (performance.now() - from) / 1000
    proxy.plan = () => undefined
    const wrong: string[] = []
    const files = snapshot(output)
    if (seconds > LONGEST) wrong.push(`it took ${seconds} s`)
    if (Object.keys(files).some(file => file.startsWith('.'))) wrong.push('drafts are left')
    if (code === 0) {
      const { outputs } = JSON.parse(stdout) as PublishedReport
      const now = await digests([...tags, outputs['image-tag']])
      for (const [tag, digest] of now) {
        if (digest !== outputs.digest) wrong.push(`${tag} names ${String(digest)}`)
      }
      if (files['failure.json'] !== undefined) wrong.push('failure.json is left')
      const { outputs: written } = JSON.parse(files['report.json'] ?? '') as PublishedReport
      if (written.digest !== outputs.digest) wrong.push('report.json is of another run')
    } else {
      if (code !== 6) wrong.push(`exit code ${code}`)
      if (/INTERNAL/.test(text)) wrong.push('INTERNAL')
      const remains = stderr.split('This remains: ')[1] ?? ''
      for (const [tag, digest] of await digests(tags)) {
        if (digest !== before.tags.get(tag) && !remains.includes(`${name}:${tag}`)) {
          wrong.push(`${tag} names ${String(digest)}, which the message does not say`)
        }
      }
      for (const tag of await tagsInRegistry()) {
        if (!before.all.includes(tag) && !remains.includes(`${name}:${tag}`)) {
          wrong.push(`${tag} is new, which the message does not say`)
        }
      }
      const { 'failure.json': failure, ...kept } = files
      if (failure === undefined) wrong.push('there is no failure.json')
      delete before.files['failure.json']
      if (JSON.stringify(kept) !== JSON.stringify(before.files)) wrong.push('files changed')
    }
    if (wrong.length > 0) wrong.push(text.slice(-2000))
    return { end: code === 0 ? 'complete' : 'put back', seconds, wrong }
  }
  return { begin, faulty, proxy }
}

describeWith(['docker', 'registry', 'prefect:1.4.1'] as const, 'a registry that fails', bed => {
  const title = isWhole ? 'at any request, in any way' : 'at a choice of requests, in every way'
  test(
    `${title}, leaves a complete result, or what was there before`,
    async () => {
      const lanes = await Promise.all(Array.from({ length: LANES }, () => lane(bed)))
      const requests = { first: 0, changed: 0, unchanged: 0, tagged: 0 }
      for (const { begin } of lanes) {
        const { code, text } = await begin('first')
        expect([code, text]).toEqual([0, expect.anything()])
      }
      const [counter] = lanes
      if (counter === undefined) throw new Error('no lane')
      for (const kind of Object.keys(requests) as Kind[]) {
        await counter.begin(kind)
        requests[kind] = counter.proxy.take().filter(({ by }) => by === 'flowstore').length
      }
      const all = everyFault(requests)
      const wrong = await sweep({
        name: 'registry',
        all,
        sample: sampleOf(all, SEED),
        line: ({ kind, index, fault, isLasting }) =>
          `${kind} ${index}, ${fault}${isLasting ? ' each time' : ''}`,
        lanes: lanes.map(({ faulty }) => faulty)
      })
      expect(wrong).toEqual([])
    },
    sweepLimit(240_000)
  )
})
