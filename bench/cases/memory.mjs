// Node's peak memory: with 1,000 flows, and with a file of 1 GB for the image.
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { flags, flowstore } from '../kit/contestants.mjs'
import { emptyDaemon, noDaemonHere } from '../kit/daemon.mjs'
import { manyFlows } from '../kit/projects.mjs'
import { atMost, broken, caseOf } from '../kit/results.mjs'
import { readyWithoutDaemon, releasesOf } from './two-flows.mjs'

const RELEASE = '1.4.1'
const MOST = 150

/** Loaded into the measured process, whose peak it writes when the process ends, without its children. */
const hook = `import { readFileSync, writeFileSync } from 'node:fs'

process.on('exit', () => {
  let peak = process.resourceUsage().maxRSS
  try {
    // VmHWM is that of this program alone; other counters may include the process that started it.
    peak = Number(/^VmHWM:\\s+(\\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1])
  } catch {}
  writeFileSync(process.env.BENCH_PEAK, String(peak))
})
`

export const memory = async (bench, { repeat, tell }) => {
  const { url } = bench.bed.registry
  const release = (await releasesOf(bench)).find(known => known.release === RELEASE)
  const script = join(bench.folder, 'peak.mjs')
  writeFileSync(script, hook)
  const peaks = {}
  const failed = {}
  const samples = {}
  const measured = async (name, project, args, env) => {
    const file = join(bench.folder, 'peak')
    project.change()
    const node = ['--import', pathToFileURL(script).href]
    let taken
    try {
      taken = await flowstore(project, args, { ...env, BENCH_PEAK: file }, { node })
    } catch (error) {
      tell(`${name}: FAILED`)
      failed[name] = error.message
      return
    }
    const peak = (Number(readFileSync(file, 'utf8')) * 1024) / 1e6
    tell(`${name}: ${peak.toFixed(0)} MB`)
    ;(peaks[name] ??= []).push(Number(peak.toFixed(1)))
    ;(samples[name] ??= []).push(taken)
  }

  const many = manyFlows(bench.inFolder('memory'), 1000, 200)
  const image = `${bench.id}-memory`
  tell('making environment image and interpreter')
  const small = manyFlows(bench.inFolder('memory-first'), 1, 1)
  const options = { dependency: false }
  const { env } = await readyWithoutDaemon(bench, release, small, url, image, options)
  const args = flags(release, url, image, options)
  const onBuild = [...args, '--assemble', 'build']
  for (let round = 0; round < repeat; round += 1) {
    await measured('1,000 flows, in the image', many, args, bench.env)
    await measured('1,000 flows, daemonless', many, [...args, '--load-in', 'auto'], env)
    await measured('1,000 flows, built by the daemon', many, onBuild, bench.env)
  }

  // In a daemon that is deleted afterwards: a shared one would keep the file in its build cache.
  const impossible = noDaemonHere()
  if (impossible === undefined) {
    const project = manyFlows(bench.inFolder('memory-file'), 2, 2)
    const big = join(project.folder, 'big.bin')
    writeFileSync(big, '')
    truncateSync(big, 2 ** 30)
    for (let round = 0; round < repeat; round += 1) {
      const daemon = await emptyDaemon()
      try {
        const flagsOfFile = [
          ...flags(release, url, `${image}-file-${round}`, options),
          // No dependencies: they would need a network, which containers of that daemon lack.
          ...['--files', 'big.bin:/data/big.bin', '--build-kwargs', '{"network_mode":"none"}']
        ]
        const ownEnv = { ...bench.env, DOCKER_HOST: daemon.host }
        await measured('1 GB file, first build', project, flagsOfFile, ownEnv)
        await measured('1 GB file, one flow changed', project, flagsOfFile, ownEnv)
      } finally {
        await daemon.end()
      }
    }
  }
  return caseOf(
    samples,
    () => [
      ...Object.entries(peaks).map(([name, values]) =>
        atMost(`${name}: MB`, MOST, Math.max(...values))
      ),
      ...Object.keys(failed).map(name => broken(`${name}: MB`, `≤ ${MOST}`))
    ],
    { peaks, failed, ...(impossible ? { leftOut: impossible } : {}) }
  )
}
