import type { CommitNames } from '../../ci/index.js'
import { withoutV } from '../../ci/version.js'
import {
  familiarName,
  isSameRepository,
  isTag,
  parseReference,
  withLowerPath,
  type RepositoryName
} from '../../registry/reference.js'
import { nearest } from '../../util/text.js'
import { isPrerelease, ruleAgainst, tagText, versionOf } from './tag-rules.js'

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g

const NAMES = ['branch', 'sha', 'pr', 'version', 'major', 'minor'] as const
type Name = (typeof NAMES)[number]

const isName = (text: string): text is Name => NAMES.some(name => name === text)

const placeholder = (name: string): string => `{{ ${name} }}`

const namesIn = (template: string): readonly string[] =>
  [...template.matchAll(PLACEHOLDER)].map(([, name = '']) => name)

/** A template without the repository of a full reference, `ghcr.io/acme/flows:main`. */
interface SplitTemplate {
  readonly repository: string | undefined
  readonly tag: string
}

/** A tag has no colon, and a placeholder is not in the name of a repository. */
function splitTemplate(template: string): SplitTemplate {
  const colon = template.lastIndexOf(':')
  return colon === -1
    ? { repository: undefined, tag: template }
    : { repository: template.slice(0, colon), tag: template.slice(colon + 1) }
}

/** The repository that a full reference names; undefined for a text that names none. */
function parsedRepository(text: string): RepositoryName | undefined {
  try {
    return parseReference(withLowerPath(text))
  } catch {
    return undefined
  }
}

/** The problems of a tag template. */
export function tagProblems(template: string): string[] {
  const names = namesIn(template)
  const [unknown, ...more] = names.filter(name => !isName(name))
  if (unknown !== undefined) {
    const near = nearest(unknown, NAMES)
    const hint = near === undefined ? '' : `; did you mean '${near}'?`
    const wrong = [unknown, ...more].map(placeholder).join(', ')
    return [
      `has a tag with '${wrong}'; the placeholders are ${NAMES.map(placeholder).join(', ')}${hint}`
    ]
  }
  if (names.includes('minor') && !names.includes('major')) {
    return [
      `has '${template}', which is '4' for the version 1.4.2: write {{ major }}.{{ minor }} for '1.4'`
    ]
  }
  const { repository, tag } = splitTemplate(template)
  const isTemplate = isTag(tag.replace(PLACEHOLDER, 'x'))
  if (isTemplate && (repository === undefined || parsedRepository(repository))) return []
  return [
    `has '${template}', which is not a tag: use up to 128 letters, digits, . _ - and begin with neither . nor -`
  ]
}

/**
 * The templates of tags without the repository of full references, as docker/metadata-action gives them.
 *
 * @param repository name of the image, with its registry
 * @returns the templates, and a clause for each reference to another image
 */
export function ownTags(
  templates: readonly string[],
  repository: string
): { readonly templates: readonly string[]; readonly problems: readonly string[] } {
  const own = parseReference(repository)
  const split = templates.map(template => ({ template, ...splitTemplate(template) }))
  const others = split.filter(({ repository: named }) => {
    const parsed = named === undefined ? own : parsedRepository(named)
    return parsed === undefined || !isSameRepository(parsed, own)
  })
  return {
    templates: split.map(({ tag }) => tag),
    problems: others.map(
      ({ template }) =>
        `has '${template}', which is a tag of another image than ${familiarName(own)}`
    )
  }
}

/** What a template becomes for a commit. */
type ResolvedTag =
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'without-value' }
  | { readonly kind: 'left-out'; readonly name: string; readonly rule: string }

/** The value of a placeholder. */
function valueOf(name: Name, commit: CommitNames): string | undefined {
  switch (name) {
    case 'branch':
      return commit.branch
    case 'sha':
      return commit.sha?.slice(0, 7)
    case 'pr':
      return commit.pullRequest?.number
    case 'version':
      return commit.tag === undefined ? undefined : withoutV(commit.tag)
    case 'major':
    case 'minor':
      return versionOf(commit)?.[name]
  }
}

/** Fills a template with the names of a commit. */
function resolveTag(template: string, commit: CommitNames): ResolvedTag {
  const names = namesIn(template).filter(isName)
  if (names.some(name => valueOf(name, commit) === undefined)) return { kind: 'without-value' }
  const tag = tagText(
    template.replace(PLACEHOLDER, (_all, name: Name) => valueOf(name, commit) ?? '')
  )
  if (!isTag(tag)) return { kind: 'without-value' }
  if (isPrerelease(commit) && names.some(name => name === 'major' || name === 'minor')) {
    const rule = `a pre-release${commit.tag === undefined ? '' : ` such as ${commit.tag}`} gets no tag of {{ major }} or {{ minor }}`
    return { kind: 'left-out', name: tag, rule }
  }
  const rule = ruleAgainst(tag, commit)
  return rule === undefined ? { kind: 'tag', tag } : { kind: 'left-out', name: tag, rule }
}

/** The tags of a commit. */
export interface ResolvedTags {
  /** Each once. */
  readonly tags: readonly string[]
  /** The templates that have no value for the commit. */
  readonly withoutValue: readonly string[]
  /** The tags that a rule leaves out, each with the rule as a clause. */
  readonly leftOut: readonly { readonly name: string; readonly rule: string }[]
}

/**
 * Fills tag templates for a commit, and leaves out the tags that it must not get ({@link ruleAgainst}). `{{ sha }}` gives
 * seven characters, `{{ major }}` and `{{ minor }}` one number each; characters that a tag can't have become `-`.
 */
export function resolveTags(templates: readonly string[], commit: CommitNames): ResolvedTags {
  const resolved = templates.map(template => ({ template, result: resolveTag(template, commit) }))
  return {
    tags: [
      ...new Set(resolved.flatMap(({ result }) => (result.kind === 'tag' ? [result.tag] : [])))
    ],
    withoutValue: resolved
      .filter(({ result }) => result.kind === 'without-value')
      .map(({ template }) => template),
    leftOut: resolved.flatMap(({ result }) => (result.kind === 'left-out' ? [result] : []))
  }
}
