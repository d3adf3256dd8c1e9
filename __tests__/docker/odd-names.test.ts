import { symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { reportOf } from '../helpers/builds.js'
import { flowstore, freshName, mustRun, oneFlow, repository } from '../helpers/flowstore.js'
import { fileName, foreignLine } from '../helpers/foreign-text.js'
import { ODD_NAMES } from '../helpers/odd-names.js'
import { describeWith } from '../helpers/test-bed.js'
import { uvProgram, WITHOUT_INDEXES } from '../helpers/uv.js'

jest.setTimeout(300_000)

/** Prints as JSON what lies below a folder: the text of each file, and the target of each link. */
const READ = `
import json, os, sys
found = {}
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        path = os.path.join(folder, name)
        text = os.readlink(path) if os.path.islink(path) else open(path, newline="").read()
        found[os.path.relpath(path, sys.argv[1])] = text
print(json.dumps(found))
`

/** A flow whose import fails if a file of the sources does not have its own name as its content. */
const READING = `import os

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")
for name in os.listdir(folder):
    with open(os.path.join(folder, name), newline="") as file:
        assert file.read() == name, name
assert len(os.listdir(folder)) == ${ODD_NAMES.length}, os.listdir(folder)
${oneFlow('nightly')}`

/** Names that a line of the option can have: it is trimmed, and has no line break. */
const IN_LINE = ODD_NAMES.filter(name => !/[\r\n]/.test(name) && name === name.trim())

describeWith(['docker', 'registry', 'prefect:1.4.1'], 'files of any name', bed => {
  let env: NodeJS.ProcessEnv

  beforeAll(async () => {
    const path = [dirname(await uvProgram()), WITHOUT_INDEXES['PATH']].join(':')
    env = { ...WITHOUT_INDEXES, PATH: path }
  })

  const below = async (image: string, folder: string): Promise<Record<string, string>> =>
    JSON.parse(
      await mustRun('docker', ['run', '--rm', image, 'python', '-c', READ, folder])
    ) as Record<string, string>

  test.each([
    ['direct', 'append'],
    ['daemon', 'append'],
    ['daemon', 'build']
  ])('arrive as they are: builder %s, assemble %s', async (builder, assemble) => {
    // Hidden files are no data of a module.
    const texts = Object.fromEntries(
      ODD_NAMES.filter(name => !name.startsWith('.')).map(name => [name, name])
    )
    const root = repository({
      'flow.py': READING,
      ...Object.fromEntries(ODD_NAMES.map(name => [`data/${name}`, name]))
    })
    symlinkSync('ü[1]\n$', join(root, 'link'))
    const folder = repository(
      Object.fromEntries(ODD_NAMES.map(name => [`deep/${name}/${name}`, name]))
    )
    symlinkSync('ü[1]\n$', join(folder, 'deep/link'))
    const lines = [
      `${folder}/deep:/srv/"deep" $HOME`,
      ...IN_LINE.map(name => `data/${name}:/srv/files/`)
    ]
    const ended = await flowstore(
      [
        ...['build', 'flow.py', '--registry-url', bed.registry.url, '--json'],
        ...['--image-name', freshName('names'), '--base-image', bed.prefectBase],
        ...[
          '--builder',
          builder,
          '--assemble',
          assemble,
          '--load-in',
          builder === 'direct' ? 'runner' : 'image'
        ],
        ...['--files', lines.join('\n')]
      ],
      root,
      builder === 'direct' ? { ...env, DOCKER_HOST: 'unix:///nowhere/docker.sock' } : env
    )
    const image = reportOf(ended).outputs['image-ref']
    expect(await below(image, '/srv/"deep" $HOME')).toEqual({
      ...Object.fromEntries(ODD_NAMES.map(name => [`${name}/${name}`, name])),
      link: 'ü[1]\n$'
    })
    expect(await below(image, '/srv/files')).toEqual(
      Object.fromEntries(IN_LINE.map(name => [name, name]))
    )
    expect(await below(image, '/opt/flowstore/repository-files/data')).toEqual(texts)
  })

  test('and so do generated names, variables and labels', async () => {
    const samples = { numRuns: 60, seed: 16 }
    const names = [...new Set(fc.sample(fileName, samples))].filter(
      name => !name.startsWith('.wh.')
    )
    const values = fc.sample(foreignLine, samples).filter(value => value === value.trim())
    const variables = Object.fromEntries(values.map((value, index) => [`V${index}`, value]))
    const labels = Object.fromEntries(values.map((value, index) => [`label ${index}`, value]))
    const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}`)
    const root = repository({
      'flow.py': oneFlow('nightly'),
      ...Object.fromEntries(names.map(name => [`data/${name}`, name]))
    })
    const ended = await flowstore(
      [
        ...['build', 'flow.py', '--registry-url', bed.registry.url, '--json'],
        ...['--image-name', freshName('names'), '--base-image', bed.prefectBase],
        ...['--files', 'data:/srv/data', '--env-vars', lines.join('\n')],
        ...['--build-kwargs', JSON.stringify({ labels }), '--builder', 'daemon']
      ],
      root,
      env
    )
    const image = reportOf(ended).outputs['image-ref']
    expect(await below(image, '/srv/data')).toEqual(
      Object.fromEntries(names.map(name => [name, name]))
    )
    const [{ Config: config }] = JSON.parse(await mustRun('docker', ['inspect', image])) as [
      { Config: { Env: string[]; Labels: Record<string, string> } }
    ]
    expect(config.Env).toEqual(expect.arrayContaining(lines))
    expect(config.Labels).toMatchObject(labels)
  })
})
