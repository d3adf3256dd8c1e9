/** Why a file of the repository is not a source unless the option `sources` names it. */
export type LeftOutKind =
  'version control' | 'CI and tools' | 'tests' | 'documentation' | 'deployments'

/** Files of version control that no program reads. A `.gitignore` below the top may be what keeps its folder. */
const VERSION_CONTROL =
  /^\.(gitattributes|gitmodules|mailmap|git-blame-ignore-revs|hgignore|hgtags)$/

/** Folders of CI services and editors, and the one for caches: those of GitLab have to lie in the work tree. */
const TOOL_FOLDERS =
  /^\.(github|gitlab|circleci|buildkite|woodpecker|azure-pipelines|husky|vscode|idea|devcontainer|cache)$/

/** Files of CI services, linters and editors, by names that nothing else has. */
const TOOL_FILES =
  /^\.((gitlab-ci|travis|drone|woodpecker|appveyor|codecov|cirrus|readthedocs|gitpod|yamllint|pre-commit-config|pre-commit-hooks)\.ya?ml|woodpecker\..*|editorconfig|flake8|pylintrc|isort\.cfg|style\.yapf|coveragerc|yamllint|ruff\.toml|mypy\.ini|bumpversion\.cfg|dockerignore|(prettier|markdownlint|renovate).*)$/

/** The same, by names that a data file could have too: only outside a folder that holds Python. */
const TOOL_NAMES =
  /^(Jenkinsfile.*|(azure-pipelines.*|bitbucket-pipelines|appveyor|codecov|cloudbuild|buildspec|mkdocs)\.ya?ml|renovate\.json|sonar-project\.properties|(tox|mypy|pytest)\.ini|ruff\.toml)$/

const TEST_FOLDERS = /^tests?$/

/** Not `*_test.py`: flows import modules such as `ab_test.py`. */
const TEST_FILES = /^(conftest|test_.*)\.py$/

const DOCUMENTATION = [
  /^(readme|changelog|licen[cs]e|contributing)([-_][\w-]+)?(\.[a-z]{2})?(\.(md|rst|txt|adoc))?$/i,
  /^(CHANGES|HISTORY|COPYING|NOTICE|AUTHORS|CONTRIBUTORS|MAINTAINERS|SECURITY|CODE_OF_CONDUCT|CODEOWNERS)(\.(md|rst|txt|adoc))?$/
]

const TEXT = /\.(md|rst)$/

/** A text whose name is in capital letters, such as `ROADMAP.md`. */
const CAPITALS = /^[A-Z0-9_-]+\.(md|rst)$/

/** The file with deployments of Prefect 2 and 3, which no run reads. */
export const PREFECT_FILE = 'prefect.yaml'

/** Python files that are not modules for flows. */
const SCRIPTS = /^(setup|noxfile)\.py$/

/** A path's folders, outermost first, and its name. */
interface Parts {
  /** Paths, without the top folder. */
  readonly folders: readonly string[]
  readonly name: string
}

function partsOf(path: string): Parts {
  const names = path.split('/')
  const name = names.pop() ?? ''
  return { folders: names.map((_, index) => names.slice(0, index + 1).join('/')), name }
}

const nameOf = (folder: string): string => folder.slice(folder.lastIndexOf('/') + 1)

const isModule = (name: string): boolean =>
  name.endsWith('.py') && !TEST_FILES.test(name) && !SCRIPTS.test(name)

/**
 * The rules for what is not a source by default. They read paths only, never a file's content. The table in
 * `docs/options.md` says the same.
 *
 * - A folder *holds Python* if a module lies in it, or in a folder above it; below the top folder, a module there
 *   counts too. Test files and `setup.py` are no modules, nor is anything in `docs`, `tests` or `test`.
 * - In the top folder, texts are documentation even if modules lie beside them: only well-known names then, and
 *   names in capital letters.
 * - A test folder is named `tests` or `test` and has a Python file below it: `config/test` has none.
 *
 * @param paths all files, relative to the top folder
 * @param flows what the option `flows` names: files and folders. A folder with something of it is no test folder
 * and no folder of documentation
 * @param deployments what the option `prefect-file` names: files
 * @returns the reason for a path; undefined for a source
 */
export function defaultLeftOut(
  paths: readonly string[],
  flows: readonly string[],
  deployments: readonly string[] = []
): (path: string) => LeftOutKind | undefined {
  const withFlows = new Set(flows.flatMap(path => [...partsOf(path).folders, path]))
  const isSpecial = (folder: string, pattern: RegExp): boolean =>
    pattern.test(nameOf(folder)) && !withFlows.has(folder)
  const withDeployments = new Set(deployments)
  const withPython = new Set<string>()
  const withModules = new Set<string>()
  for (const path of paths) {
    if (!path.endsWith('.py')) continue
    const { folders, name } = partsOf(path)
    for (const folder of folders) withPython.add(folder)
    if (isModule(name) && !folders.some(folder => isSpecial(folder, /^(docs|tests?)$/))) {
      withModules.add(folders.at(-1) ?? '')
    }
  }
  const isOutsidePython = (folders: readonly string[]): boolean =>
    folders.length === 0 ||
    !(withModules.has('') || folders.some(folder => withModules.has(folder)))
  return path => {
    const { folders, name } = partsOf(path)
    if (VERSION_CONTROL.test(name) || path === '.gitignore') return 'version control'
    if (name === PREFECT_FILE || withDeployments.has(path)) return 'deployments'
    const isOutside = isOutsidePython(folders)
    const isTool = TOOL_FILES.test(name) || (isOutside && TOOL_NAMES.test(name))
    if (isTool || folders.some(folder => TOOL_FOLDERS.test(nameOf(folder)))) return 'CI and tools'
    const isTestFolder = (folder: string) =>
      isSpecial(folder, TEST_FOLDERS) && withPython.has(folder)
    if (TEST_FILES.test(name) || folders.some(isTestFolder)) return 'tests'
    const isDocs = (folder: string, depth: number) =>
      isSpecial(folder, /^docs$/) && isOutsidePython(folders.slice(0, depth))
    if (folders.some(isDocs)) return 'documentation'
    if (!isOutside) return undefined
    const isText =
      folders.length === 0 && withModules.has('') ? CAPITALS.test(name) : TEXT.test(name)
    return isText || DOCUMENTATION.some(names => names.test(name)) ? 'documentation' : undefined
  }
}
