import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { daemonProxy, type DaemonProxy } from '../helpers/daemon-proxy.js'
import { containersOf, sample, startRun, until } from '../helpers/daemon-runs.js'
import {
  freshName,
  oneFlow,
  repository,
  temporaryFolder,
  writeFiles
} from '../helpers/flowstore.js'
import { digestOfTag } from '../helpers/registry-digest.js'
import { runsWith } from '../helpers/processes.js'
import { seeded } from '../helpers/seeded.js'
import { SEED, sweep, sweepLimit, type Tried } from '../helpers/sweep.js'
import { describeWith } from '../helpers/test-bed.js'

/** Moments of each kind of run, and those that the suite tries; each with every signal. */
const MOMENTS = 20
const SAMPLE = 2
/** Milliseconds: three times the limit for work, which is five times DOCKER_CLIENT_TIMEOUT. */
const LEASE = 17_000
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const

const KINDS = ['image', 'pushed', 'environment', 'runner'] as const
type Kind = (typeof KINDS)[number]

/** A run, and when it is ended. */
interface EndedRun {
  readonly kind: Kind
  readonly signal: (typeof SIGNALS)[number]
  /** Milliseconds after its start. */
  readonly moment: number
}

/** Every run, and some of them. */
function moments(): { readonly all: readonly EndedRun[]; readonly chosen: readonly EndedRun[] } {
  const random = seeded(SEED)
  const ofKind = KINDS.map(kind => {
    const longest = kind === 'runner' ? 8_000 : 4_000
    return Array.from({ length: MOMENTS }, (_, index) =>
      SIGNALS.map(signal => {
        const moment = Math.round(((index + random()) / MOMENTS) * longest) + 50
        return { kind, signal, moment }
      })
    )
  })
  return {
    all: ofKind.flat(2),
    chosen: ofKind.flatMap(list => sample(list, SAMPLE, random).flat())
  }
}

describeWith(
  ['docker', 'registry', 'prefect:1.4.1', 'venv:1.4.1'],
  'a run that a signal ends',
  bed => {
    let proxy: DaemonProxy
    beforeAll(async () => {
      proxy = await daemonProxy(bed.dockerHost)
    })
    afterAll(() => proxy.close())

    test(
      'leaves no process, container or temporary folder, or the next run removes them',
      async () => {
        // SIGKILL leaves containers until their lease is over.
        const leased = new Set<string>()
        const ours = async () =>
          (await containersOf(bed.dockerHost)).filter(({ Id: id }) => proxy.created.has(id))
        const left = async () => (await ours()).filter(({ Id: id }) => !leased.has(id))
        const places = new Map(
          KINDS.map(kind => {
            const root = repository({ 'flow.py': oneFlow('f'), 'slow.py': SLOW })
            return [kind, { root, name: freshName('signals') }]
          })
        )
        let edits = 0
        const ended = async ({ kind, signal, moment }: EndedRun): Promise<Tried> => {
          const { root, name } = places.get(kind) ?? fail(kind)
          const latest = () => digestOfTag(bed.registry.url, name, 'latest')
          const before = kind === 'pushed' ? await latest() : null
          if (kind === 'pushed') writeFiles(root, { 'flow.py': `${oneFlow('f')}# ${edits++}\n` })
          // Of its own: the installer of an earlier run that SIGKILL ended may go on in its folders.
          const [temporary, cache] = [temporaryFolder(), temporaryFolder()]
          const args =
            kind === 'runner'
              ? [
                  ...['build', 'flow.py', '--storage', 'bytes', '--prefect-version', '1.4.1'],
                  ...['--python-dependencies', 'marshmallow<4', '--installer', 'pip']
                ]
              : [
                  ...['build', 'flow.py', '--image-name', name],
                  ...(kind === 'pushed'
                    ? ['--registry-url', bed.registry.url, '--tags', 'latest']
                    : ['slow.py', '--push', 'false']),
                  ...['--base-image', bed.prefectBase, '--load-in', 'image'],
                  ...(kind === 'environment' ? ['--env-vars', `RUN=${freshName('signals')}`] : [])
                ]
          const env = {
            DOCKER_HOST: proxy.host,
            DOCKER_CLIENT_TIMEOUT: '1',
            XDG_CACHE_HOME: cache,
            PATH: `${join(bed.pythons['3.9'] ?? '', '..')}:${process.env['PATH'] ?? ''}`
          }
          const run = startRun(args, root, env, 60_000, temporary)
          await new Promise(done => setTimeout(done, moment))
          run.kill(signal)
          const { code, output, seconds, hung, signal: by } = await run.ended
          const wrong: string[] = []
          if (hung || seconds > moment / 1000 + 9) wrong.push('it went on')
          if (signal === 'SIGKILL') {
            // The next run removes the folders at once.
            const more = ['--storage', 'bytes', '--python', bed.venvs['1.4.1']]
            const following = startRun(['build', 'flow.py', ...more], root, env, 60_000, temporary)
            const next = await following.ended
            if (next.code !== 0) wrong.push(`the next run failed: ${next.output}`)
            for (const { Id: id } of await ours()) leased.add(id)
          } else {
            if (by !== signal && code !== 0) wrong.push(`exit ${code}`)
            if (code !== 0 && /error (?!INTERRUPTED)/.test(output)) {
              wrong.push(/error .*/.exec(output)?.[0] ?? '')
            }
            if (code !== 0 && kind === 'pushed' && (await latest()) !== before) {
              wrong.push('the tag moved')
            }
            if (!(await until(async () => (await left()).length === 0, 1_000))) {
              const names = (await left()).map(each => `${each.State} ${each.Names.join()}`)
              wrong.push(`a container: ${names.join()}`)
            }
          }
          const folders = readdirSync(temporary).filter(each => each.startsWith('flowstore-'))
          if (folders.length > 0) wrong.push(folders.join())
          for (const place of [temporary, cache]) {
            // A process that SIGKILL leaves ends with its input, or is the installer's.
            if (signal !== 'SIGKILL' && runsWith(place)) wrong.push('a process')
          }
          return { end: code === 0 ? 'complete before it' : 'ended', seconds, wrong }
        }
        const { all, chosen } = moments()
        const wrong = await sweep({
          name: 'signals',
          all,
          sample: chosen,
          line: ({ kind, signal, moment }) => `${kind} ${signal} after ${moment} ms`,
          lanes: [ended]
        })
        process.stderr.write(`${leased.size} containers of killed runs were left for their lease\n`)
        await new Promise(done => setTimeout(done, LEASE))
        const root = repository({ 'flow.py': oneFlow('f') })
        const args = ['build', 'flow.py', '--image-name', freshName('signals'), '--push', 'false']
        const env = { DOCKER_HOST: bed.dockerHost }
        const options = ['--base-image', bed.prefectBase, '--load-in', 'image']
        const next = await startRun([...args, ...options], root, env, 60_000).ended
        await until(async () => (await ours()).length === 0, 3_000)
        expect([wrong, next.code, await ours()]).toEqual([[], 0, []])
      },
      sweepLimit(480_000)
    )
  }
)

const fail = (kind: Kind): never => {
  throw new Error(`no place for ${kind}`)
}

/** A module whose import takes a while. */
const SLOW = `import time

time.sleep(1.5)
${oneFlow('slow')}`
