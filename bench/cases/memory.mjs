// Node's peak memory: with 1,000 flows, with a file of 1 GB for the image, and with a layer of packages of 1 GB.
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { flags, flowstore } from '../kit/contestants.mjs'
import { emptyDaemon, noDaemonHere } from '../kit/daemon.mjs'
import { timed } from '../kit/process.mjs'
import { manyFlows } from '../kit/projects.mjs'
import { atMost, broken, caseOf } from '../kit/results.mjs'
import { withoutDaemon } from '../kit/without-daemon.mjs'
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

const MINOR = '3.9'

/** Writes a wheel with a file of random bytes, which no compression makes smaller. */
const wheelScript = `import os, sys, zipfile
folder, size = sys.argv[1], int(sys.argv[2])
info = "bench_large-1.0.dist-info/"
files = {
    info + "METADATA": "Metadata-Version: 2.1\\nName: bench-large\\nVersion: 1.0\\n",
    info + "WHEEL": "Wheel-Version: 1.0\\nGenerator: bench\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
}
record = "".join(name + ",,\\n" for name in [*files, "bench_large/data.bin", info + "RECORD"])
with zipfile.ZipFile(folder + "/bench_large-1.0-py3-none-any.whl", "w") as wheel:
    for name, text in {**files, info + "RECORD": record}.items():
        wheel.writestr(name, text)
    with wheel.open("bench_large/data.bin", "w") as file:
        for _ in range(size >> 20):
            file.write(os.urandom(1 << 20))
`

/**
 * A layer of packages of 1 GB: built without a daemon, and unpacked on a runner without interpreter. Each once, since it
 * takes a minute and 4 GB.
 */
const withLargePackage = async (bench, measured, image) => {
  const { bed, env: own, inFolder } = bench
  const wheels = inFolder('memory-wheels')
  await timed(bed.pythons[MINOR], ['-c', wheelScript, wheels, String(2 ** 30)], { env: own })
  const cache = inFolder('memory-package-cache')
  const env = {
    ...(await withoutDaemon(bench, MINOR, cache)),
    UV_FIND_LINKS: wheels,
    UV_CACHE_DIR: inFolder('memory-package-uv')
  }
  const project = manyFlows(inFolder('memory-package'), 2, 2)
  const args = [
    ...flags(
      { release: RELEASE, base: bed.baseImages[MINOR] },
      bed.registry.url,
      `${image}-package`,
      { dependency: false }
    ),
    ...['--python-dependencies', 'bench-large==1.0', '--load-in', 'auto']
  ]
  await measured('1 GB package, built and unpacked', project, args, env)
  rmSync(cache, { recursive: true, force: true })
  await measured('1 GB package, unpacked on an empty runner', project, args, env)
}

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

  await withLargePackage(bench, measured, image)

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
