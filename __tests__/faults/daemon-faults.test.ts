import { afterAll, beforeAll, expect, test } from '@jest/globals'
import {
  DAEMON_FAULTS,
  daemonProxy,
  type DaemonFault,
  type DaemonProxy
} from '../helpers/daemon-proxy.js'
import {
  containersOf,
  removeContainers,
  sample,
  seeded,
  startRun,
  until,
  type WatchedRun
} from '../helpers/daemon-runs.js'
import { freshName, oneFlow, repository, writeFiles } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

/** Faults in a run of the suite. `FAULTS=all` tries every request with every fault, `FAULTS=100` so many. */
const isFull = process.env['FAULTS'] === 'all'
const SAMPLE = Number(process.env['FAULTS']) || 16
const SEED = Number(process.env['FAULTS_SEED'] ?? 16)

/** What the daemon's own errors may be reported as: each has its message. */
const CODES =
  /error (DAEMON|IMAGE_BUILD|BASE_IMAGE_PULL|PUSH_REFUSED|BASE_IMAGE_PYTHON|DEPENDENCY_INSTALL):? /

/** Kinds of runs, with what makes one of a repository that is new or was built before. */
const KINDS = ['first', 'changed', 'unchanged', 'build'] as const

describeWith(['docker', 'registry', 'prefect:1.4.1'], 'a daemon that fails', bed => {
  let proxy: DaemonProxy
  beforeAll(async () => {
    proxy = await daemonProxy(bed.dockerHost)
  })
  afterAll(() => proxy.close())

  const argsOf = (kind: (typeof KINDS)[number], name: string): string[] => [
    ...['build', 'flow.py', '--image-name', name, '--base-image', bed.prefectBase],
    // Without a push the daemon has to do everything.
    ...(kind === 'first' ? ['--push', 'false'] : ['--registry-url', bed.registry.url]),
    ...['--load-in', 'image', '--builder', 'daemon'],
    ...(kind === 'build' ? ['--assemble', 'build'] : []),
    // A new environment image, which takes no installation.
    ...(kind === 'first' ? ['--env-vars', `RUN=${name}`] : [])
  ]
  let runs = 0
  const prepare = async (kind: (typeof KINDS)[number], name: string): Promise<string> => {
    const root = repository({ 'flow.py': oneFlow(`f${runs++}`) })
    if (kind === 'changed' || kind === 'unchanged') {
      const env = { DOCKER_HOST: bed.dockerHost }
      const { code, output } = await startRun(argsOf(kind, name), root, env, 300_000).ended
      if (code !== 0) throw new Error(output)
      if (kind === 'changed') writeFiles(root, { 'flow.py': oneFlow(`f${runs++}`) })
    }
    return root
  }
  const run = async (
    kind: (typeof KINDS)[number],
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
  test(
    'ends every run with an error that says what it was asked for, and nothing is left',
    async () => {
      const random = seeded(SEED)
      const before = new Set((await containersOf(bed.dockerHost)).map(({ Id: id }) => id))
      const wrong: string[] = []
      const lines: string[] = []
      let tried = 0
      for (const kind of KINDS) {
        const name = freshName('faults')
        const root = await prepare(kind, name)
        const good = await run(kind, root, name)
        if (good.code !== 0) throw new Error(`${kind}: ${good.output}`)
        const requests = [...proxy.log]
        const pairs = requests.flatMap(request => DAEMON_FAULTS.map(fault => ({ request, fault })))
        const chosen = isFull ? pairs : sample(pairs, SAMPLE / KINDS.length, random)
        for (const { request, fault } of chosen) {
          const isKnown = kind === 'changed' || kind === 'unchanged'
          if (kind !== 'unchanged') writeFiles(root, { 'flow.py': oneFlow(`f${runs++}`) })
          const used = isKnown ? name : freshName('faults')
          const ended = await run(kind, root, used, { index: request.index, kind: fault })
          tried += 1
          const ours = () => containersOf(bed.dockerHost, before)
          await until(async () => (await ours()).length === 0, 3_000)
          const left = await ours()
          const isFine =
            !ended.hung &&
            (ended.code === 0 ||
              (CODES.test(ended.output) && !/INTERNAL|LOAD_FAILED/.test(ended.output))) &&
            left.length === 0 &&
            ended.folders.length === 0
          const error = /error [A-Z_]+.*/.exec(ended.output)?.[0] ?? ''
          const line = `${kind} ${request.index} ${request.line}, ${fault}: ${ended.hung ? 'HUNG' : `exit ${ended.code}`} ${ended.seconds.toFixed(1)} s ${error} ${left.map(({ State: state, Names: names }) => `LEFT ${state} ${names.join()}`).join()}${ended.folders.length > 0 ? ` FOLDERS ${ended.folders.join()}` : ''}`
          lines.push(line)
          if (process.env['FAULTS_PRINT'])
            process.stdout.write(`${isFine ? 'ok ' : 'BAD'} ${line}\n`)
          if (!isFine) wrong.push(line)
          await removeContainers(bed.dockerHost, left)
        }
      }
      process.stdout.write(
        `daemon: ${tried} faults tried with seed ${SEED}, ${wrong.length} wrong\n`
      )
      expect(wrong).toEqual([])
    },
    (isFull ? 1_000 : SAMPLE) * 15_000 + 60_000
  )
})
