import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import { field } from '../helpers/field.js'
import { freshName, repository, run } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

/** Tells how its process was started. */
const FLOW = `import os
from prefect import Flow, task

@task
def tell():
    return "ACTIVE=%s WORKDIR=%s USER=%s" % (os.environ.get("ACTIVE"), os.getcwd(), os.getuid())

@task
def show(text):
    print(text)

with Flow("nightly") as flow:
    show(tell())
`

/** As `conda run -n NAME COMMAND...`: it prints, gives no standard input, and takes no line breaks. */
const ACTIVATE = `#!/bin/sh
case "$*" in *"
"*) echo "arguments with newlines are not supported" >&2; exit 64;; esac
echo "activating $1"
export ACTIVE="$1"
shift
exec "$@" < /dev/null
`

describeWith(['docker', 'prefect:1.4.1'], 'flowstore run of an image with an ENTRYPOINT', bed => {
  const name = `flowstore-test:${freshName('run').replaceAll('/', '-')}`
  const files = field({ 'flows/a.py': FLOW })
  const storageFile = join(files.root, '.flowstore/storage.json')

  const dockerBuild = async (tag: string, lines: readonly string[]): Promise<void> => {
    const folder = repository({ activate: ACTIVATE, Dockerfile: `${lines.join('\n')}\n` })
    const env = { ...process.env, DOCKER_BUILDKIT: '0' }
    const built = await run('docker', ['build', '-q', '-t', tag, folder], folder, env)
    expect(built).toMatchObject({ code: 0 })
  }

  /** Runs the flow in an image that is made from that of the storage. */
  const runIn = async (tag: string, ...instructions: string[]) => {
    const storage = JSON.parse(readFileSync(storageFile, 'utf8')) as Record<string, string>
    const made = `${storage['image_name']}:${storage['image_tag']}`
    await dockerBuild(`${storage['image_name']}:${tag}`, [`FROM ${made}`, ...instructions])
    writeFileSync(join(files.root, `${tag}.json`), JSON.stringify({ ...storage, image_tag: tag }))
    return files.flowstore(['run', `${tag}.json`])
  }

  beforeAll(async () => {
    await dockerBuild(name, [
      `FROM ${bed.prefectBase}`,
      'COPY activate /usr/bin/',
      'RUN chmod 755 /usr/bin/activate && mkdir -p /srv/work',
      'ENTRYPOINT ["activate", "flows"]',
      'WORKDIR /srv/work'
    ])
    const ended = await files.flowstore([
      ...['build', 'flows', '--base-image', name, '--local-image', '--push', 'false'],
      ...['--image-name', name.replace(':', '-')]
    ])
    if (ended.code !== 0) throw new Error(ended.text)
  }, 180_000)

  test('starts the flow through the ENTRYPOINT and in the WORKDIR, as agents do', async () => {
    const ended = await files.flowstore(['run', '.flowstore/storage.json'])
    expect([ended.code, ended.text]).toEqual([0, expect.stringContaining('nightly: Success')])
    expect(ended.text).toContain('activating flows')
    expect(ended.text).toContain('ACTIVE=flows WORKDIR=/srv/work USER=0')
  }, 60_000)

  test('does so for an image whose user is not root', async () => {
    const ended = await runIn('user', 'USER 1000')
    expect([ended.code, ended.text]).toEqual([0, expect.stringContaining('USER=1000')])
  }, 60_000)

  test('says so if the ENTRYPOINT does not run its arguments', async () => {
    const ended = await runIn('prefect', 'ENTRYPOINT ["prefect"]')
    expect([ended.code, ended.text]).toEqual([8, expect.stringContaining('error FLOW_RUN')])
    expect(ended.text).toMatch(/the ENTRYPOINT of \S+:prefect ended with exit code 2/)
    expect(ended.text).toContain('ENTRYPOINT []')
  }, 60_000)
})
