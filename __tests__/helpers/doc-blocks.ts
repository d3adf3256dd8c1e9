import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'

/** A fenced block of a page. */
export interface Block {
  readonly page: string
  /** Page and line, for the title of a test. */
  readonly where: string
  readonly language: string
  readonly text: string
}

export const PAGES = ['README.md', ...readdirSync('docs').map(name => `docs/${name}`)]

function blocksOf(page: string): Block[] {
  const document = readFileSync(page, 'utf8')
  return [...document.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(
    ({ index, 1: language = '', 2: text = '' }) => ({
      page,
      where: `${page}:${document.slice(0, index).split('\n').length}`,
      language,
      text
    })
  )
}

/** The fenced blocks of the readme and of the pages in `docs/` that say their language. */
export const BLOCKS: readonly Block[] = PAGES.flatMap(blocksOf)

/** Every object in a document, at any depth. */
export function objectsIn(value: unknown): Readonly<Record<string, unknown>>[] {
  if (typeof value !== 'object' || value === null) return []
  const below = Object.values(value).flatMap(objectsIn)
  return Array.isArray(value) ? below : [value as Readonly<Record<string, unknown>>, ...below]
}

/** The shell commands in the steps of a workflow, and in the scripts of a job of GitLab. */
function commandsIn({ text, ...block }: Block): Block[] {
  const scripts = objectsIn(parse(text)).flatMap(({ run, before_script, script }) => [
    run,
    Array.isArray(before_script) ? before_script.join('\n') : undefined,
    Array.isArray(script) ? script.join('\n') : undefined
  ])
  return scripts
    .filter(script => typeof script === 'string')
    .map(script => ({ ...block, language: 'sh', text: script }))
}

/** Languages that nobody runs: YAML is checked by other tests, and its commands are blocks of their own. */
const NO_CODE = ['yaml', 'json', 'mermaid']

/** All code of the pages: each block, and the commands in each block of YAML. */
export const CODE: readonly Block[] = BLOCKS.flatMap(block =>
  block.language === 'yaml' ? commandsIn(block) : NO_CODE.includes(block.language) ? [] : [block]
)

/** How tests name code: its page and its first line. */
export const codeName = ({ page, text }: Block): string =>
  `${page}: ${text.split('\n', 1)[0] ?? ''}`

/** Code that `__tests__/field/documentation.test.ts` runs. */
export const RUN_CODE = [
  'README.md: echo "$IMAGE"',
  'README.md: prefect register --json .flowstore/flows.json --project my-project',
  'README.md: import json',
  'README.md: node dist/flowstore.js build flows --working-directory examples/prefect-3 --storage local --requirements-file requirements.txt',
  'README.md: node dist/flowstore.js build flows --working-directory examples/prefect-3 --requirements-file requirements.txt --push false',
  "README.md: node dist/flowstore.js run examples/prefect-3/.flowstore/storage.json --flow 'Daily orders' --param minimum=4 --requirements-file examples/prefect-3/requirements.txt",
  "README.md: node dist/flowstore.js run .flowstore/storage.json --flow 'orders by region' --param minimum=5",
  'README.md: node dist/flowstore.js build examples/prefect-1/flows --storage local --directory .flowstore/flows --requirements-file examples/prefect-1/requirements.txt',
  'README.md: node dist/flowstore.js build examples/prefect-1/flows --requirements-file examples/prefect-1/requirements.txt --push false',
  "README.md: import { buildStorage, publishToDirectory } from 'flowstore-action'",
  'docs/development.md: npm run jest -- --selectProjects unit --testPathPattern unit/registry',
  'docs/errors.md: ENV PATH=/opt/conda/envs/env/bin:$PATH',
  'docs/options.md: echo "$IMAGE"',
  'docs/options.md: cat "${{ steps.storage.outputs.storage-path }}"',
  'docs/options.md: node /opt/flowstore-action/dist/flowstore.js build flows/ --registry-url "$CI_REGISTRY_IMAGE" --image-name flows --requirements-file requirements.txt',
  "docs/options.md: pip install prefect==1.4.1 'marshmallow<4'",
  'docs/options.md: flowstore run .flowstore/storage.json --flow nightly --param limit=3 --env MODE=test',
  "docs/options.md: import { readFile } from 'node:fs/promises'",
  "docs/options.md: import { deserialize, Docker, loadFlows } from 'flowstore-action'"
] as const

/** Code that no test runs, and why. */
export const CODE_NOT_RUN: Readonly<Record<string, string>> = {
  'docs/provenance.md: jq .predicate "$PROVENANCE_PATH" > predicate.json':
    'signs with a key or an identity of the user',
  'docs/options.md: printf \'%s\' "$KEY" > "$RUNNER_TEMP/key.pem"':
    'it is a step before this Action; docker/private-index.test.ts uses such a file',
  'docs/options.md: export PREFECT_API_URL=https://prefect.example/api':
    'the address is that of no server; field/deploy.test.ts runs the commands',
  'docs/options.md: flowstore verify .flowstore/storage.json':
    'ghcr.io has no such image; docker/verify.test.ts runs the command',
  'README.md: node scripts/test.mjs': 'it runs all tests, and so itself',
  'docs/development.md: node scripts/test.mjs': 'it runs all tests, and so itself',
  'docs/development.md: pip install -r tests/requirements.txt':
    'it changes the interpreter; `node scripts/test.mjs python` runs the same tests',
  'docs/development.md: npm ci && npm run build:package':
    'it replaces node_modules, which all tests use; the suite `dist` runs build:package in a clone',
  'docs/options.md: apk add --no-cache git nodejs':
    'it needs Alpine, GitHub and the registry of a GitLab',
  'docs/operating.md: apk add --no-cache git nodejs':
    'it needs Alpine, GitHub and the registry of a GitLab',
  'docs/operating.md: node /opt/flowstore-action/dist/flowstore.js build flows/ --registry-url "$CI_REGISTRY_IMAGE" --image-name flows --requirements-file requirements.txt --tags latest':
    'the same job without a deploy, of docs/options.md, is run',
  'docs/operating.md: apk add --no-cache git': 'it needs Alpine and GitHub',
  'docs/operating.md: node /opt/flowstore-action/dist/flowstore.js deploy .flowstore/deployments.json':
    'field/deploy.test.ts runs the command',
  'docs/operating.md: flowstore deploy earlier/deployments.json --dry-run':
    'field/deploy.test.ts runs the commands',
  'docs/operating.md: node dist/flowstore.js verify .flowstore/storage.json':
    'field/deploy.test.ts and docker/verify.test.ts run the commands',
  'docs/operating.md: node dist/flowstore.js verify .flowstore/storage.json --no-healthcheck':
    'field/deploy.test.ts and docker/verify.test.ts run the commands',
  'docs/operating.md: offset=0': 'it needs curl, jq and a server with deployments',
  'docs/options.md: docker buildx imagetools create --tag ghcr.io/acme/flows:registered "$IMAGE"':
    'it needs buildx and ghcr.io'
}
