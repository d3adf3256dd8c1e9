import { inspect } from 'node:util'
import { expect, test } from '@jest/globals'
import { Bytes, buildStorage, deserialize, loadFlows } from '../../src/index.js'
import { describeWithPrefect } from '../helpers/field.js'
import { oneFlow, repository } from '../helpers/flowstore.js'

await describeWithPrefect('0.5.4', 'the library', python => {
  const cwd = repository({ 'flows/a.py': oneFlow('a') })

  test('buildStorage needs only the options', async () => {
    const { report } = await buildStorage({ flows: 'flows', storage: 'bytes', python }, { cwd })
    expect([report.storage.type, report.flows.map(({ name }) => name)]).toEqual(['Bytes', ['a']])
  }, 60_000)

  test('a storage from JSON runs its flow without a runner being named', async () => {
    const { report } = await buildStorage({ flows: 'flows', storage: 'bytes', python }, { cwd })
    const storage = deserialize(report.storage)
    expect(await storage.getEnvRunner('a').run()).toMatchObject({ state: 'Success' })
  }, 120_000)

  test('loadFlows gives flows for a storage', async () => {
    const { flows } = await loadFlows({ flows: ['flows'], python }, { cwd })
    const storage = new Bytes({ release: '0.5.4' })
    expect(flows.map(flow => storage.addFlow(flow))).toEqual(['a'])
  }, 60_000)

  test('an error of loadFlows shows no secret of the environment', async () => {
    const secret = 'token-of-the-step'
    const folder = repository({ 'flows/a.py': `raise ValueError('${secret}')\n` })
    const env = { ...process.env, GITHUB_TOKEN: secret }
    const error: unknown = await loadFlows(
      { flows: ['flows'], python },
      { cwd: folder, env }
    ).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'MODULE_IMPORT' })
    expect(inspect(error)).toContain('ValueError: ***')
    expect(inspect(error)).not.toContain(secret)
  }, 60_000)
})
