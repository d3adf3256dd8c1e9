import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { STEP_PREFIX } from '../../../src/docker/image-build.js'
import {
  installInstruction,
  installScript,
  type InstallStep
} from '../../../src/packages/install-step.js'
import type { PipRun } from '../../../src/packages/pip.js'
import {
  NOT_READ_BY_UV,
  PIP_DECIDING_SETTINGS,
  UV_INDEX_VARIABLES,
  UV_NEUTRAL_VARIABLES,
  UV_RELEASE,
  UV_VARIABLES,
  type Installer
} from '../../../src/packages/uv.js'
import { temporaryFolder } from '../../helpers/flowstore.js'

const SCRIPT = 'shell/install-packages.sh'

/** Writes its name, its arguments and what it sees of some variables to a log. */
const recording = (name: string) => `#!/bin/sh
log() { echo "$1" >>"$FAKE_LOG"; }
log "${name} $*"
env | grep -E '^(PIP_|UV_|SSL_CERT_FILE=|TMPDIR=)' | sed 's/^/  /' | sort >>"$FAKE_LOG"
log "  in $PWD"
`

/** Stands for an image's Python with pip: an install into a folder puts a uv there. */
const PYTHON = `${recording('python')}
case "$*" in
  *'config list'*) printf '%s' "\${FAKE_SETTINGS:-}"; exit "\${FAKE_CONFIG_EXIT:-0}" ;;
  *--target*)
    mkdir -p "$FAKE_UV_FOLDER/bin"
    cp "$FAKE_UV" "$FAKE_UV_FOLDER/bin/uv"
    exit "\${FAKE_GET_UV_EXIT:-0}" ;;
esac
echo 'pip ran'
exit "\${FAKE_PIP_EXIT:-0}"
`

const UV = `${recording('uv')}
exit "\${FAKE_UV_EXIT:-0}"
`

interface Call {
  readonly program: string
  readonly args: string
  readonly cwd: string
  readonly variables: Readonly<Record<string, string>>
}

function callsOf(log: string): Call[] {
  return log
    .split(/^(?=python |uv )/m)
    .filter(text => text !== '')
    .map(text => {
      const [first = '', ...rest] = text.trimEnd().split('\n')
      const [program = '', ...args] = first.split(' ')
      const variables = rest
        .map(line => /^ {2}(\w+)=(.*)$/.exec(line))
        .flatMap(found => (found === null ? [] : [[found[1] ?? '', found[2] ?? ''] as const]))
      return {
        program,
        args: args.join(' '),
        cwd: rest.find(line => line.startsWith('  in '))?.slice('  in '.length) ?? '',
        variables: Object.fromEntries(variables)
      }
    })
}

const RUN: PipRun = { file: 'a.txt', args: [], texts: new Map() }
const HASHED: PipRun = { ...RUN, file: 'b.txt', hashed: true, constraints: 'c.txt' }

/** Runs the instruction of a step as a build would, with its folders elsewhere. */
function install(
  installer: Installer,
  env: Record<string, string> = {},
  more: Partial<Pick<InstallStep, 'upgrade' | 'runs' | 'indexes'>> = {}
) {
  const folder = temporaryFolder()
  const path = (name: string) => join(folder, name)
  const [bin, requirements, uv, log] = ['bin', 'requirements', 'uv', 'log'].map(path) as [
    ...[string, string, string, string]
  ]
  mkdirSync(bin)
  mkdirSync(requirements)
  writeFileSync(log, '')
  writeFileSync(join(bin, 'python'), PYTHON, { mode: 0o755 })
  writeFileSync(path('uv-program'), UV, { mode: 0o755 })
  writeFileSync(join(requirements, 'flowstore-install.sh'), readFileSync(SCRIPT))
  const step = { python: 'python', runs: [RUN], context: 'requirements', installer, ...more }
  const command = installInstruction(step)
    .replace(/^RUN (--mount=\S+ \\\n\s*)+/, '')
    .replaceAll('/tmp/flowstore-requirements', requirements)
    .replaceAll('/tmp/flowstore-uv', uv)
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: `${bin}${delimiter}/usr/bin${delimiter}/bin`,
      FAKE_LOG: log,
      FAKE_UV: path('uv-program'),
      FAKE_UV_FOLDER: uv,
      ...env
    }
  })
  const calls = callsOf(readFileSync(log, 'utf8'))
  const words = stdout.split('\n').filter(line => line.startsWith(STEP_PREFIX))
  return { status, stderr, words, calls, folder, requirements, uv, bin, left: existsSync(uv) }
}

const commands = (calls: readonly Call[]) => calls.map(({ program, args }) => `${program} ${args}`)

const PIP = 'python -m pip install --disable-pip-version-check --no-input'
const CONFIG = 'python -m pip config list'

describe('pip', () => {
  test('is upgraded, then does each run in the folder of the files', () => {
    const { status, calls, requirements, words } = install(
      'pip',
      {},
      { upgrade: 'pip==21.3.1', runs: [HASHED, RUN] }
    )
    expect(status).toBe(0)
    expect(words).toEqual([])
    expect(commands(calls)).toEqual([
      `${PIP} pip==21.3.1`,
      `${PIP} -r b.txt -c c.txt`,
      `${PIP} -r a.txt`
    ])
    expect(calls.map(({ cwd }) => cwd)).toEqual([requirements, requirements, requirements])
    expect(calls[0]?.variables).toEqual({
      PIP_ROOT_USER_ACTION: 'ignore',
      PIP_BREAK_SYSTEM_PACKAGES: '1',
      PIP_CACHE_DIR: '/root/.cache/pip'
    })
  })

  test('ends the step with its exit code if it fails', () => {
    const { status, calls } = install('pip', { FAKE_PIP_EXIT: '7' }, { runs: [HASHED, RUN] })
    expect(status).toBe(7)
    expect(calls).toHaveLength(1)
  })
})

describe('uv', () => {
  const GET_UV = (folder: string) =>
    `${PIP} --quiet --no-deps --only-binary=:all: --target ${folder} uv==${UV_RELEASE}`

  test('is installed, installs the packages for the image’s Python, and is removed', () => {
    const { status, calls, uv, bin, requirements, left } = install(
      'uv',
      {},
      { runs: [HASHED, RUN] }
    )
    expect(status).toBe(0)
    const install_ = 'uv pip install --no-progress'
    expect(commands(calls)).toEqual([
      CONFIG,
      GET_UV(uv),
      `${install_} -r b.txt -c c.txt --dry-run`,
      `${install_} -r b.txt --require-hashes`,
      `${install_} -r a.txt`
    ])
    expect(calls.slice(1).every(({ cwd }) => cwd === requirements)).toBe(true)
    expect(calls[4]?.variables).toEqual({
      PIP_ROOT_USER_ACTION: 'ignore',
      PIP_BREAK_SYSTEM_PACKAGES: '1',
      PIP_CACHE_DIR: '/root/.cache/pip',
      UV_CACHE_DIR: '/root/.cache/pip/uv',
      UV_LINK_MODE: 'copy',
      UV_COMPILE_BYTECODE: '1',
      UV_BREAK_SYSTEM_PACKAGES: '1',
      ...UV_VARIABLES,
      UV_NATIVE_TLS: String(existsSync('/etc/ssl/certs/ca-certificates.crt')),
      UV_PYTHON: join(bin, 'python'),
      TMPDIR: uv
    })
    expect(calls[1]?.variables['TMPDIR']).toBeUndefined()
    expect(left).toBe(false)
  })

  test('does not change variables that are set', () => {
    const set = { UV_INDEX_STRATEGY: 'first-index', UV_NATIVE_TLS: 'no', UV_PYTHON_DOWNLOADS: 'x' }
    const { calls } = install('uv', { ...set, SSL_CERT_FILE: '/own', REQUESTS_CA_BUNDLE: '/b' })
    expect(calls.at(-1)?.variables).toMatchObject({ ...set, SSL_CERT_FILE: '/own' })
  })

  test('trusts the certificates that pip is configured with, else those of REQUESTS_CA_BUNDLE', () => {
    const settings = "global.cert='/first'\nglobal.timeout='5'\nuser.cert='/last'\n"
    const bundle = { REQUESTS_CA_BUNDLE: '/bundle' }
    const trusted = (env: Record<string, string>) =>
      install('uv', env).calls.at(-1)?.variables['SSL_CERT_FILE']
    expect(trusted({ FAKE_SETTINGS: settings, ...bundle })).toBe('/last')
    expect(trusted(bundle)).toBe('/bundle')
    expect(trusted({})).toBeUndefined()
  })

  test('is refused if only pip’s configuration names the index', () => {
    const settings = { FAKE_SETTINGS: "global.index-url='https://x.test'\n" }
    const refused = install('uv', settings)
    expect(refused).toMatchObject({ status: 1, stderr: `ERROR: ${NOT_READ_BY_UV}\n` })
    expect(commands(refused.calls)).toEqual([CONFIG])
    expect(install('uv', { ...settings, UV_DEFAULT_INDEX: 'https://x.test' }).status).toBe(0)
  })

  test.each([
    ['the settings of pip can’t be read', { FAKE_CONFIG_EXIT: '3' }, 3, 1],
    ['uv can’t be installed', { FAKE_GET_UV_EXIT: '4' }, 4, 2],
    ['uv fails', { FAKE_UV_EXIT: '5' }, 5, 3]
  ])('ends the step with the exit code if %s', (_name, env, status, count) => {
    const ended = install('uv', env, { runs: [RUN, RUN] })
    expect(ended).toMatchObject({ status, words: [] })
    expect(ended.calls).toHaveLength(count)
  })
})

describe('auto', () => {
  test('uses uv, limited to what pip reads, if nothing configures pip or uv', () => {
    const { status, words, calls, left } = install('auto', {
      UV_CACHE_DIR: '/elsewhere',
      REQUESTS_CA_BUNDLE: '/bundle'
    })
    expect(status).toBe(0)
    expect(words).toEqual(['flowstore: uv has installed the packages'])
    expect(commands(calls)[2]).toBe(
      'uv pip install --no-progress --no-config --no-sources -r a.txt'
    )
    expect(calls[2]?.variables['SSL_CERT_FILE']).toBe('/bundle')
    expect(calls).toHaveLength(3)
    expect(left).toBe(false)
  })

  test.each([
    ['a setting of pip', { FAKE_SETTINGS: "global.timeout='5'\n" }],
    ['a pip whose settings can’t be read', { FAKE_CONFIG_EXIT: '1' }],
    ['a variable of pip', { PIP_EXTRA_INDEX_URL: 'https://x.test' }],
    ['a variable of uv that decides', { UV_EXCLUDE_NEWER: '2020-01-01' }]
  ])('uses pip if the image has %s', (_name, env) => {
    const { status, words, calls } = install('auto', env, { upgrade: 'pip==21.3.1' })
    expect(status).toBe(0)
    expect(words).toEqual([
      'flowstore: pip installs the packages, since the base image configures pip or uv'
    ])
    expect(commands(calls)).toEqual([CONFIG, `${PIP} pip==21.3.1`, `${PIP} -r a.txt`])
  })

  test.each([
    ['can’t be installed', { FAKE_GET_UV_EXIT: '1' }],
    ['fails', { FAKE_UV_EXIT: '2' }]
  ])('uses pip without uv’s variables if uv %s, and removes uv', (_name, env) => {
    const { status, words, calls, left } = install('auto', env)
    expect(status).toBe(0)
    expect(words).toEqual(['flowstore: uv can not install these packages: pip installs them'])
    const last = calls.at(-1)
    expect(last?.args).toBe('-m pip install --disable-pip-version-check --no-input -r a.txt')
    expect(Object.keys(last?.variables ?? {}).filter(name => /^(UV_|TMP)/.test(name))).toEqual([])
    expect(left).toBe(false)
  })

  test('ends with the exit code of pip if both fail', () => {
    expect(install('auto', { FAKE_UV_EXIT: '2', FAKE_PIP_EXIT: '9' }).status).toBe(9)
  })
})

describe('package indexes', () => {
  const INDEXES = { index: 'https://a.test/simple', extra: ['https://b.test', 'https://c.test'] }
  const variables = (call: Call | undefined) =>
    Object.fromEntries(
      Object.entries(call?.variables ?? {}).filter(([name]) => /INDEX(_URL)?$/.test(name))
    )

  test.each(['pip', 'uv', 'auto'] as const)(
    '%s gets them, as pip and as uv reads them',
    installer => {
      const { calls } = install(installer, {}, { indexes: INDEXES })
      expect(variables(calls.at(-1))).toEqual({
        PIP_INDEX_URL: 'https://a.test/simple',
        UV_DEFAULT_INDEX: 'https://a.test/simple',
        PIP_EXTRA_INDEX_URL: 'https://b.test https://c.test',
        UV_INDEX: 'https://b.test https://c.test'
      })
    }
  )

  test('auto still uses uv: both are told the same', () => {
    expect(install('auto', {}, { indexes: INDEXES }).words).toEqual([
      'flowstore: uv has installed the packages'
    ])
  })

  test('their logins come from a secret of the build, and the instruction has none', () => {
    const step = {
      python: 'python',
      runs: [RUN],
      context: 'requirements',
      installer: 'pip'
    } as const
    const text = installInstruction({ ...step, indexes: INDEXES })
    expect(text).toContain('--mount=type=secret,id=flowstore-indexes')
    expect(installInstruction(step)).not.toContain('type=secret')
  })
})

test('the script has the same patterns and messages as this machine’s installer', () => {
  const text = readFileSync(SCRIPT, 'utf8')
  const valueOf = (name: string) => new RegExp(`^${name}=(['"])(.*)\\1$`, 'm').exec(text)?.[2]
  expect({
    neutral: valueOf('neutral_variables'),
    index: valueOf('index_variables'),
    deciding: valueOf('deciding_settings'),
    message: valueOf('not_read_by_uv'),
    words: text.includes(`echo "${STEP_PREFIX}$1"`)
  }).toEqual({
    neutral: UV_NEUTRAL_VARIABLES,
    index: UV_INDEX_VARIABLES,
    deciding: PIP_DECIDING_SETTINGS,
    message: NOT_READ_BY_UV,
    words: true
  })
})

test('the script is next to the requirement files in the build context, and has the hash of its content', async () => {
  const script = await installScript()
  expect(script.entry('requirements')).toMatchObject({
    path: 'requirements/flowstore-install.sh',
    size: readFileSync(SCRIPT).length
  })
  expect(script.hash).toMatch(/^[0-9a-f]{64}$/)
})
