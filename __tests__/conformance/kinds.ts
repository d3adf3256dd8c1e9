import { gte, lte, satisfies } from '@renovatebot/pep440'
import type { EntrypointRelease } from '../helpers/test-bed.js'

/** The releases that the zoo is compared with, oldest first. */
export const RELEASES: readonly EntrypointRelease[] = [
  '2.13.8',
  '2.20.27',
  '3.0.11',
  '3.4.25',
  '3.6.29',
  '3.9.1'
]

/** One way to write a flow, or to name one. */
export interface Kind {
  readonly what: string
  readonly entrypoint: string
  /** The flow's name; before 3.0 a lambda has another one. */
  readonly name?: string
  /** The first of the releases tried that loads it; undefined if none does. */
  readonly since?: string
  /** The first of the releases tried that can run it; undefined for the first that loads it. */
  readonly runsSince?: string
  /** Releases between those that don't load it, as a specifier. */
  readonly except?: string
  /** The last of the releases tried that loads it; undefined for the newest. */
  readonly until?: string
  /** The last Python that can run it, such as `3.12`; undefined for the newest. */
  readonly untilPython?: string
  /** Another way to name a flow that another entrypoint of this list names. */
  readonly again?: true
}

const ALWAYS = '2.13.0'

export const KINDS: readonly Kind[] = [
  { what: 'a function', entrypoint: 'flows/functions.py:plain', name: 'plain', since: ALWAYS },
  {
    what: 'the path begins with ./',
    entrypoint: './flows/functions.py:plain',
    name: 'plain',
    since: ALWAYS,
    again: true
  },
  {
    what: 'a module path',
    entrypoint: 'flows.functions.plain',
    name: 'plain',
    since: '2.16.9',
    again: true
  },
  {
    what: 'a module path with a colon',
    entrypoint: 'flows.functions:plain',
    name: 'plain',
    since: ALWAYS,
    again: true
  },
  { what: 'the name of the flow', entrypoint: 'flows/functions.py:Nightly orders' },
  {
    what: 'a function with another name, and with settings',
    entrypoint: 'flows/functions.py:by_another_name',
    name: 'Nightly orders',
    since: ALWAYS
  },
  {
    what: 'parameters of many types, and a docstring',
    entrypoint: 'flows/functions.py:described',
    name: 'described',
    since: ALWAYS
  },
  {
    what: 'a version in the decorator',
    entrypoint: 'flows/functions.py:with_version',
    name: 'with-version',
    since: ALWAYS
  },
  {
    what: 'a model as a default',
    entrypoint: 'flows/models.py:with_a_model',
    name: 'with-a-model',
    since: ALWAYS,
    // Earlier releases have pydantic 1 here.
    except: '>=2.13.7,<2.14.3'
  },
  {
    what: 'a coroutine',
    entrypoint: 'flows/asynchronous.py:coroutine',
    name: 'coroutine',
    since: ALWAYS
  },
  {
    what: 'a coroutine that calls a flow',
    entrypoint: 'flows/asynchronous.py:calls_another',
    name: 'calls-another',
    since: ALWAYS
  },
  {
    what: 'a generator',
    entrypoint: 'flows/generators.py:generator',
    name: 'generator',
    since: ALWAYS
  },
  {
    what: 'an asynchronous generator',
    entrypoint: 'flows/generators.py:async_generator',
    name: 'async-generator',
    since: ALWAYS
  },
  {
    what: '@flow over @staticmethod',
    entrypoint: 'flows/class_decorators.py:Exports.flow_over_static',
    name: 'flow over static method',
    since: '3.4.25'
  },
  {
    what: '@flow over @classmethod',
    entrypoint: 'flows/class_decorators.py:Exports.flow_over_class',
    name: 'flow over class method',
    since: '3.4.25'
  },
  {
    what: '@staticmethod over @flow',
    entrypoint: 'flows/classes.py:Reports.static_over_flow',
    name: 'static method over flow',
    since: '3.4.25'
  },
  {
    what: '@classmethod over @flow',
    entrypoint: 'flows/classes.py:Reports.class_over_flow',
    name: 'class method over flow',
    since: '3.4.25',
    // Later, a class method is no longer a chain of descriptors.
    untilPython: '3.12'
  },
  {
    what: 'an instance method, by its class',
    entrypoint: 'flows/classes.py:Reports.method',
    name: 'instance method',
    since: '3.4.25',
    again: true
  },
  {
    what: 'an instance method, by an instance',
    entrypoint: 'flows/classes.py:reports.method',
    name: 'instance method',
    since: '3.4.25'
  },
  {
    what: 'a bound method in a variable',
    entrypoint: 'flows/bound.py:bound',
    name: 'bound method',
    since: ALWAYS,
    // Before, `self` is a parameter.
    runsSince: '3.4.25'
  },
  {
    what: 'a function that is also copied',
    entrypoint: 'flows/made.py:original',
    name: 'original',
    since: ALWAYS
  },
  {
    what: 'a copy with other options',
    entrypoint: 'flows/made.py:copy',
    name: 'copy with options',
    since: ALWAYS
  },
  {
    what: 'made by a function, in a variable',
    entrypoint: 'flows/made.py:first',
    name: 'made first',
    since: ALWAYS
  },
  {
    what: 'made by the same function, in another variable',
    entrypoint: 'flows/made.py:second',
    name: 'made second',
    since: ALWAYS
  },
  { what: 'in a list', entrypoint: 'flows/made.py:listed' },
  { what: 'in a dict', entrypoint: 'flows/made.py:by_name' },
  {
    what: 'a wrapper below @flow',
    entrypoint: 'flows/made.py:wrapped_below',
    name: 'wrapper below flow',
    since: ALWAYS
  },
  { what: 'a wrapper above @flow', entrypoint: 'flows/made.py:wrapped_above' },
  {
    what: 'a second variable',
    entrypoint: 'flows/made.py:alias',
    name: 'original',
    since: ALWAYS,
    again: true
  },
  // The API refuses the name that 2.x gives it.
  {
    what: 'a lambda',
    entrypoint: 'flows/lambdas.py:double',
    since: ALWAYS,
    runsSince: '3.0.11'
  },
  {
    what: 'a lambda with a name',
    entrypoint: 'flows/lambdas.py:named',
    name: 'named lambda',
    since: ALWAYS
  },
  {
    what: 'one dot: a module beside the file',
    entrypoint: 'flows/beside.py:imports_beside',
    name: 'imports-beside',
    since: ALWAYS
  },
  {
    what: 'data beside the module',
    entrypoint: 'flows/beside.py:reads_beside',
    name: 'reads-beside',
    since: ALWAYS
  },
  {
    what: 'data below the working directory',
    entrypoint: 'flows/beside.py:reads_from_the_project',
    name: 'reads-from-the-project',
    since: ALWAYS
  },
  {
    what: 'a flow beside an imported one',
    entrypoint: 'flows/imports_flow.py:calls_plain',
    name: 'calls-plain',
    since: ALWAYS
  },
  {
    what: 'a flow that another module imports',
    entrypoint: 'flows/imports_flow.py:plain',
    name: 'plain',
    since: ALWAYS,
    again: true
  },
  {
    what: 'a module with the name of one of the standard library',
    entrypoint: 'flows/json.py:named_as_a_library',
    name: 'named-as-a-library',
    since: ALWAYS
  },
  { what: 'two dots, by a path', entrypoint: 'flows/pkg/deep/two_dots.py:two_dots' },
  {
    what: 'two dots, by a module path with a colon',
    entrypoint: 'flows.pkg.deep.two_dots:two_dots',
    name: 'two-dots',
    since: ALWAYS
  },
  {
    what: 'two dots, by a module path',
    entrypoint: 'flows.pkg.deep.two_dots.two_dots',
    name: 'two-dots',
    since: '2.16.9',
    again: true
  },
  {
    what: 'the name of another module’s flow',
    entrypoint: 'flows/pkg/same_name.py:plain',
    name: 'plain',
    since: ALWAYS
  },
  {
    what: 'a name in other letters',
    entrypoint: 'flows/pkg/same_name.py:other_letters',
    name: 'Über flöw 日本 🚀',
    since: ALWAYS
  },
  {
    what: 'a name with an apostrophe and spaces',
    entrypoint: 'flows/pkg/same_name.py:punctuation',
    name: "it's 100 years",
    since: ALWAYS
  },
  {
    what: 'a script with a guard',
    entrypoint: 'flows/guarded.py:guarded',
    name: 'guarded',
    since: ALWAYS
  },
  { what: 'a package that is missing', entrypoint: 'broken/missing_package.py:never_loaded' },
  { what: 'a syntax error', entrypoint: 'broken/syntax_error.py:never_parsed' },
  { what: 'a module of Prefect 1', entrypoint: 'broken/of_prefect_1.py:flow' },
  // 2.x does not run flows while it loads a module.
  {
    what: 'a flow that is called at import',
    entrypoint: 'broken/calls_a_flow.py:runs_at_import',
    name: 'runs-at-import',
    since: ALWAYS,
    until: '2.20.27',
    again: true
  },
  { what: 'a name that Prefect refuses', entrypoint: 'broken/bad_name.py:refused' }
]

/** Whether a release loads an entrypoint. */
export const loads = (
  { since, except, until, untilPython }: Kind,
  release: string,
  python?: string
): boolean =>
  since !== undefined &&
  gte(release, since) &&
  (until === undefined || lte(release, until)) &&
  (except === undefined || !satisfies(release, except)) &&
  (python === undefined || untilPython === undefined || lte(python, untilPython))

/** The flows that a release can run, one entrypoint each; of a Python, if it is named. */
export const flowsFor = (release: string, python?: string): readonly Kind[] =>
  KINDS.filter(
    kind =>
      loads(kind, release, python) &&
      kind.again === undefined &&
      gte(release, kind.runsSince ?? ALWAYS)
  )

/** Modules whose import fails in a release, beside those in `broken/`. */
export const failingModules = (release: EntrypointRelease): readonly string[] => [
  ...(release === '2.13.8' ? ['flows/models.py'] : []),
  ...(release === '3.0.11' ? ['flows/class_decorators.py'] : [])
]
