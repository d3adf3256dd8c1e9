import { copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createServer, type Server } from 'node:tls'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { reportOf } from '../helpers/builds.js'
import {
  flowstore,
  oneFlow,
  mustRun,
  repository,
  temporaryFolder,
  freshName
} from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

/** A folder with a certificate authority and two certificates that it signed: cert.pem with key.pem, server.pem with server-key.pem. */
async function certificates(): Promise<string> {
  const folder = temporaryFolder()
  const openssl = (...args: string[]) => mustRun('openssl', args, folder)
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  await openssl(
    'req',
    '-x509',
    ...fresh,
    '-subj',
    '/CN=authority',
    '-keyout',
    'ca-key.pem',
    '-out',
    'ca.pem'
  )
  for (const [name, key] of [
    ['server', 'server-key'],
    ['cert', 'key']
  ] as const) {
    await openssl(
      ...[
        'req',
        '-x509',
        ...fresh,
        '-subj',
        `/CN=${name}`,
        '-addext',
        'subjectAltName=IP:127.0.0.1'
      ],
      ...['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-keyout', `${key}.pem`, '-out', `${name}.pem`]
    )
  }
  return folder
}

describeWith(['docker', 'registry', 'prefect:1.4.1'], 'a daemon behind TLS', bed => {
  const root = repository({
    'flow.py': `import helper\n${oneFlow('a')}`,
    'helper.py': 'x = 1\n',
    'data.txt': 'data\n'
  })
  let ours: string
  let others: string
  let server: Server
  let url: string

  beforeAll(async () => {
    ;[ours, others] = [await certificates(), await certificates()]
    const read = (name: string) => readFileSync(join(ours, name))
    // Forwards to the socket of the daemon, as Docker's own TLS endpoint does.
    server = createServer(
      {
        ca: read('ca.pem'),
        cert: read('server.pem'),
        key: read('server-key.pem'),
        requestCert: true,
        rejectUnauthorized: true
      },
      socket => {
        const daemon = connect({
          path: bed.dockerHost.replace('unix://', ''),
          allowHalfOpen: true
        })
        const end = () => {
          socket.destroy()
          daemon.destroy()
        }
        socket.on('error', end)
        daemon.on('error', end)
        socket.pipe(daemon).pipe(socket)
      }
    )
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    const address = server.address()
    url = `tcp://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  }, 60_000)

  afterAll(() => {
    server.close()
  })

  /** A folder for `tls-config`: the valid one with a change. */
  const changed = (change: (folder: string) => void): string => {
    const folder = temporaryFolder()
    for (const name of ['ca.pem', 'cert.pem', 'key.pem']) {
      copyFileSync(join(ours, name), join(folder, name))
    }
    change(folder)
    return folder
  }
  const build = (args: string[], env: NodeJS.ProcessEnv = {}) =>
    flowstore(
      [
        ...['build', 'flow.py', '--base-image', bed.prefectBase, '--json', ...args],
        ...['--registry-url', bed.registry.url, '--image-name', freshName('tls')]
      ],
      root,
      { ...process.env, DOCKER_HOST: 'unix:///nowhere.sock', ...env }
    )

  test('a build with a push and a run work over TLS', async () => {
    const ended = await build([
      ...['--base-url', url, '--tls-config', ours, '--files', 'data.txt:/srv/data.txt'],
      ...['--python-dependencies', 'inflection==0.5.1']
    ])
    const { outputs } = reportOf(ended)
    expect(outputs.digest).toMatch(/^sha256:/)
    // The variables of the docker client, which also looks for certificates in the folder of its configuration.
    for (const where of [
      { DOCKER_CERT_PATH: ours },
      { DOCKER_CERT_PATH: '', DOCKER_CONFIG: ours }
    ]) {
      const ran = await flowstore(['run', outputs['storage-path']], root, {
        ...process.env,
        DOCKER_HOST: url,
        DOCKER_TLS_VERIFY: '1',
        ...where
      })
      expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('a: Success')])
    }
  }, 180_000)

  const refused: [string, (folder: string) => void, RegExp][] = [
    [
      'a missing certificate',
      folder => {
        rmSync(join(folder, 'cert.pem'))
      },
      /\/cert\.pem can't be used for TLS: there is no such file/
    ],
    [
      'a file that is not a key',
      folder => {
        writeFileSync(join(folder, 'key.pem'), 'x')
      },
      /\/key\.pem can't be used for TLS: .*(DECODER|PEM|unsupported)/
    ],
    [
      'a key of another certificate',
      folder => {
        cpSync(join(others, 'key.pem'), join(folder, 'key.pem'))
      },
      /\/key\.pem is not the key of the cert\.pem beside it/
    ],
    [
      'an authority that did not sign the daemon’s certificate',
      folder => {
        cpSync(join(others, 'ca.pem'), join(folder, 'ca.pem'))
      },
      /\/ca\.pem did not sign the daemon's certificate \(/
    ],
    [
      'a certificate that the daemon does not trust',
      folder => {
        for (const name of ['cert.pem', 'key.pem']) cpSync(join(others, name), join(folder, name))
      },
      /the daemon does not accept \S+\/cert\.pem \(/
    ]
  ]
  test.each(refused)(
    'the error names the file at fault: %s',
    async (_name, change, message) => {
      const { code, stderr } = await build(['--base-url', url, '--tls-config', changed(change)])
      expect([code, stderr]).toEqual([
        7,
        expect.stringMatching(
          new RegExp(
            `error DAEMON: .*${message.source}.*\\n\\s+hint: --tls-config \\(or DOCKER_CERT_PATH\\)`
          )
        )
      ])
    },
    60_000
  )
})
