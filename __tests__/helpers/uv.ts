import { silentLog } from '../../src/log.js'
import { toolProgram, UV } from '../../src/packages/machine/tools.js'
import { userCache } from '../../src/paths.js'
import { mustRun, repository } from './flowstore.js'

/** This machine; tools are large and the same for every run, so they stay in the user's cache. */
export const MACHINE = { env: process.env, cache: userCache(process.env), log: silentLog() }

/** The variables of this machine without settings that add indexes. */
export const WITHOUT_INDEXES: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PIP|UV)_/.test(name))),
  PIP_CONFIG_FILE: '/dev/null',
  REQUESTS_CA_BUNDLE: process.env['REQUESTS_CA_BUNDLE'] ?? process.env['PIP_CERT']
}

/** The part of a `pyproject.toml` by which setuptools builds the project. */
export const SETUPTOOLS =
  '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'

/** The path of a real uv. */
export const uvProgram = (): Promise<string> =>
  toolProgram(
    UV,
    ['--version'],
    { what: 'for these tests', hint: 'Put uv on PATH.', cwd: process.cwd() },
    MACHINE
  )

/** A repository of a uv project, with the lock file that uv makes. */
export async function uvProject(files: Readonly<Record<string, string>>): Promise<string> {
  const root = repository({ ...files, '.git/HEAD': 'ref: refs/heads/main\n' })
  await mustRun(await uvProgram(), ['lock', '--no-config'], root, WITHOUT_INDEXES)
  return root
}

/**
 * A script that imports modules and prints the names of all modules, of any package, that have no valid bytecode. The
 * frozen ones need none.
 *
 * @param below a part of the paths of the modules that count; default all
 */
export const uncompiled = (imports: string, below = ''): string => `
import ${imports}, importlib.util, os, struct, sys
for name, module in sorted(sys.modules.items()):
    spec = getattr(module, "__spec__", None)
    source = getattr(module, "__file__", None) or ""
    if spec is None or not source.endswith(".py") or "FrozenImporter" in repr(spec.loader):
        continue
    if spec.origin == "frozen" or "${below}" not in source:
        continue
    cached = importlib.util.cache_from_source(source)
    facts = os.stat(source)
    expected = struct.pack("<II", int(facts.st_mtime), facts.st_size)
    if not os.path.exists(cached) or open(cached, "rb").read(16)[8:] != expected:
        print(name)
print("checked", len(sys.modules) > 100)
`
