import { afterAll, beforeAll, expect, test } from '@jest/globals'
import {
  DAEMON_FAULTS,
  daemonProxy,
  type CameIn,
  type DaemonFault
} from '../helpers/daemon-proxy.js'
import {
  containersOf,
  removeContainers,
  sample,
  startRun,
  until,
  type WatchedRun
} from '../helpers/daemon-runs.js'
import { freshName, oneFlow, repository, writeFiles } from '../helpers/flowstore.js'
import { seeded, shuffled } from '../helpers/seeded.js'
import { isWhole, SEED, sweep, sweepLimit, type Tried } from '../helpers/sweep.js'
import { describeWith, type TestBed } from '../helpers/test-bed.js'

/** Faults in a run of the suite. */
const SAMPLE = 16

/** What the daemon's own errors may be reported as: each has its message. */
const CODES =
  /error (DAEMON|IMAGE_BUILD|BASE_IMAGE_PULL|PUSH_REFUSED|BASE_IMAGE_PYTHON|DEPENDENCY_INSTALL):? /

/** Kinds of runs, with what makes one of a repository that is new or was built before. */
const KINDS = ['first', 'changed', 'unchanged', 'tagged', 'build'] as const
type Kind = (typeof KINDS)[number]

/** Those of a repository that was built before. */
const LATER = new Set<Kind>(['changed', 'unchanged', 'tagged'])

/** A run, and the request of it that fails. */
interface FaultyRun {
  readonly kind: Kind
  readonly request: CameIn
  readonly fault: DaemonFault
}

/** How many runs go on at a time. Each waits for the daemon, or for the end of a limit. */
const LANES = isWhole ? 4 : 1

/** Names of flows, each once. */
let flows = 0
const anotherFlow = () => oneFlow(`f${flows++}`)

/** A repository for each kind of run, and a proxy of the daemon of its own. */
async function lane({ dockerHost, prefectBase, registry }: TestBed) {
  const proxy = await daemonProxy(dockerHost)
  const projects = new Map<Kind, { readonly name: string; readonly root: string }>()
  const argsOf = (kind: Kind, name: string): string[] => [
    ...['build', 'flow.py', '--image-name', name, '--base-image', prefectBase],
    // Without a push the daemon has to do everything.
    ...(kind === 'first' ? ['--push', 'false'] : ['--registry-url', registry.url]),
    ...['--load-in', 'image', '--builder', 'daemon'],
    ...(kind === 'build' ? ['--assemble', 'build'] : []),
    ...(kind === 'tagged' ? ['--tags', 'latest', '--tags', 'v2'] : []),
    // A new environment image, which takes no installation.
    ...(kind === 'first' ? ['--env-vars', `RUN=${name}`] : [])
  ]
  const prepare = async (kind: Kind) => {
    const name = freshName('faults')
    const root = repository({ 'flow.py': anotherFlow() })
    if (LATER.has(kind)) {
      const { code, output } = await startRun(
        argsOf(kind, name),
        root,
        { DOCKER_HOST: dockerHost },
        300_000
      ).ended
      if (code !== 0) throw new Error(output)
      if (kind !== 'unchanged') writeFiles(root, { 'flow.py': anotherFlow() })
    }
    projects.set(kind, { name, root })
    return { name, root }
  }
  const run = async (
    kind: Kind,
    root: string,
    name: string,
    fault?: { readonly index: number; readonly kind: DaemonFault }
  ): Promise<WatchedRun> => {
    proxy.log.length = 0
    proxy.plan = ({ index }) => (index === fault?.index ? fault.kind : undefined)
    // Short limits: one second for an answer.
    const env = { DOCKER_HOST: proxy.host, DOCKER_CLIENT_TIMEOUT: '1' }
    return startRun(argsOf(kind, name), root, env, 120_000).ended
  }

  /** The requests of a run in which nothing fails. */
  const requestsOf = async (kind: Kind): Promise<readonly CameIn[]> => {
    const { name, root } = projects.get(kind) ?? (await prepare(kind))
    const good = await run(kind, root, name)
    if (good.code !== 0) throw new Error(`${kind}: ${good.output}`)
    return [...proxy.log]
  }

  const faulty = async ({ kind, request, fault }: FaultyRun): Promise<Tried> => {
    const { name, root } = projects.get(kind) ?? (await prepare(kind))
    if (kind !== 'unchanged') writeFiles(root, { 'flow.py': anotherFlow() })
    const used = LATER.has(kind) ? name : freshName('faults')
    proxy.created.clear()
    const ended = await run(kind, root, used, { index: request.index, kind: fault })
    const ours = async () =>
      (await containersOf(dockerHost)).filter(({ Id: id }) => proxy.created.has(id))
    await until(async () => (await ours()).length === 0, 3_000)
    // A daemon that says of a container that it is gone, or removed, has to be believed. The next run removes what one
    // says nothing about.
    // A run renews leases by the clock, so another request than that of the run before may be the one at this index.
    const met = proxy.log[request.index]?.line ?? request.line
    const isDenied =
      met.startsWith('DELETE /containers/') &&
      ['status 404', 'error inside', 'hang'].includes(fault)
    const remaining = await ours()
    const left = isDenied ? [] : remaining
    await removeContainers(dockerHost, remaining)
    const error = /error [A-Z_]+.*/.exec(ended.output)?.[0] ?? ''
    const isExplained =
      ended.code === 0 || (CODES.test(ended.output) && !/INTERNAL|LOAD_FAILED/.test(ended.output))
    const wrong = [
      ...(ended.hung ? ['it hung'] : []),
      ...(isExplained ? [] : [`exit ${ended.code}: ${error}`]),
      ...left.map(({ State: state, Names: names }) => `a container: ${state} ${names.join()}`),
      ...ended.folders.map(folder => `a folder: ${folder}`)
    ]
    return {
      end: ended.code === 0 ? 'complete' : 'explained',
      seconds: ended.seconds,
      wrong: wrong.length === 0 ? [] : [...wrong, ended.output.slice(-2000)]
    }
  }
  return { proxy, requestsOf, faulty }
}

describeWith(['docker', 'registry', 'prefect:1.4.1'], 'a daemon that fails', bed => {
  const lanes: Awaited<ReturnType<typeof lane>>[] = []
  beforeAll(async () => {
    lanes.push(...(await Promise.all(Array.from({ length: LANES }, () => lane(bed)))))
  })
  afterAll(() => Promise.all(lanes.map(({ proxy }) => proxy.close())))

  test(
    'ends every run with an error that says what it was asked for, and nothing is left',
    async () => {
      const random = seeded(SEED)
      const all: FaultyRun[] = []
      for (const kind of KINDS) {
        const requests = (await lanes[0]?.requestsOf(kind)) ?? []
        for (const request of requests) {
          all.push(...DAEMON_FAULTS.map(fault => ({ kind, request, fault })))
        }
      }
      // Each fault and each kind of run in turn, at any of its requests; the second time a fault gets another kind.
      const faults = shuffled(DAEMON_FAULTS, random)
      const chosen = Array.from({ length: SAMPLE }, (_, index) => {
        const round = Math.floor(index / faults.length)
        const [kind, fault] = [KINDS[(index + round) % KINDS.length], faults[index % faults.length]]
        return sample(
          all.filter(run => run.kind === kind && run.fault === fault),
          1,
          random
        )
      }).flat()
      expect(new Set(chosen.map(({ fault }) => fault))).toEqual(new Set(DAEMON_FAULTS))
      const wrong = await sweep({
        name: 'daemon',
        all,
        sample: chosen,
        line: ({ kind, request: { index, line }, fault }) => `${kind} ${index} ${line}, ${fault}`,
        lanes: lanes.map(({ faulty }) => faulty)
      })
      expect(wrong).toEqual([])
    },
    sweepLimit(SAMPLE * 15_000 + 60_000)
  )
})
