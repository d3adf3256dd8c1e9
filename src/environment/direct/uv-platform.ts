import { machineOf } from '../../util/platform.js'

/** Releases of glibc that uv has platforms for, newest first. */
const GLIBCS = [
  '2.40',
  '2.39',
  '2.38',
  '2.37',
  '2.36',
  '2.35',
  '2.34',
  '2.33',
  '2.32',
  '2.31',
  '2.28',
  '2.17'
]

/**
 * What uv calls the platform of an image (`uv pip install --python-platform`): wheels that need a newer C library are
 * left out.
 *
 * @param platform `os/architecture`
 * @param libc `glibc 2.36` or `musl`
 * @returns undefined for a platform that uv has no name for
 */
export function uvPlatform(platform: string, libc: string): string | undefined {
  const machine = machineOf(platform)
  if (!platform.startsWith('linux/') || machine === undefined) return undefined
  if (libc === 'musl') return `${machine}-unknown-linux-musl`
  const version = /^glibc (\d+\.\d+)$/.exec(libc)?.[1]
  if (version === undefined) return undefined
  const newest = GLIBCS.find(glibc => Number(glibc.split('.')[1]) <= Number(version.split('.')[1]))
  return newest === undefined ? undefined : `${machine}-manylinux_${newest.replace('.', '_')}`
}
