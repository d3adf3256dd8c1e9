import { dirname } from 'node:path'
import { expect, jest, test } from '@jest/globals'
import { reportOf } from '../helpers/builds.js'
import { flowstore, freshName, oneFlow, repository } from '../helpers/flowstore.js'
import { openDoor } from '../helpers/outside.js'
import { describeWith } from '../helpers/test-bed.js'
import { uvProgram, WITHOUT_INDEXES } from '../helpers/uv.js'

jest.setTimeout(300_000)

describeWith(['docker', 'registry', 'prefect:1.4.1'], 'a registry on another machine', bed => {
  const root = repository({ 'flow.py': oneFlow('a') })
  const base = bed.prefectBase.replace(/^[^/]+\//, '')

  test.each<['plain' | 'self-signed', string]>([
    ['plain', 'has no TLS'],
    ['self-signed', 'is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)']
  ])('that is %s takes images without a daemon if it is named', async (security, words) => {
    const door = await openDoor(bed.registry.url, security)
    const env = {
      ...WITHOUT_INDEXES,
      PATH: `${dirname(await uvProgram())}:${process.env['PATH'] ?? ''}`
    }
    const name = freshName('insecure')
    const args = [
      ...['--json', '--registry-url', door.host, '--image-name', name],
      ...['--base-image', `${door.host}/${base}`, '--python', '3.9'],
      ...['--builder', 'direct', '--load-in', 'runner', '--base-url', 'unix:///nowhere.sock']
    ]
    const build = (...more: readonly string[]) =>
      flowstore(['build', 'flow.py', ...args, ...more], root, env)
    try {
      const refused = await build()
      expect([refused.code, refused.stderr]).not.toEqual([0, expect.anything()])
      const ended = await build('--insecure-registries', door.host)
      expect([ended.code, ended.stderr]).toEqual([0, expect.stringContaining(words)])
      expect(ended.stderr.split(words)).toHaveLength(2)
      const { image } = reportOf(ended).outputs
      const verified = await flowstore(
        ['verify', image, '--no-healthcheck', '--insecure-registries', door.host],
        root,
        env
      )
      expect(verified).toMatchObject({ code: 0, stderr: expect.stringContaining(words) })
    } finally {
      door.close()
    }
  })

  test('a daemon that does not trust it is an error that says where to set it', async () => {
    const door = await openDoor(bed.registry.url, 'self-signed')
    try {
      const { code, stderr } = await flowstore(
        [
          ...['build', 'flow.py', '--push', 'false', '--image-name', freshName('insecure')],
          ...['--base-image', `${door.host}/${base}`, '--insecure-registries', door.host]
        ],
        root
      )
      expect([code, stderr]).toEqual([
        4,
        expect.stringContaining(`The daemon does not trust ${door.host}`)
      ])
    } finally {
      door.close()
    }
  })
})
