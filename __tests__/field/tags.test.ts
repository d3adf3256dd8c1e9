import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { describeWithPrefect, field, type Field } from '../helpers/field.js'
import { freshName, oneFlow, run } from '../helpers/flowstore.js'
import { describeWith } from '../helpers/test-bed.js'

const git = (root: string, ...args: string[]): void => {
  const author = ['-c', 'user.name=ada', '-c', 'user.email=ada@localhost']
  execFileSync('git', [...author, ...args], { cwd: root, stdio: 'pipe' })
}

/** Makes a repository one of git, with everything in a commit on `main`. */
function commitAll({ root }: Field): void {
  git(root, 'init', '--quiet', '--initial-branch', 'main')
  git(root, 'add', '--all')
  git(root, 'commit', '--quiet', '--message', 'Start')
}

/** Runs the Action of the bundle in a folder, as a runner does that gives it only these variables. */
async function action(root: string, env: Readonly<Record<string, string>>) {
  const [summary, outputs] = [join(root, '../summary.md'), join(root, '../outputs')]
  for (const file of [summary, outputs]) writeFileSync(file, '')
  const { PATH = '', HOME = '' } = process.env
  const ended = await run(process.execPath, [resolve('dist/action.js')], root, {
    PATH,
    HOME,
    GITHUB_STEP_SUMMARY: summary,
    GITHUB_OUTPUT: outputs,
    ...env
  })
  const [written, set] = [summary, outputs].map(file => readFileSync(file, 'utf8'))
  return { code: ended.code, text: ended.stdout + ended.stderr, summary: written, outputs: set }
}

describeWith(['docker', 'registry', 'prefect:1.4.1'], 'the tags of an image', bed => {
  const name = freshName('Field/Tags')
  const [owner = '', image = ''] = [name.slice(0, name.lastIndexOf('/')), name.split('/').at(-1)]
  const repository = field({
    'flows.py': oneFlow('tagged'),
    '.gitignore': '.flowstore\nevent.json'
  })
  const build = (tags: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    repository.flowstore(
      [
        ...['build', 'flows.py', '--base-image', bed.prefectBase],
        ...['--registry-url', `${bed.registry.url}/${owner}`, '--image-name', image.toUpperCase()],
        ...tags.flatMap(tag => ['--tags', tag])
      ],
      { DOCKER_HOST: bed.dockerHost, ...env }
    )

  /** The tags of the last build. */
  const tags = (): string[] => {
    const text = readFileSync(join(repository.root, '.flowstore/report.json'), 'utf8')
    const { outputs } = JSON.parse(text) as { readonly outputs: { readonly tags: string } }
    return outputs.tags.split('\n')
  }

  /** A push or a pull request on GitHub. */
  const github = (event: object, env: Readonly<Record<string, string>>) => {
    const GITHUB_EVENT_PATH = join(repository.root, 'event.json')
    const content = { repository: { default_branch: 'main' }, ...event }
    writeFileSync(GITHUB_EVENT_PATH, JSON.stringify(content))
    return { GITHUB_EVENT_PATH, GITHUB_SHA: '0123456789', ...env }
  }
  const repo = { full_name: 'acme/flows' }
  const pullRequest = (head: string) =>
    github(
      { pull_request: { number: 3, head: { sha: 'a', ref: head, repo }, base: { repo } } },
      {
        GITHUB_EVENT_NAME: 'pull_request',
        GITHUB_REF: 'refs/pull/3/merge',
        GITHUB_HEAD_REF: head,
        GITHUB_BASE_REF: 'main'
      }
    )

  // Later builds find this image in the registry.
  beforeAll(async () => {
    commitAll(repository)
    await build([])
  }, 120_000)

  test('a registry-url and an image-name in upper case are used in lower case, with notices', async () => {
    const { text } = await build([])
    const lower = `${bed.registry.url}/${owner.toLowerCase()}`
    expect(text).toContain(
      `notice: the option --registry-url is used in lower case, as registries require: ${lower}\n`
    )
    expect(text).toContain('notice: the option --image-name is used in lower case')
    expect(text).toContain(`Image: ${lower}/${image}:`)
  }, 60_000)

  test('a pull request gets its source branch, and neither latest nor the default branch', async () => {
    const { code, text } = await build(
      ['latest', '{{ branch }}', 'main', 'pr-{{ pr }}'],
      pullRequest('topic')
    )
    expect([code, tags()]).toEqual([0, ['topic', 'pr-3']])
    expect(text).toContain("notice: the tag 'latest' is left out: a pull request never gets")
    expect(text).toContain("notice: the tag 'main' is left out: a pull request never gets")
  }, 60_000)

  test('a pull request from a branch of the default branch’s name does not get that name', async () => {
    await build(['{{ branch }}', 'pr-{{ pr }}'], pullRequest('main'))
    expect(tags()).toEqual(['pr-3'])
  }, 60_000)

  test('only the default branch gets latest, which the option names if no service does', async () => {
    const asked = ['latest', '{{ branch }}']
    await build(asked, github({}, { GITHUB_REF: 'refs/heads/main' }))
    expect(tags()).toEqual(['latest', 'main'])
    const { text } = await build(asked, github({}, { GITHUB_REF: 'refs/heads/topic' }))
    expect(tags()).toEqual(['topic'])
    expect(text).toContain('only the default branch (main) and a release get')
    await build(asked, { BITBUCKET_BRANCH: 'topic' })
    expect(tags()).toEqual(['latest', 'topic'])
    const named = await repository.flowstore(
      [
        ...['build', 'flows.py', '--base-image', bed.prefectBase, '--image-name', image],
        ...['--registry-url', `${bed.registry.url}/${owner.toLowerCase()}`],
        ...['--tags', 'latest', '--tags', 'x', '--default-branch', 'main']
      ],
      { DOCKER_HOST: bed.dockerHost, BITBUCKET_BRANCH: 'topic' }
    )
    expect([named.code, tags()]).toEqual([0, ['x']])
  }, 60_000)

  test('a release gets its numbers and latest; a pre-release only its version', async () => {
    const asked = ['latest', '{{ version }}', 'v{{ major }}', '{{ major }}.{{ minor }}']
    await build(asked, github({}, { GITHUB_REF: 'refs/tags/v1.4.2' }))
    expect(tags()).toEqual(['latest', '1.4.2', 'v1', '1.4'])
    const { text } = await build(asked, github({}, { GITHUB_REF: 'refs/tags/v2.0.0-rc.1' }))
    expect(tags()).toEqual(['2.0.0-rc.1'])
    expect(text).toContain('a pre-release such as v2.0.0-rc.1 gets no tag of {{ major }}')
    const marked = { release: { prerelease: true } }
    await build(asked, github(marked, { GITHUB_REF: 'refs/tags/v2.0.0' }))
    expect(tags()).toEqual(['2.0.0'])
  }, 60_000)

  test('on a merge request of GitLab, and outside CI, the names are the right ones', async () => {
    await build(['latest', '{{ branch }}', 'mr-{{ pr }}'], {
      CI_MERGE_REQUEST_IID: '8',
      CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'topic',
      CI_DEFAULT_BRANCH: 'main'
    })
    expect(tags()).toEqual(['topic', 'mr-8'])
    git(repository.root, 'tag', 'v3.1.0')
    await build(['{{ branch }}', '{{ major }}.{{ minor }}'])
    expect(tags()).toEqual(['main', '3.1'])
  }, 60_000)

  test('a full reference counts if it is of this image; another is an error before anything runs', async () => {
    await build([`${bed.registry.url}/${owner}/${image}:stable`])
    expect(tags()).toEqual(['stable'])
    const { code, text } = await build(['docker.io/acme/flows:stable'])
    expect([code, text]).toEqual([2, expect.stringContaining('a tag of another image than')])
    expect(text).not.toContain('environment\n')
  }, 60_000)
})

describe('options that name several things where one is possible', () => {
  test('several platforms are one plain error, and so is minor without major', async () => {
    const { flowstore } = field({ 'flows.py': oneFlow('one') })
    const { code, text } = await flowstore([
      ...['build', 'flows.py', '--push', 'false', '--tags', '{{ minor }}'],
      ...['--build-kwargs', '{"platform": "linux/amd64,linux/arm64"}']
    ])
    expect([code, text.match(/^error /gm)?.length]).toEqual([2, 2])
    expect(text).toContain('the option --platforms takes several, such as linux/amd64,linux/arm64')
    expect(text).toContain("write {{ major }}.{{ minor }} for '1.4'")
  })
})

const DATE = `import datetime
from prefect import Flow, Parameter

flow = Flow("dated", tasks=[Parameter("day", default=datetime.date(2020, 1, 1))])
`

await describeWithPrefect('1.4.1', 'the Action on any runner', python => {
  const inputs = {
    INPUT_FLOWS: 'flows',
    INPUT_STORAGE: 'local',
    INPUT_DIRECTORY: 'build',
    INPUT_PYTHON: python
  }
  /** The root of a field is below a folder of its own, which the summary is written to. */
  const inFolder = (files: Readonly<Record<string, string>>): string =>
    join(
      field(Object.fromEntries(Object.entries(files).map(([path, text]) => [`work/${path}`, text])))
        .root,
      'work'
    )

  test('a flow that can’t be registered is left out of flows.json, and the others are there', async () => {
    const { root, flowstore } = field({
      'flows/a.py': oneFlow('a'),
      'flows/b.py': oneFlow('b'),
      'flows/dated.py': DATE
    })
    const { code, text } = await flowstore([
      ...['build', 'flows', '--storage', 'local', '--directory', 'build', '--python', python]
    ])
    expect([code, text]).toEqual([
      0,
      expect.stringContaining('warning: left out of flows.json: Flow "dated" can\'t be serialized')
    ])
    const read = (file: string) =>
      JSON.parse(readFileSync(join(root, '.flowstore', file), 'utf8')) as {
        readonly flows: readonly { readonly name: string }[]
      }
    expect(read('flows.json').flows.map(flow => flow.name)).toEqual(['a', 'b'])
    expect(Object.keys(read('storage.json').flows)).toEqual(['a', 'b', 'dated'])
  }, 60_000)

  test.each([
    ['a server without GitHub’s artifacts', { GITHUB_SERVER_URL: 'https://git.acme.example' }],
    ['a runner without a service', { GITHUB_SERVER_URL: 'https://github.com' }]
  ])(
    '%s is a notice, and the run succeeds',
    async (_name, env) => {
      const root = inFolder({ 'flows/a.py': oneFlow('a') })
      const { code, text, outputs } = await action(root, { ...inputs, ...env })
      expect([code, text]).toEqual([
        0,
        expect.stringContaining('::notice::no artifact is uploaded: ')
      ])
      expect(outputs).toContain('storage-path<<')
    },
    60_000
  )

  test('the summary of a failed run says what failed, where, and what to do', async () => {
    const root = inFolder({ 'flows/a.py': 'import prefect\n\nimport pandos_for_sure\n' })
    const { code, summary, outputs } = await action(root, inputs)
    const valued = outputs?.replaceAll(/^[\w-]+<<(\S+)\n\n\1\n/gm, '')
    expect([code, valued]).toEqual([3, ''])
    expect(summary).toContain('### flowstore failed: 1 error')
    expect(summary?.replaceAll('\\', '')).toContain('**MODULE_IMPORT**: ModuleNotFoundError')
    expect(summary).toContain('Where: flows/a.py:3')
    expect(summary).toContain('\n    ModuleNotFoundError')
    expect(summary).toContain('Hint: Add the package')
  }, 60_000)

  test('summary: false writes no summary, for a run that succeeds, fails or has wrong inputs', async () => {
    const root = inFolder({ 'flows/a.py': oneFlow('a'), 'flows/b.py': 'import nothing_there' })
    const off = { ...inputs, INPUT_SUMMARY: 'false' }
    const good = await action(root, { ...off, INPUT_FLOWS: 'flows/a.py' })
    const bad = await action(root, off)
    const wrong = await action(root, { ...off, INPUT_STORAGE: 'locl' })
    expect([good.code, bad.code, wrong.code]).toEqual([0, 3, 2])
    expect([good.summary, bad.summary, wrong.summary]).toEqual(['', '', ''])
    const shown = await action(root, { ...inputs, INPUT_STORAGE: 'locl' })
    expect(shown.summary).toContain("did you mean 'local'?")
  }, 60_000)
})
