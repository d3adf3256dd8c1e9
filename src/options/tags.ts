import { isTag } from '../util/reference.js'
import { nearest } from '../util/text.js'

type Variables = Readonly<Record<string, string | undefined>>

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g

/** What a commit is known by; undefined for what it doesn't have. */
export interface CommitNames {
  /** The branch; of a pull request the one it comes from. */
  readonly branch?: string | undefined
  /** The commit's full hash. */
  readonly sha?: string | undefined
  /** Number of the pull or merge request. */
  readonly pr?: string | undefined
  /** The git tag, without the `v` before a number. */
  readonly version?: string | undefined
}

const NAMES = ['branch', 'sha', 'pr', 'version'] as const

/** What is wrong with a template, if anything. */
export function tagProblem(template: string): string[] {
  const unknown = [...template.matchAll(PLACEHOLDER)]
    .map(([, name = '']) => name)
    .filter(name => !NAMES.some(known => known === name))
  if (unknown.length > 0) {
    const near = nearest(unknown[0] ?? '', NAMES)
    return [
      `has a tag with '{{ ${unknown.join(' }}, {{ ')} }}'; there are ${NAMES.map(name => `{{ ${name} }}`).join(', ')}${near ? `; did you mean '${near}'?` : ''}`
    ]
  }
  return isTag(template.replace(PLACEHOLDER, 'x'))
    ? []
    : [`has '${template}', which is no tag: up to 128 letters, digits, . _ -, the first no . or -`]
}

/**
 * What a CI service says of the commit in its variables: GitHub (`GITHUB_*`), GitLab (`CI_*`), Jenkins
 * (`BRANCH_NAME`, `GIT_COMMIT`, `CHANGE_ID`, `TAG_NAME`).
 */
export function commitNames(env: Variables): CommitNames {
  const given = (name: string): string | undefined => env[name] || undefined
  const ref = given('GITHUB_REF') ?? ''
  const tag = /^refs\/tags\/(.+)$/.exec(ref)?.[1] ?? given('CI_COMMIT_TAG') ?? given('TAG_NAME')
  return {
    branch:
      given('GITHUB_HEAD_REF') ??
      /^refs\/heads\/(.+)$/.exec(ref)?.[1] ??
      given('CI_MERGE_REQUEST_SOURCE_BRANCH_NAME') ??
      given('CI_COMMIT_BRANCH') ??
      given('CHANGE_BRANCH') ??
      given('BRANCH_NAME'),
    sha: given('GITHUB_SHA') ?? given('CI_COMMIT_SHA') ?? given('GIT_COMMIT'),
    pr:
      /^refs\/pull\/(\d+)\//.exec(ref)?.[1] ?? given('CI_MERGE_REQUEST_IID') ?? given('CHANGE_ID'),
    version: tag?.replace(/^v(?=\d)/, '')
  }
}

/**
 * The tags that templates stand for. `{{ sha }}` is the first seven characters; characters that a tag
 * can't have become `-`.
 *
 * @returns the tags, each once, and the templates that have no value for this commit
 */
export function resolveTags(
  templates: readonly string[],
  commit: CommitNames
): { readonly tags: readonly string[]; readonly left: readonly string[] } {
  const tags = new Set<string>()
  const left: string[] = []
  for (const template of templates) {
    let whole = true
    const tag = template.replace(PLACEHOLDER, (_all, name: (typeof NAMES)[number]) => {
      const value = commit[name]
      whole &&= value !== undefined
      return (name === 'sha' ? value?.slice(0, 7) : value) ?? ''
    })
    const valid = tag
      .replace(/[^\w.-]+/g, '-')
      .replace(/^[.-]+/, '')
      .slice(0, 128)
    if (whole && isTag(valid)) tags.add(valid)
    else left.push(template)
  }
  return { tags: [...tags], left }
}
