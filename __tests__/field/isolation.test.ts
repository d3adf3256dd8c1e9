import { expect, test } from '@jest/globals'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProcess } from '../../src/util/process.js'
import { describeWithPrefect, field } from '../helpers/field.js'
import { oneFlow } from '../helpers/flowstore.js'

/** Tries each way out, and prints the name of each that is open. */
const MODULE = `import ctypes, os, signal, socket, subprocess
from prefect import Flow, task

def opened(name, attempt):
    try:
        return [name] if attempt() else []
    except Exception:
        return []

def connects():
    socket.create_connection(('ADDRESS', PORT), timeout=1).close()
    return True

def writes(path):
    open(path, 'a').close()
    return True

def sees_environment():
    for name in filter(str.isdigit, os.listdir('/proc')):
        try:
            if b'secret-of-' + b'the-parent' in open(f'/proc/{name}/environ', 'rb').read():
                return True
        except OSError:
            pass

def signals():
    os.kill(PARENT, 0)
    return True

def traces():
    libc = ctypes.CDLL(None)
    traced = libc.ptrace(16, PARENT, 0, 0) == 0
    if traced:
        os.waitpid(PARENT, 0x40000000)
        libc.ptrace(17, PARENT, 0, 0)
    return traced

def unmounts():
    libc = ctypes.CDLL(None)
    libc.unshare(0x10000000 | 0x20000)
    return libc.umount2(b'HOME_FOLDER', 2) == 0 and os.path.exists('HOME_FILE')

ways = [
    *opened('network', connects),
    *opened('environ', sees_environment),
    *opened('signal', signals),
    *opened('ptrace', traces),
    *opened('home', lambda: open('HOME_FILE').read()),
    *opened('unmount', unmounts),
    *opened('token', lambda: 'token' in open('.git/config').read()),
    *opened('secret-files', lambda: 'content' in open('SECRET_FILE').read()),
    *opened('docker-logins', lambda: 'auths' in open('DOCKER_LOGINS').read()),
    *opened('sources', lambda: writes('written')),
    *opened('outside', lambda: writes('OUTSIDE')),
    *opened('etc', lambda: writes('/etc/flowstore-written')),
    *opened('socket', lambda: os.path.exists('/run/docker.sock') or os.listdir('/run')),
    *opened('variables', lambda: 'SECRET_TOKEN' in os.environ),
]
writes('/tmp/private')
writes(os.path.join(os.environ['HOME'], 'own'))
socket.socketpair()

with Flow('ways: ' + ' '.join(ways)) as flow:
    task(lambda: 1, name='one')()
`

interface Tried {
  readonly ways: readonly string[]
  readonly load: { readonly isolation: object }
  readonly checkedIn: string
  readonly text: string
}

await describeWithPrefect('1.4.1', 'the isolation of a load on the runner', python => {
  /** What is open to a module; \`wrap\` starts the command in another way. */
  const tried = async (more: readonly string[], wrap: readonly string[] = []): Promise<Tried> => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    const outside = mkdtempSync(join(tmpdir(), 'outside-'))
    const file = join(homedir(), `.flowstore-isolation-${process.pid}`)
    // In no temporary folder and in no home folder, which a cell hides as a whole.
    const shown = mkdtempSync('/opt/flowstore-isolation-')
    const [secretFile, logins] = [join(shown, 'token.txt'), join(shown, 'config.json')]
    writeFileSync(file, 'secret')
    writeFileSync(secretFile, 'content')
    writeFileSync(logins, '{"auths": {}}')
    try {
      const { root } = field({
        'flows/ways.py': MODULE.replaceAll('ADDRESS', '127.0.0.1')
          .replaceAll('PORT', String(port))
          .replaceAll('PARENT', String(process.pid))
          .replaceAll('HOME_FOLDER', homedir())
          .replaceAll('HOME_FILE', file)
          .replaceAll('OUTSIDE', join(outside, 'written'))
          .replaceAll('SECRET_FILE', secretFile)
          .replaceAll('DOCKER_LOGINS', logins)
      })
      mkdirSync(join(root, '.git'), { recursive: true })
      writeFileSync(join(root, '.git', 'config'), '[http]\n  extraheader = token\n')
      const [command = '', ...args] = [
        ...wrap,
        process.execPath,
        join(process.cwd(), 'dist/flowstore.js'),
        ...['build', 'flows/', '--storage', 'bytes', '--python', python, ...more],
        ...['--secret-files', `TOKEN=${secretFile}`]
      ]
      const env = {
        PATH: process.env['PATH'] ?? '',
        HOME: homedir(),
        DOCKER_CONFIG: shown,
        SECRET_TOKEN: ['secret-of-', 'the-parent'].join('')
      }
      const { stdout, stderr } = await runProcess(command, args, { cwd: root, env })
      const text = stdout + stderr
      const name = /ways:([a-z ]*?) {2}/.exec(text)?.[1] ?? text
      const report = JSON.parse(readFileSync(join(root, '.flowstore/report.json'), 'utf8')) as Tried
      const { load, checkedIn } = report
      return { ways: name.trim().split(' ').filter(Boolean), load, checkedIn, text }
    } finally {
      server.close()
      for (const path of [file, outside, shown, '/etc/flowstore-written', '/tmp/private']) {
        rmSync(path, { recursive: true, force: true })
      }
    }
  }

  /** Without a right to any namespace, as some systems have it for users. */
  const FORBIDDEN = [
    ...['unshare', '--user', '--map-root-user', 'sh', '-c'],
    ...['echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"', 'sh']
  ]

  test('modules reach nothing of the machine', async () => {
    const { ways, load, checkedIn } = await tried([])
    expect(ways).toEqual([])
    expect(load.isolation).toEqual({ network: true, processes: true, files: true })
    expect(checkedIn).toBe('cell')
  })

  test('with load-in: runner they have the network alone, and a notice says so', async () => {
    const { ways, load, text } = await tried(['--load-in', 'runner'])
    expect(ways.filter(way => way !== 'socket')).toEqual(['network'])
    expect(load.isolation).toEqual({ network: false, processes: true, files: true })
    expect(text).toContain('flow modules have the network of this machine')
  })

  /** As a user without rights, whom the kernel lets make namespaces. */
  const UNPRIVILEGED = [
    ...['unshare', '--user', '--map-user=65534', '--map-group=65534', 'sh', '-c'],
    ...['test "$(id -u)" = 65534 && exec "$@"', 'sh']
  ]

  test('modules of a user without rights reach nothing of the machine', async () => {
    const { ways, load } = await tried([], UNPRIVILEGED)
    expect(ways).toEqual([])
    expect(load.isolation).toEqual({ network: true, processes: true, files: true })
  })

  test('where no namespace is allowed, they are loaded without, and the log says so', async () => {
    const { ways, load, text, checkedIn } = await tried([], FORBIDDEN)
    expect(checkedIn).toBe('runner')
    expect(ways).toEqual(
      expect.arrayContaining(['network', 'environ', 'signal', 'home', 'outside', 'secret-files'])
    )
    expect(ways).not.toContain('variables')
    expect(load.isolation).toEqual({ network: false, processes: false, files: false })
    expect(text).toContain('flow modules reach the network, processes and files of this machine')
  })

  test('a repository that is the home folder is loaded', async () => {
    const repository = field({ 'flows/a.py': oneFlow('a') })
    const ended = await repository.flowstore(
      ['build', 'flows', '--storage', 'bytes', '--python', python],
      { HOME: repository.root }
    )
    expect([ended.code, ended.text]).toEqual([0, expect.stringContaining('flows/a.py')])
  }, 60_000)
})
