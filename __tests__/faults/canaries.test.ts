import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from '@jest/globals'
import { parseManifest } from '../../src/image/oci/documents.js'
import { readImage } from '../../src/image/oci/read.js'
import { RegistryClient } from '../../src/registry/client.js'
import { parseReference } from '../../src/registry/reference.js'
import {
  canariesIn,
  everythingIn,
  KINDS,
  newCanaries,
  SPY,
  watchProcesses,
  type Found,
  type Kind
} from '../helpers/canaries.js'
import { freshName, mustRun, repository, run, temporaryFolder } from '../helpers/flowstore.js'
import { servePackageIndex } from '../helpers/package-index.js'
import { registryProxy, type RegistryProxy } from '../helpers/registry-proxy.js'
import type { Rule } from '../helpers/registry-server.js'
import { tellTried } from '../helpers/sweep.js'
import { describeWith } from '../helpers/test-bed.js'
import { uvProgram } from '../helpers/uv.js'

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** A registry that asks for a login, and whether it got it. */
async function withLogin(registry: string, password: string) {
  const proxy = await registryProxy(registry)
  const login = { used: false }
  proxy.rules.push(({ headers }) => {
    if (headers.authorization === `Basic ${base64(`me:${password}`)}`) {
      login.used = true
      return undefined
    }
    return { status: 401, headers: { 'www-authenticate': 'Basic realm="it"' } }
  })
  return { proxy, login }
}

/** A registry whose token service takes an identity token. */
async function withIdentityToken(registry: string, token: string) {
  const proxy = await registryProxy(registry)
  const login = { used: false }
  const rule: Rule = ({ path, headers, body }, host) => {
    if (path.startsWith('/token')) {
      if (new URLSearchParams(body.toString()).get('refresh_token') !== token)
        return { status: 401 }
      login.used = true
      return { status: 200, body: JSON.stringify({ access_token: 'a-short-lived-one' }) }
    }
    if (headers.authorization === 'Bearer a-short-lived-one') return undefined
    const challenge = `Bearer realm="http://${host}/token",service="it"`
    return { status: 401, headers: { 'www-authenticate': challenge } }
  }
  proxy.rules.push(rule)
  return { proxy, login }
}

const filesBelow = (folder: string): Found[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name))])

const LIMIT = 300_000

describeWith(['docker', 'registry', 'prefect:1.4.1', 'venv:1.4.1'], 'the secrets of a run', bed => {
  test(
    'are found nowhere',
    async () => {
      const canaries = newCanaries()
      const of = (kind: Kind) => canaries[kind]
      const [pushed, based, compared, tokened] = [
        await withLogin(bed.registry.url, of('docker-auth')),
        await withLogin(bed.registry.url, of('registry-password')),
        await withLogin(bed.registry.url, of('credential-helper')),
        await withIdentityToken(bed.registry.url, of('identity-token'))
      ] as const
      const [index, other] = [
        await servePackageIndex([of('index-password')]),
        await servePackageIndex([of('netrc-password')])
      ]

      const home = temporaryFolder()
      const write = (path: string, content: string): string => {
        mkdirSync(dirname(join(home, path)), { recursive: true })
        writeFileSync(join(home, path), content)
        return join(home, path)
      }
      const host = ({ proxy }: { readonly proxy: RegistryProxy }) => proxy.host
      write(
        '.docker/config.json',
        JSON.stringify({
          auths: {
            [host(pushed)]: { auth: base64(`me:${of('docker-auth')}`) },
            [host(based)]: { username: 'me', password: of('registry-password') },
            [host(tokened)]: { identitytoken: of('identity-token') }
          },
          credHelpers: { [host(compared)]: 'canary' }
        })
      )
      write(
        'keychain.json',
        `${JSON.stringify({ Username: 'me', Secret: of('credential-helper') })}\n`
      )
      const helper = write(
        'bin/docker-credential-canary',
        `#!/bin/sh\nread -r login <${home}/keychain.json\necho "$login"\n`
      )
      chmodSync(helper, 0o755)
      const netrc = write('netrc', `machine localhost login me password ${of('netrc-password')}\n`)
      const secretFile = write('secret.txt', `${of('secret-file')}\n`)
      const output = write('github/output', '')
      const summary = write('github/summary', '')

      const base = bed.prefectBase.replace(/^[^/]+/, host(based))
      const root = repository({
        'flow.py': SPY.replace('*PLACES', JSON.stringify(home)),
        '.gitignore': '.flowstore\n',
        Dockerfile: [
          `FROM ${base}`,
          `RUN --mount=type=secret,id=DECLARED test "$(wc -c </run/secrets/DECLARED)" = ${of('declared-secret').length}`,
          `RUN --mount=type=secret,id=FILE test "$(wc -c </run/secrets/FILE)" = ${of('secret-file').length + 1}`,
          ''
        ].join('\n')
      })
      const git = (...args: readonly string[]) =>
        mustRun('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], root)
      await git('init', '-q', '-b', 'main')
      await git('remote', 'add', 'origin', `https://x:${of('git-token')}@git.test/acme/flows.git`)
      await git('config', 'http.https://git.test/.extraheader', `X: ${base64(of('git-token'))}`)
      await git('add', '.')
      await git('commit', '-q', '-m', 'one')

      const env = {
        PATH: [join(home, 'bin'), dirname(await uvProgram()), process.env['PATH'] ?? ''].join(':'),
        HOME: home,
        NETRC: netrc,
        DOCKER_HOST: bed.dockerHost,
        RUNNER_TEMP: home,
        GITHUB_TOKEN: of('github-token'),
        ACTIONS_RUNTIME_TOKEN: of('runtime-token'),
        PREFECT_API_KEY: of('prefect-api-key'),
        https_proxy: `http://me:${of('proxy-password')}@127.0.0.1:9`,
        no_proxy: '127.0.0.1,localhost',
        TOKEN_OF_INDEX: of('index-password'),
        A_SETTING: of('step-variable'),
        LOADED: of('load-variable')
      }
      const name = freshName('canaries')
      const options = {
        flows: 'flow.py',
        secrets: 'TOKEN_OF_INDEX',
        'secret-files': `FILE=${secretFile}`,
        'index-url': index.url('${TOKEN_OF_INDEX}'),
        // It has no login: netrc has.
        'extra-index-urls': other.url('').replace(/me:@127.0.0.1/, 'localhost'),
        'load-env-vars': 'LOADED'
      }
      const image = {
        ...options,
        'image-name': name,
        dockerfile: 'Dockerfile',
        'python-dependencies': 'rain',
        'build-kwargs': '{"network_mode": "host"}',
        tags: 'latest',
        attach: 'true'
      }
      const flags = (given: Readonly<Record<string, string>>) =>
        Object.entries(given).flatMap(([option, value]) =>
          value === 'true' ? [`--${option}`] : [`--${option}`, value]
        )
      const bundle = (file: string) => join(process.cwd(), 'dist', file)

      const watched = watchProcesses(canaries)
      const runs = [
        // As a step of GitHub, in a container, with all that it prints.
        await run(process.execPath, [bundle('action.js')], root, {
          ...env,
          GITHUB_ACTIONS: 'true',
          GITHUB_WORKSPACE: root,
          GITHUB_REPOSITORY: 'acme/flows',
          GITHUB_OUTPUT: output,
          GITHUB_STEP_SUMMARY: summary,
          RUNNER_DEBUG: '1',
          ...Object.fromEntries(
            Object.entries({
              ...image,
              secrets: `TOKEN_OF_INDEX\nDECLARED=${of('declared-secret')}`,
              'registry-url': host(pushed),
              'compare-with': `${host(compared)}/${name}:latest`,
              'upload-artifact': 'false'
            }).map(([option, value]) => [`INPUT_${option.toUpperCase()}`, value])
          )
        }),
        // On a command line, whose repository has a login in the address of its remote.
        await run(
          process.execPath,
          [
            ...[bundle('flowstore.js'), 'build', ...flags(image), '--verbose', '--force'],
            ...['--registry-url', host(tokened), '--output-directory', '.flowstore/second'],
            ...['--secrets', 'DECLARED']
          ],
          root,
          { ...env, DECLARED: of('declared-secret') }
        ),
        // Without an image, in a cell.
        await run(
          process.execPath,
          [
            ...[bundle('flowstore.js'), 'build', ...flags(options), '--verbose'],
            ...['--storage', 'local', '--directory', '.flowstore/third/flows'],
            ...['--output-directory', '.flowstore/third', '--python', bed.venvs['1.4.1']]
          ],
          root,
          env
        )
      ]
      watched.stop()
      index.close()
      other.close()
      expect(
        runs.map(({ code, stdout, stderr }) => [code, code === 0 ? '' : stdout + stderr])
      ).toEqual(runs.map(() => [0, '']))

      // What is tried is really used.
      expect([pushed, based, compared, tokened].map(({ login }) => login.used)).toEqual(
        Array(4).fill(true)
      )
      expect([index.served, other.served].map(({ length }) => length > 0)).toEqual([true, true])

      const storages = ['', 'second/', 'third/'].map(
        folder =>
          JSON.parse(readFileSync(join(root, `.flowstore/${folder}storage.json`), 'utf8')) as {
            readonly flows: Readonly<Record<string, string>>
          }
      )
      const client = new RegistryClient(bed.registry.url, undefined)
      const listed = await fetch(`http://${bed.registry.url}/v2/${name}/tags/list`)
      const { tags } = (await listed.json()) as { readonly tags: readonly string[] }
      const known = await digestsOf(client, bed.prefectBase)
      const everything = await everythingIn(client, name, tags, known)

      const folder = filesBelow(join(root, '.flowstore'))
      const isDocument = ([path]: Found) => /sbom|provenance/.test(path)
      const places: Readonly<Record<string, readonly Found[]>> = {
        'layers of images': everything.layers,
        'manifests, configurations and attached documents': everything.documents,
        'files of the output directory': folder.filter(file => !isDocument(file)),
        'SBOM and provenance': folder.filter(isDocument),
        'log, outputs and summary': [
          ...runs.flatMap(({ stdout, stderr }, number): Found[] => [
            // What the Action has GitHub hide: the runner takes these lines as commands, and shows none of them.
            [`standard output of run ${number}`, stdout.replaceAll(/^::add-mask::.*$/gm, '')],
            [`standard error of run ${number}`, stderr]
          ]),
          ['outputs', readFileSync(output)],
          ['summary', readFileSync(summary)]
        ],
        'lists of processes': [...watched.commandLines].map(line => ['command line', line]),
        'what a module reads': storages.map(({ flows }, number): Found => [
          `run ${number}`,
          Object.keys(flows).join()
        ])
      }
      const empty = Object.keys(places).filter(place => places[place]?.length === 0)
      expect(empty.filter(place => place !== 'lists of processes')).toEqual([])
      const wrong = Object.entries(places).flatMap(([place, found]) =>
        found.flatMap(([where, content]) =>
          canariesIn(canaries, content).map(kind => `${kind}: ${place}, ${where}`)
        )
      )
      // A module tells the kinds that it sees, not their values.
      const seen = places['what a module reads']?.map(([, content]) => String(content))
      tellTried(
        `canaries: ${KINDS.length} kinds of secrets × ${Object.keys(places).length} places in ${runs.length} runs, ${wrong.length} found`
      )
      expect(wrong).toEqual([])
      expect(seen).toEqual(runs.map(() => 'sees eyes load-variable'))
      // flowstore itself, and git and the helper, which it starts with its own variables. pip and uv get proxies and
      // the logins of indexes.
      const ofInstallers = ['index-password', 'netrc-password', 'proxy-password']
      const inVariables = [...watched.variables].flatMap(([program, kinds]) =>
        /^(node|git|docker-credenti)/.test(program)
          ? []
          : [...kinds]
              .filter(kind => !ofInstallers.includes(kind))
              .map(kind => `${program}: ${kind}`)
      )
      expect(inVariables).toEqual([])
      expect(watched.variables.get('node')).toContain('step-variable')
    },
    LIMIT
  )
})

/** The digests of what an image consists of. */
async function digestsOf(client: RegistryClient, image: string): Promise<ReadonlySet<string>> {
  const { repository, tag = '' } = parseReference(image)
  const found = await readImage(client, repository, tag)
  return new Set(
    found?.platforms.flatMap(({ manifest }) => {
      const { config, layers } = parseManifest(manifest)
      return [config, ...layers].map(({ digest }) => digest)
    })
  )
}
