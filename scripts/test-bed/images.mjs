import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { basename, join } from 'node:path'
import { run } from './command.mjs'
import { needCommands } from './packages.mjs'
import { certificates, pipConfiguration } from './pip.mjs'
import { cache, hash } from './places.mjs'

// Part of every image's key. Increase it when a recipe changes.
const RECIPE = 1

// The versions in these images of Docker Hub.
const INSTALLERS = {
  3.6: ['pip==21.3.1', 'setuptools==57.5.0', 'wheel==0.37.1'],
  3.9: ['pip==23.3.2', 'setuptools==58.1.0', 'wheel==0.37.1'],
  3.12: ['pip==25.0.1']
}

// What Prefect's own images of 2 and 3 do before a command, without their banner.
const ENTRYPOINT = `#!/usr/bin/env bash
set -e
if [ -f ~/.bashrc ]; then . ~/.bashrc; fi
if [ -n "$EXTRA_PIP_PACKAGES" ]; then uv pip install $EXTRA_PIP_PACKAGES; fi
if [ -z "$*" ]; then exec bash --login; fi
exec "$@"
`

const SYSTEM =
  'ca-certificates,libssl3,libffi8,zlib1g,libbz2-1.0,liblzma5,libsqlite3-0,libreadline8,' +
  'libncursesw6,libexpat1,git'

const MANIFESTS = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json'
]

const digestOf = async (registry, repository, tag) => {
  const response = await fetch(`http://${registry}/v2/${repository}/manifests/${tag}`, {
    method: 'HEAD',
    headers: { accept: MANIFESTS.join(', ') }
  })
  return response.ok ? response.headers.get('docker-content-digest') : undefined
}

const inTemporaryFolder = async work => {
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'tmp-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The base images of the tests, built once and kept in the registry. */
export const baseImages = (dockerHost, registry) => {
  const docker = (...args) => run('docker', args, { env: { DOCKER_HOST: dockerHost } })

  // A second tag contains the hash of the recipe. The image is current if both tags name one manifest.
  const ensure = async (repository, tag, ingredients, build) => {
    const name = `${registry}/${repository}:${tag}`
    const stamp = `${tag}-${hash(RECIPE, ...ingredients).slice(0, 12)}`
    const digest = await digestOf(registry, repository, tag)
    if (digest && digest === (await digestOf(registry, repository, stamp))) return name
    await inTemporaryFolder(folder => build(name, folder))
    await docker('tag', name, `${registry}/${repository}:${stamp}`)
    await docker('push', name)
    await docker('push', `${registry}/${repository}:${stamp}`)
    return name
  }

  const pullFromHub = (source, name) =>
    docker('pull', source).then(
      async () => {
        await docker('tag', source, name)
        return true
      },
      () => false
    )

  /** Debian with git and no Python: from Docker Hub, else by debootstrap. */
  const plain = () =>
    ensure('debian', 'plain', [SYSTEM], async (name, folder) => {
      if (await pullFromHub('debian:bookworm-slim', name)) return
      await needCommands('debootstrap', 'git')
      const system = join(folder, 'system')
      await run('debootstrap', ['--variant=minbase', `--include=${SYSTEM}`, 'bookworm', system])
      rmSync(join(system, 'var/cache/apt/archives'), { recursive: true, force: true })
      rmSync(join(system, 'var/lib/apt/lists'), { recursive: true, force: true })
      const pipe = 'set -o pipefail; tar -C "$1" -c . | docker import - "$2"'
      const env = { DOCKER_HOST: dockerHost }
      await run('bash', ['-c', pipe, 'import', system, name], { env })
    })

  const settings = async () => [
    await pipConfiguration(),
    certificates === undefined ? '' : readFileSync(certificates, 'utf8')
  ]

  // With these settings, containers reach the package index as the machine does.
  const addSettings = async folder => {
    const [configuration, bundle] = await settings()
    writeFileSync(join(folder, 'pip.conf'), configuration)
    if (bundle !== '') writeFileSync(join(folder, 'ca-certificates.crt'), bundle)
    return [
      'COPY pip.conf /etc/pip.conf',
      ...(bundle === '' ? [] : ['COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt'])
    ]
  }

  const build = async (name, folder, lines) => {
    writeFileSync(join(folder, 'Dockerfile'), `${lines.join('\n')}\n`)
    await docker('build', '-t', name, folder)
  }

  /**
   * python:VERSION from Docker Hub, else `plain` with a copy of the interpreter whose prefix is
   * given.
   */
  const python = async (version, prefix) =>
    ensure(
      'python',
      version,
      [...(await settings()), ...INSTALLERS[version]],
      async (name, folder) => {
        const source = `python:${version}`
        if (await pullFromHub(source, name)) {
          return build(name, folder, [`FROM ${source}`, ...(await addSettings(folder))])
        }
        if (prefix === undefined) throw new Error(`no Docker Hub, and no Python ${version} here`)
        copyInterpreter(prefix, version, join(folder, 'python'))
        return build(name, folder, [
          `FROM ${await plain()}`,
          'ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8',
          'COPY python/ /usr/local/',
          ...(await addSettings(folder)),
          'RUN ldconfig && ln -sf python3 /usr/local/bin/python && python -m ensurepip' +
            ` && python -m pip install --no-cache-dir --upgrade ${INSTALLERS[version].join(' ')}` +
            ' && ln -sf pip3 /usr/local/bin/pip' +
            ' && python -c "import bz2, ctypes, lzma, readline, sqlite3, ssl"',
          'CMD ["python3"]'
        ])
      }
    )

  /** Prefect 1 on a Python image, as Prefect's own images are: prefect:RELEASE-pythonVERSION. */
  const prefect = async (release, version, requirements) =>
    ensure(
      'prefect',
      `${release}-python${version}`,
      [...(await settings()), ...requirements],
      (name, folder) =>
        build(name, folder, [
          `FROM ${registry}/python:${version}`,
          `RUN python -m pip install --no-cache-dir ${requirements.map(line => `'${line}'`).join(' ')}`,
          "RUN python -W ignore -c 'import prefect'"
        ])
    )

  /**
   * The image of Prefect 2 or 3 from Docker Hub, else Prefect on the Python image with what Prefect's own
   * image has: its folder, uv, its variables, its entrypoint, and no user.
   */
  const prefectWithUv = async (release, version, requirements, uv) =>
    ensure(
      'prefect',
      `${release}-python${version}`,
      [...(await settings()), ...requirements, ENTRYPOINT],
      async (name, folder) => {
        const source = `prefecthq/prefect:${release}-python${version}`
        if (await pullFromHub(source, name)) {
          return build(name, folder, [`FROM ${source}`, ...(await addSettings(folder))])
        }
        cpSync(uv, join(folder, 'uv'), { dereference: true })
        writeFileSync(join(folder, 'entrypoint.sh'), ENTRYPOINT, { mode: 0o755 })
        const install = requirements.map(line => `'${line}'`).join(' ')
        return build(name, folder, [
          `FROM ${registry}/python:${version}`,
          'ENV LC_ALL=C.UTF-8 LANG=C.UTF-8 UV_LINK_MODE=copy UV_SYSTEM_PYTHON=1',
          'WORKDIR /opt/prefect',
          'COPY uv /bin/uv',
          'RUN SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt UV_COMPILE_BYTECODE=1' +
            ` uv pip install --no-cache ${install}`,
          'RUN prefect version',
          'COPY entrypoint.sh ./entrypoint.sh',
          'ENTRYPOINT ["/opt/prefect/entrypoint.sh"]'
        ])
      }
    )

  return { plain, python, prefect, prefectWithUv }
}

const LEFT_OUT = new Set(['test', 'tests', 'site-packages', '__pycache__', 'idlelib', 'tkinter'])

const copyInterpreter = (prefix, version, target) => {
  const take = (folder, wanted) => {
    for (const name of readdirSync(join(prefix, folder)).filter(wanted)) {
      cpSync(join(prefix, folder, name), join(target, folder, name), {
        recursive: true,
        verbatimSymlinks: true,
        filter: path => !LEFT_OUT.has(basename(path)) && !path.endsWith('.a')
      })
    }
  }
  take('bin', name => /^python[\d.]*m?$/.test(name))
  take('lib', name => name.startsWith('libpython') || name === `python${version}`)
  if (existsSync(join(prefix, 'include'))) take('include', () => true)
}
