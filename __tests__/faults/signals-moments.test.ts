import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { daemonProxy, type DaemonProxy } from '../helpers/daemon-proxy.js'
import { containersOf, sample, seeded, startRun, until } from '../helpers/daemon-runs.js'
import { freshName, oneFlow, repository, temporaryFolder } from '../helpers/flowstore.js'
import { runsWith } from '../helpers/processes.js'
import { describeWith } from '../helpers/test-bed.js'

/** Moments in a run of the suite. `MOMENTS=all` tries 60 for each signal. */
const isFull = process.env['MOMENTS'] === 'all'
const MOMENTS = 60
const SAMPLE = Number(process.env['MOMENTS']) || 4
const SEED = Number(process.env['FAULTS_SEED'] ?? 16)
/** Milliseconds: three times the limit for work, which is five times DOCKER_CLIENT_TIMEOUT. */
const LEASE = 17_000
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const

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
        const random = seeded(SEED)
        const wrong: string[] = []
        let tried = 0
        const before = new Set((await containersOf(bed.dockerHost)).map(({ Id: id }) => id))
        const ours = () => containersOf(bed.dockerHost, before)
        // SIGKILL leaves containers until their lease is over.
        const leased = new Set<string>()
        const left = async () => (await ours()).filter(({ Id: id }) => !leased.has(id))
        for (const kind of ['image', 'environment', 'runner'] as const) {
          const temporary = temporaryFolder()
          const cache = temporaryFolder()
          const name = freshName('signals')
          const root = repository({ 'flow.py': oneFlow('f'), 'slow.py': SLOW })
          const argsOf = (number: number): string[] =>
            kind === 'runner'
              ? [
                  ...['build', 'flow.py', '--storage', 'bytes', '--prefect-version', '1.4.1'],
                  ...['--python-dependencies', 'marshmallow<4', '--installer', 'pip']
                ]
              : [
                  ...['build', 'flow.py', 'slow.py', '--image-name', name, '--push', 'false'],
                  ...['--base-image', bed.prefectBase, '--load-in', 'image'],
                  ...(kind === 'environment' ? ['--env-vars', `RUN=${name}-${number}`] : [])
                ]
          const env = {
            DOCKER_HOST: proxy.host,
            DOCKER_CLIENT_TIMEOUT: '1',
            XDG_CACHE_HOME: cache,
            PATH: `${join(bed.pythons['3.9'] ?? '', '..')}:${process.env['PATH'] ?? ''}`
          }
          const longest = kind === 'runner' ? 8_000 : 4_000
          const moments = Array.from({ length: MOMENTS / 3 }, (_, index) => ({ index }))
          const chosen = isFull ? moments : sample(moments, Math.ceil(SAMPLE / 3), random)
          for (const { index } of chosen) {
            for (const signal of SIGNALS) {
              const moment = Math.round(((index + random()) / moments.length) * longest) + 50
              const run = startRun(argsOf(tried), root, env, 60_000, temporary)
              await new Promise(done => setTimeout(done, moment))
              run.kill(signal)
              const ended = await run.ended
              tried += 1
              const faults: string[] = []
              if (ended.hung || ended.seconds > moment / 1000 + 9) faults.push('it went on')
              if (signal === 'SIGKILL') {
                // The next run removes the folders at once.
                const args = [
                  'build',
                  'flow.py',
                  '--storage',
                  'bytes',
                  '--python',
                  bed.venvs['1.4.1']
                ]
                const next = await startRun(args, root, env, 60_000, temporary).ended
                if (next.code !== 0) faults.push(`the next run failed: ${next.output}`)
                for (const { Id: id } of await ours()) leased.add(id)
              } else {
                if (ended.signal !== signal && ended.code !== 0) faults.push(`exit ${ended.code}`)
                if (ended.code !== 0 && /error (?!INTERRUPTED)/.test(ended.output)) {
                  faults.push(/error .*/.exec(ended.output)?.[0] ?? '')
                }
                if (!(await until(async () => (await left()).length === 0, 1_000))) {
                  faults.push(
                    `a container: ${(await left()).map(each => `${each.State} ${each.Names.join()}`).join()}`
                  )
                }
              }
              const folders = readdirSync(temporary).filter(each => each.startsWith('flowstore-'))
              if (folders.length > 0) faults.push(folders.join())
              for (const place of [temporary, cache]) {
                // A process that SIGKILL leaves ends with its input, or is the installer's.
                if (signal !== 'SIGKILL' && runsWith(place)) faults.push('a process')
              }
              const line = `${kind} ${signal} after ${moment} ms: ${faults.join('; ') || 'ok'}`
              if (process.env['FAULTS_PRINT']) process.stdout.write(`${line}\n`)
              if (faults.length > 0) wrong.push(line)
            }
          }
        }
        await new Promise(done => setTimeout(done, LEASE))
        const root = repository({ 'flow.py': oneFlow('f') })
        const args = ['build', 'flow.py', '--image-name', freshName('signals'), '--push', 'false']
        const env = { DOCKER_HOST: bed.dockerHost }
        const options = ['--base-image', bed.prefectBase, '--load-in', 'image']
        const next = await startRun([...args, ...options], root, env, 60_000).ended
        if (next.code !== 0) wrong.push(`the next run failed: ${next.output}`)
        if (!(await until(async () => (await ours()).length === 0, 3_000))) {
          wrong.push(
            `a container after its lease: ${(await ours()).map(each => each.State).join()}`
          )
        }
        process.stdout.write(`signals: ${leased.size} containers of killed runs were found\n`)
        process.stdout.write(`signals: ${tried} runs with seed ${SEED}, ${wrong.length} wrong\n`)
        expect(wrong).toEqual([])
      },
      (isFull ? MOMENTS : SAMPLE) * 120_000
    )
  }
)

/** A module whose import takes a while. */
const SLOW = `import time

time.sleep(1.5)
${oneFlow('slow')}`
