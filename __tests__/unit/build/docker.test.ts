import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import { Docker } from '../../../src/build/docker.js'
import { silentLog, type Log } from '../../../src/log.js'
import { defaultBaseImage } from '../../../src/prefect/install.js'
import { repository } from '../../helpers/flowstore.js'
import { golden, GOLDEN_RELEASES } from '../../helpers/golden.js'

interface Input {
  readonly prefect_version?: string
  readonly base_image?: string
  readonly files?: Readonly<Record<string, string>>
}

describe.each(GOLDEN_RELEASES)('Docker of Prefect %s', release => {
  const rows = golden<Input>(release)

  test('the default base image and version are those of Prefect', () => {
    const attributes = rows.filter(row => /docker\.(default_)?attributes/.test(row.case))
    expect(attributes.length).toBe(3)
    for (const { input, output } of attributes) {
      const { base_image: base, prefect_version: version } = output as Record<string, string>
      const docker = new Docker({
        release,
        prefectVersion: input.prefect_version,
        baseImage: input.base_image
      })
      expect(docker.prefectVersion).toBe(version)
      // The default names the interpreter of the recordings, if the release uses it.
      const python = /python:?(3\.\d+)/.exec(base ?? '')?.[1]
      expect(input.base_image ?? defaultBaseImage(version ?? '', python, release)).toBe(base)
      expect(docker.baseImage.replace(/3\.\d+/, '3.x')).toBe(base?.replace(/3\.\d+/, '3.x'))
    }
  })

  test('a file with a relative path is refused with Prefect’s message', () => {
    const row = rows.find(({ case: name }) => name === 'docker.files_relative')
    expect(() => new Docker({ release, files: row?.input.files ?? {} })).toThrow(
      row?.error?.message
    )
  })
})

test('neither the log nor an error of the storage shows a secret of the environment', async () => {
  const secret = 'token-of-the-step'
  const shown: string[] = []
  const note = (text: string) => void shown.push(text)
  const log: Log = {
    ...{ info: note, debug: note, progress: note, notice: ({ message }) => void note(message) },
    phase: (name, work) => {
      note(name)
      return work()
    }
  }
  const docker = new Docker(
    { release: '1.4.1', baseUrl: `unix:///${secret}.sock`, registryUrl: 'registry.example' },
    { env: { PATH: '', GITHUB_TOKEN: secret }, log }
  )
  const calls = [
    () => docker.pullImage(),
    () => docker.createDockerfile('/nowhere'),
    () => docker.dockerfile(),
    () => docker.buildImage(false),
    () => docker.build({ push: false }),
    () => docker.pushImage('registry.example/a', '1')
  ]
  for (const call of calls) {
    const error: unknown = await call().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'DAEMON',
      message: expect.stringContaining('***')
    })
    // As Node prints it, with its causes.
    expect(inspect(error)).not.toContain(secret)
  }
  expect(shown.join('\n')).not.toContain(secret)
})

test.each([
  ['0.5.4', 'This environment has no `registry_url`, and cannot be pushed.'],
  ['0.6.3', 'This environment has no `registry_url`, and cannot be pushed.'],
  ['0.6.4', 'This Docker storage object has no `registry_url`, and cannot be pushed.']
])('Prefect %s refuses a push without a registry', async (release, message) => {
  await expect(new Docker({ release }).build()).rejects.toThrow(
    expect.objectContaining({ code: 'STORAGE_INVALID', message })
  )
})

test('Prefect 0.6.5 warns of a push without a registry, and builds', async () => {
  const log = silentLog()
  const docker = new Docker({ release: '0.6.5', baseUrl: 'unix:///nowhere.sock' }, { log })
  await expect(docker.build()).rejects.toThrow(expect.objectContaining({ code: 'DAEMON' }))
  expect(log.notices).toEqual([
    {
      level: 'warning',
      message: 'This Docker storage object has no `registry_url`, and will not be pushed.'
    }
  ])
})

test('a base image and a Dockerfile are refused together, in Prefect’s words', () => {
  expect(() => new Docker({ baseImage: 'python:3.9', dockerfile: 'Dockerfile' })).toThrow(
    expect.objectContaining({
      code: 'STORAGE_INVALID',
      message: 'Only one of `base_image` and `dockerfile` can be provided.'
    })
  )
})

/** Builds with the files of a folder, as far as one gets without a daemon. */
async function buildWith(root: string, source: string) {
  const log = silentLog()
  const options = { files: { [source]: '/srv/x' }, baseUrl: 'unix:///nowhere.sock' }
  const ended = new Docker(options, { cwd: root, log }).build({ push: false })
  await expect(ended).rejects.toThrow()
  return { ended, notices: log.notices }
}

test('a file in version control is refused', async () => {
  const root = repository({ '.git/config': 'token' })
  const { ended } = await buildWith(root, join(root, '.git/config'))
  await expect(ended).rejects.toMatchObject({ code: 'INVALID_OPTION' })
})

test('a warning tells of what git ignores in a folder that is copied', async () => {
  const root = repository({ '.gitignore': '.env\n', 'data/.env': 'secret', 'data/a.csv': '' })
  const { ended, notices } = await buildWith(root, join(root, 'data'))
  await expect(ended).rejects.toMatchObject({ code: 'DAEMON' })
  expect(notices).toEqual([
    {
      level: 'warning',
      message: expect.stringContaining(
        'so it is not copied: data/.env; to copy it, add it to the option files as SOURCE:/absolute/destination'
      )
    }
  ])
})
