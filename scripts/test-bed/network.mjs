import { existsSync } from 'node:fs'
import { run } from './command.mjs'
import { cache, hash } from './places.mjs'

/** A bridge of this test bed, since a second daemon on `docker0` would assign the same addresses again. */
export const BRIDGE = `fs-${hash(cache).slice(0, 8)}`
const NETWORK = `10.213.${parseInt(hash(cache).slice(0, 2), 16)}`

// The daemon writes no rules: a second dockerd would empty the chains that another one has made, and
// with them the published ports of its containers. These few let containers reach the outside.
const RULES = [
  ['nat', 'POSTROUTING', ['-s', `${NETWORK}.0/24`, '!', '-o', BRIDGE, '-j', 'MASQUERADE']],
  ['filter', 'FORWARD', ['-i', BRIDGE, '-j', 'ACCEPT']],
  [
    'filter',
    'FORWARD',
    ['-o', BRIDGE, '-m', 'conntrack', '--ctstate', 'RELATED,ESTABLISHED', '-j', 'ACCEPT']
  ]
]

const rule = (action, [table, chain, match]) =>
  run('iptables', ['-w', '-t', table, action, chain, ...match])

const holds = async one => rule('-C', one).then(Boolean, () => false)

/** Makes the bridge and its rules, if they are not there. */
export const bridgeUp = async () => {
  if (!existsSync(`/sys/class/net/${BRIDGE}`)) {
    await run('ip', ['link', 'add', 'name', BRIDGE, 'type', 'bridge'])
    await run('ip', ['addr', 'add', `${NETWORK}.1/24`, 'dev', BRIDGE])
    await run('ip', ['link', 'set', BRIDGE, 'up'])
  }
  for (const one of RULES) {
    if (!(await holds(one))) await rule('-I', one)
  }
}

/** Removes the bridge and its rules. */
export const bridgeDown = async () => {
  for (const one of RULES) await rule('-D', one).catch(() => {})
  await run('ip', ['link', 'del', BRIDGE]).catch(() => {})
}
