import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { startRun } from '../helpers/daemon-runs.js'
import { documentOf, entry } from '../helpers/deploy-documents.js'
import { serveDeployments } from '../helpers/deployments-api.js'
import { field, type FieldRun } from '../helpers/field.js'
import { PrefectServer } from '../helpers/prefect-server.js'
import { freshName } from '../helpers/flowstore.js'
import { when } from '../helpers/registry-server.js'
import { describeWith } from '../helpers/test-bed.js'

const FILE = 'deployments.json'
const KEY = 'pnu_0123456789'
const ORDERS = 'from prefect import flow\n@flow\ndef orders():\n    pass\n'

/** An API, and what happens once when the first deployment is to be written. */
async function watched() {
  let waiting: (() => void)[] = []
  const server = await serveDeployments({}, ({ method, path }) => {
    if (method !== 'POST' || path !== '/api/deployments/') return undefined
    const happens = waiting
    waiting = []
    for (const each of happens) each()
    return undefined
  })
  return { server, onWrite: (happens: () => void) => void waiting.push(happens) }
}

/** A repository with two deployments, and the command against an API. */
function shop(url: string, document: object = documentOf(entry('default'), entry('nightly'))) {
  const { flowstore, write } = field({ [FILE]: JSON.stringify(document) })
  const deploy = (...args: readonly string[]): Promise<FieldRun> =>
    flowstore(['deploy', FILE, ...args], { PREFECT_API_URL: url, PREFECT_API_KEY: KEY })
  return { deploy, write, flowstore }
}

describe('deploying with the command', () => {
  test('a dry run, a deploy, and the same again', async () => {
    const server = await serveDeployments()
    const { deploy, write } = shop(server.url)
    const dry = await deploy('--dry-run')
    expect([dry.code, dry.stdout]).toEqual([0, expect.stringContaining('2 deployments: 2 new')])
    expect(server.writes()).toEqual([])
    expect((await deploy()).stdout).toContain('created    orders/nightly')
    const again = await deploy('--json', '--quiet')
    expect(JSON.parse(again.stdout)).toMatchObject({
      deployments: [{ state: 'unchanged' }, { state: 'unchanged' }]
    })
    expect(again.stderr).toBe('')
    write(FILE, JSON.stringify(documentOf(entry('default', { parameters: { day: 'friday' } }))))
    const pruned = await deploy('--prune')
    expect(pruned.stdout).toMatch(
      /updated +orders\/default +parameters\.day\n +deleted +orders\/nightly/
    )
  }, 60_000)

  test.each([
    ['no address', { PREFECT_API_URL: '' }, 2, 'the variable PREFECT_API_URL is empty'],
    ['no server', { PREFECT_API_URL: 'http://127.0.0.1:9/api' }, 6, 'ECONNREFUSED']
  ])(
    '%s is said',
    async (_, env, code, words) => {
      const { flowstore } = shop('')
      const ended = await flowstore(['deploy', FILE], env)
      expect([ended.code, ended.stderr]).toEqual([code, expect.stringContaining(words)])
    },
    60_000
  )

  test('a wrong login is said without the key', async () => {
    const refusing = when(/./, { status: 401, body: `{"detail":"Bearer ${KEY}"}` })
    const { url } = await serveDeployments({}, refusing)
    const ended = await shop(url).deploy('--json')
    expect(ended.code).toBe(6)
    expect(JSON.parse(ended.stdout)).toMatchObject({
      exitCode: 6,
      errors: [{ code: 'PREFECT_API' }]
    })
    expect(ended.text).toContain('does not accept the login (401)')
    expect(ended.text).not.toContain(KEY)
  }, 60_000)

  test('what is wrong with the deployments is said on the line of the file of the user', async () => {
    const server = await serveDeployments()
    const document = documentOf(entry('default', { work_pool_name: 'dokcer' }), entry('nightly'))
    const ended = await shop(server.url, document).deploy()
    expect([ended.code, ended.stderr]).toEqual([
      2,
      expect.stringContaining('the server has no work pool "dokcer" (prefect.yaml:3)')
    ])
    expect(server.writes()).toEqual([])
  }, 60_000)

  test('after a failure half way the server has what it had', async () => {
    const bad = when(/^POST \/api\/deployments\/$/, () => ({
      status: 422,
      body: '{"detail":"no"}'
    }))
    let written = 0
    const server = await serveDeployments({}, (asked, host) => {
      if (asked.method !== 'POST' || asked.path !== '/api/deployments/') return undefined
      written += 1
      return written === 2 ? bad(asked, host) : undefined
    })
    const ended = await shop(server.url).deploy()
    expect([ended.code, ended.stderr]).toEqual([
      6,
      expect.stringContaining('deleted again: orders/default')
    ])
    expect([server.deployments.size, server.flows.size]).toEqual([0, 0])
  }, 60_000)

  test('a deploy that is told to end says what became of each deployment', async () => {
    const { server, onWrite } = await watched()
    const { root } = field({ [FILE]: JSON.stringify(documentOf(entry('a'), entry('b'))) })
    const run = startRun(['deploy', FILE], root, { PREFECT_API_URL: server.url }, 60_000)
    onWrite(() => run.kill('SIGINT'))
    const { code, output } = await run.ended
    expect([code, output]).toEqual([130, expect.stringContaining('error INTERRUPTED')])
    expect(output).toContain('deleted again: orders/a')
    expect(server.deployments.size).toBe(0)
  }, 60_000)

  test('--help explains it', async () => {
    const { flowstore } = shop('')
    const { stdout } = await flowstore(['deploy', '--help'])
    expect(stdout).toContain('--prune')
  }, 60_000)
})

describeWith(['venv:3.9.1'], 'deploying with a build', bed => {
  /** The folder of an earlier build. */
  const FORMER = { 'flows.py': ORDERS, '.flowstore-sources': '' }

  test('a build that deploys and can not be published names the folder that stays', async () => {
    const { server, onWrite } = await watched()
    const { root, flowstore } = field({ 'flows.py': `${ORDERS}# new\n` })
    const { root: directory } = field(FORMER)
    onWrite(() => {
      rmSync(join(root, '.flowstore'), { recursive: true })
      writeFileSync(join(root, '.flowstore'), '')
    })
    const { code, text } = await flowstore(
      [
        ...['build', 'flows.py', '--python', bed.venvs['3.9.1'], '--work-pool', 'process'],
        ...['--storage', 'local', '--directory', directory, '--deploy']
      ],
      { PREFECT_API_URL: server.url }
    )
    expect([code, text]).toEqual([
      7,
      expect.stringContaining(`This remains: the flows in ${directory}, since deployments`)
    ])
    expect(server.deployments.size).toBe(1)
    expect(readFileSync(join(directory, 'flows.py'), 'utf8')).toContain('# new')
    const beside = readdirSync(dirname(directory)).filter(each =>
      each.startsWith(basename(directory))
    )
    expect(beside).toEqual([basename(directory)])
  }, 60_000)

  const MERGE_REQUEST = { CI_MERGE_REQUEST_IID: '3', CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main' }

  test('a build that is told to end while it deploys undoes that, and says so once', async () => {
    const { server, onWrite } = await watched()
    const more = ['b', 'c', 'd', 'e'].map(name => `@flow\ndef ${name}():\n    pass\n`)
    const { root } = field({ 'flows.py': [ORDERS, ...more].join('\n') })
    const { root: directory } = field(FORMER)
    const args = [
      ...['build', 'flows.py', '--python', bed.venvs['3.9.1'], '--work-pool', 'process'],
      ...['--storage', 'local', '--directory', directory, '--deploy']
    ]
    const run = startRun(args, root, { PREFECT_API_URL: server.url }, 60_000)
    onWrite(() => run.kill('SIGTERM'))
    const { signal, output: text } = await run.ended
    expect([signal, text.match(/the deploy was interrupted/g)]).toEqual([
      'SIGTERM',
      ['the deploy was interrupted']
    ])
    expect(text).toMatch(/error INTERRUPTED: ".*" can't be deployed/)
    expect(readFileSync(join(directory, 'flows.py'), 'utf8')).toBe(ORDERS)
    expect(text.match(/The server has the deployments that it had before/g)).toHaveLength(1)
    expect(server.deployments.size).toBe(0)
  }, 60_000)

  /** A repository with a flow, and its build with a deploy to an API. */
  function built(url: string, pool = 'process') {
    const { root, flowstore } = field({
      'flows.py': ORDERS
    })
    const local = ['--storage', 'local', '--python', bed.venvs['3.9.1']]
    const build = (env: NodeJS.ProcessEnv = {}, ...args: readonly string[]) =>
      flowstore(['build', 'flows.py', ...local, '--work-pool', pool, '--deploy', ...args], {
        PREFECT_API_URL: url,
        ...env
      })
    const output = join(root, '.flowstore')
    return { build, files: () => (existsSync(output) ? readdirSync(output) : []) }
  }

  test('the result has what became of each deployment', async () => {
    const server = await serveDeployments()
    const { code, stdout } = await built(server.url).build({}, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      deployed: { dryRun: false, deployments: [{ flow: 'orders', state: 'created' }] }
    })
    expect(server.deployments.size).toBe(1)
  }, 60_000)

  test('a deploy that fails leaves no file', async () => {
    const server = await serveDeployments()
    const { build, files } = built(server.url, 'dokcer')
    const { code, text } = await build()
    expect([code, text]).toEqual([2, expect.stringContaining('has no work pool "dokcer"')])
    expect([server.writes(), files()]).toEqual([[], ['failure.json']])
  }, 60_000)

  test('flows in a folder are refused by a pool whose runs are containers', async () => {
    const server = await serveDeployments()
    const { build, files } = built(server.url, 'docker')
    const { code, text } = await build()
    expect([code, text]).toEqual([2, expect.stringContaining('it has no image')])
    expect([server.writes(), files()]).toEqual([[], ['failure.json']])
  }, 60_000)

  test('without the address nothing is loaded', async () => {
    const { code, text } = await built('').build()
    expect([code, text]).toEqual([2, expect.stringContaining('PREFECT_API_URL is empty')])
    expect(text).not.toContain('search for flows')
  }, 60_000)

  test('a merge request is only compared, unless it asks for a deploy', async () => {
    const server = await serveDeployments()
    const { build } = built(server.url)
    const compared = await build(MERGE_REQUEST)
    expect(compared.code).toBe(0)
    expect(compared.text).toContain('1 deployment: 1 new')
    expect(compared.text).toContain('Nothing was written')
    expect(server.writes()).toEqual([])
    const written = await build(MERGE_REQUEST, '--deploy-pull-requests')
    expect([written.code, server.deployments.size]).toEqual([0, 1])
  }, 60_000)
})

describeWith(
  ['docker', 'registry', 'prefect:3.9.1', 'venv:3.9.1'],
  'an image with a deploy',
  bed => {
    test('is pushed only when the server has the work pool and takes the job variables', async () => {
      const server = await PrefectServer.start(bed.venvs['3.9.1'])
      try {
        await server.makePool('docker', 'docker')
        const tag = freshName('deploy').replaceAll('/', '-')
        const { flowstore, write } = field({ 'flows.py': `${ORDERS}    # ${tag}\n` })
        const deployment = (pool: string, variables = '') => {
          const workPool = `{name: ${pool}, job_variables: {${variables}}}`
          const entry = `name: daily, entrypoint: 'flows.py:orders', work_pool: ${workPool}`
          write('prefect.yaml', `deployments:\n  - {${entry}}\n`)
        }
        const args = [
          // Not a fresh name: its registry has the layers of the base image already.
          ...['--registry-url', bed.registry.url, '--image-name', 'field', '--tags', tag],
          ...['--base-image', bed.prefectImages['3.9.1'], '--deploy', '--json']
        ]
        const env = { DOCKER_HOST: bed.dockerHost, PREFECT_API_URL: server.api }
        const build = () => flowstore(['build', 'flows.py', ...args], env)
        const isPushed = async () => {
          const answer = await fetch(`http://${bed.registry.url}/v2/field/manifests/${tag}`)
          return answer.status !== 404
        }
        deployment('dokcer')
        const missing = await build()
        expect([missing.code, missing.text]).toEqual([
          2,
          expect.stringContaining('has no work pool \\"dokcer\\"')
        ])
        deployment('docker', 'privileged: often')
        const wrong = await build()
        expect([wrong.code, wrong.text]).toEqual([
          2,
          expect.stringContaining('must be true or false')
        ])
        expect([await isPushed(), await server.deployments()]).toEqual([false, []])
        deployment('docker')
        const right = await build()
        expect(right.code).toBe(0)
        const { phases } = JSON.parse(right.stdout) as { phases: { name: string }[] }
        const names = phases.map(phase => phase.name)
        expect(names.indexOf('check')).toBeLessThan(names.indexOf('push'))
        expect(await isPushed()).toBe(true)
        expect(await server.deployments()).toMatchObject([
          { name: 'daily', work_pool_name: 'docker' }
        ])
      } finally {
        await server.stop()
      }
    }, 180_000)
  }
)
