export const id = 627;
export const ids = [627];
export const modules = {

/***/ 90627:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  buildStorage: () => (/* binding */ buildStorage)
});

// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(76760);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(51455);
// EXTERNAL MODULE: ./node_modules/picomatch/index.js
var picomatch = __webpack_require__(14006);
var picomatch_default = /*#__PURE__*/__webpack_require__.n(picomatch);
// EXTERNAL MODULE: ./src/errors.ts
var src_errors = __webpack_require__(83916);
;// CONCATENATED MODULE: ./src/discover/modules.ts




const DOTTED_MODULE = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;
/** Takes `path.py:flow name` and `package.module:flow name` apart; a drive letter is not a flow. */
function parseSpec(text) {
    const python = /^(.+?\.py):(.+)$/s.exec(text);
    if (python?.[1] && python[2])
        return { text, target: toPosix(python[1]), flow: python[2].trim() };
    const dotted = /^([\w.]+):(.+)$/s.exec(text);
    if (dotted?.[1] && dotted[2] && DOTTED_MODULE.test(dotted[1]) && dotted[1].length > 1)
        return { text, target: dotted[1], flow: dotted[2].trim() };
    return { text, target: toPosix(text), flow: null };
}
function toPosix(path) {
    return external_node_path_.sep === '\\' ? path.replaceAll('\\', '/') : path;
}
/** The path below the root, or undefined where it leaves it. */
function belowRoot(root, path) {
    const below = toPosix((0,external_node_path_.relative)(root, (0,external_node_path_.isAbsolute)(path) ? path : (0,external_node_path_.join)(root, path)));
    return below === '..' || below.startsWith('../') || (0,external_node_path_.isAbsolute)(below) ? undefined : below;
}
async function kindOf(path) {
    try {
        const stats = await (0,promises_.stat)(path);
        return stats.isDirectory() ? 'folder' : 'file';
    }
    catch {
        return undefined;
    }
}
/** Left out of folder walks and globs: packages' own files, tests, hidden folders, set-up scripts. */
function isWalked(path) {
    const parts = path.split('/');
    const name = parts.pop() ?? '';
    return (name.endsWith('.py') &&
        name !== '__init__.py' &&
        name !== 'setup.py' &&
        name !== 'conftest.py' &&
        !/^test_|_test\.py$/.test(name) &&
        !name.startsWith('.') &&
        !parts.some(part => part.startsWith('.') || part === 'tests' || part === 'test'));
}
const isGlob = (target) => picomatch_default().scan(target).isGlob;
/**
 * The files that `flows` names outright and that exist: they are sources whatever the ignore rules say.
 *
 * @returns paths relative to the root
 */
async function namedFiles(root, flows) {
    const named = [];
    for (const { target } of flows.map(parseSpec)) {
        const path = belowRoot(root, target);
        if (path && (await kindOf((0,external_node_path_.join)(root, path))) === 'file')
            named.push(path);
    }
    return named;
}
/**
 * Resolves the option `flows` to the modules to load: in the order given, within a folder or a glob
 * sorted by path, each module once (specs that name flows of one module are joined).
 *
 * @param sources what the load will see
 * @param flows files, folders, globs, `path.py:flow name`, `package.module` or `package.module:flow name`
 * @throws FlowstoreError MODULE_NOT_FOUND, naming every spec that matches nothing
 */
async function discoverModules(sources, flows) {
    const { root } = sources;
    const paths = sources.files.map(file => file.path);
    const errors = [];
    const found = new Map();
    const take = (file, flow, explicit) => {
        const known = found.get(file);
        const names = known === undefined
            ? flow === null
                ? null
                : [flow]
            : known.flows === null || flow === null
                ? null
                : [...new Set([...known.flows, flow])];
        found.set(file, { file, flows: names, explicit: explicit || (known?.explicit ?? false) });
    };
    const missing = (message, hint) => {
        errors.push(new src_errors/* FlowstoreError */.U3('MODULE_NOT_FOUND', message, { hint }));
    };
    for (const spec of flows.map(parseSpec)) {
        const path = belowRoot(root, spec.target);
        if (path === undefined) {
            missing(`'${spec.text}' lies outside the working directory`, 'Flow modules are loaded from the repository: run from its root, or set the working directory.');
            continue;
        }
        const kind = await kindOf((0,external_node_path_.join)(root, path));
        if (kind === 'file') {
            if (path.endsWith('.py'))
                take(path, spec.flow, true);
            else
                missing(`'${spec.text}' is not a Python module (.py)`);
        }
        else if (kind === 'folder') {
            const prefix = path === '' ? '' : `${path}/`;
            const below = paths.filter(file => file.startsWith(prefix) && isWalked(file.slice(prefix.length)));
            for (const file of below)
                take(file, spec.flow, false);
            if (below.length === 0) {
                missing(`the folder '${spec.text}' has no flow modules`, 'Folder walks leave out __init__.py, setup.py, tests, hidden folders and what .gitignore or .dockerignore excludes; name such a file directly.');
            }
        }
        else if (isGlob(path)) {
            const matches = picomatch_default()(path, { dot: false });
            const matched = paths.filter(file => matches(file) && isWalked(file));
            for (const file of matched)
                take(file, spec.flow, false);
            if (matched.length === 0) {
                missing(`the pattern '${spec.text}' matches no Python module`, 'Patterns are relative to the working directory and, like folder walks, leave out __init__.py, setup.py, tests and ignored files.');
            }
        }
        else if (DOTTED_MODULE.test(spec.target) && !spec.target.endsWith('.py')) {
            const file = moduleFile(spec.target, new Set(paths));
            if (file)
                take(file, spec.flow, true);
            else {
                missing(`there is no file, folder or module '${spec.text}'`, `Looked for ${moduleCandidates(spec.target).join(', ')}.`);
            }
        }
        else {
            missing(`'${spec.text}' does not exist`, `Looked in ${root}.`);
        }
    }
    (0,src_errors/* throwAll */.Kx)(errors);
    return [...found.values()];
}
function moduleCandidates(module) {
    const path = module.replaceAll('.', '/');
    return ['', 'src/'].flatMap(prefix => [`${prefix}${path}.py`, `${prefix}${path}/__init__.py`]);
}
function moduleFile(module, paths) {
    return moduleCandidates(module).find(candidate => paths.has(candidate));
}

// EXTERNAL MODULE: ./node_modules/@balena/dockerignore/ignore.js
var ignore = __webpack_require__(44158);
var ignore_default = /*#__PURE__*/__webpack_require__.n(ignore);
// EXTERNAL MODULE: ./node_modules/ignore/index.js
var node_modules_ignore = __webpack_require__(70298);
var node_modules_ignore_default = /*#__PURE__*/__webpack_require__.n(node_modules_ignore);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(77598);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(73024);
// EXTERNAL MODULE: external "node:stream/promises"
var external_node_stream_promises_ = __webpack_require__(46466);
;// CONCATENATED MODULE: ./src/util/hash.ts



/** SHA-256 of a text or of bytes, in hex. */
function sha256(content) {
    return (0,external_node_crypto_.createHash)('sha256').update(content).digest('hex');
}
/** SHA-256 of a file, streamed, in hex. */
async function hash_sha256File(path) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    return hash.digest('hex');
}
/**
 * SHA-256 of a plain JSON value, in hex, the same whatever the order of its objects' keys.
 */
function hash_sha256Json(value) {
    return sha256(JSON.stringify(value, (_key, part) => part !== null && typeof part === 'object' && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part));
}

;// CONCATENATED MODULE: ./src/discover/sources.ts





// A CommonJS function whose types claim an ES default export.
const dockerIgnore = (ignore_default());
/** Deeper files speak first, as git has it. */
function gitIgnores(path, isFolder, stack) {
    for (const { folder, rules } of [...stack].reverse()) {
        const below = folder === '' ? path : path.slice(folder.length + 1);
        const { ignored, unignored } = rules.test(isFolder ? `${below}/` : below);
        if (ignored)
            return true;
        if (unignored)
            return false;
    }
    return false;
}
async function readIfThere(path) {
    try {
        return await (0,promises_.readFile)(path, 'utf8');
    }
    catch (error) {
        if (error.code === 'ENOENT')
            return undefined;
        throw error;
    }
}
/** Folders that are never sources: version control, bytecode. */
const NEVER = new Set(['.git', '.hg', '.svn', '__pycache__']);
/**
 * Lists the declared sources of a repository: the work tree as it stands, what earlier steps
 * generated included, less what its `.gitignore` files and its `.dockerignore` exclude, less
 * version control, bytecode, virtual environments (folders with a `pyvenv.cfg`) and the
 * folders in `exclude`.
 *
 * @param root the repository's folder, absolute
 * @param exclude folders to leave out, relative to `root`: the output directory
 * @param named files that count whatever the rules say, relative to `root`
 */
async function listSources(root, exclude = [], named = []) {
    const files = [];
    const dockerRules = await readIfThere((0,external_node_path_.join)(root, '.dockerignore'));
    const dockerFilter = dockerRules === undefined
        ? () => true
        : dockerIgnore({ ignorecase: false }).add(dockerRules).createFilter();
    const excluded = new Set(exclude);
    const add = async (path) => {
        const stats = await (0,promises_.lstat)((0,external_node_path_.join)(root, path));
        const entry = { path, size: stats.size, executable: (stats.mode & 0o100) !== 0 };
        if (stats.isSymbolicLink())
            files.push({ ...entry, link: await (0,promises_.readlink)((0,external_node_path_.join)(root, path)) });
        else if (stats.isFile())
            files.push(entry);
    };
    const walk = async (folder, outer) => {
        const entries = await (0,promises_.readdir)((0,external_node_path_.join)(root, folder), { withFileTypes: true });
        if (folder !== '' && entries.some(entry => entry.name === 'pyvenv.cfg'))
            return;
        const own = entries.some(entry => entry.name === '.gitignore')
            ? await readIfThere((0,external_node_path_.join)(root, folder, '.gitignore'))
            : undefined;
        const stack = own === undefined ? outer : [...outer, { folder, rules: node_modules_ignore_default()().add(own) }];
        for (const entry of entries) {
            const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
            if (entry.isDirectory()) {
                if (NEVER.has(entry.name) || excluded.has(path))
                    continue;
                if (!gitIgnores(path, true, stack))
                    await walk(path, stack);
            }
            else if (!entry.name.endsWith('.pyc') && !gitIgnores(path, false, stack)) {
                if (dockerFilter(path))
                    await add(path);
            }
        }
    };
    await walk('', []);
    const listed = new Set(files.map(file => file.path));
    for (const path of named)
        if (!listed.has(path))
            await add(path);
    files.sort((a, b) => (a.path < b.path ? -1 : 1));
    return { root, files, size: files.reduce((sum, file) => sum + file.size, 0) };
}
/** Identifies the sources by all that a load can see of them: paths, contents, links and the executable bit. */
async function sourcesHash(sources) {
    const entries = [];
    for (const file of sources.files) {
        entries.push([
            file.path,
            file.executable,
            file.link ?? (await sha256File(join(sources.root, file.path))),
            file.link === undefined
        ]);
    }
    return sha256Json(entries);
}
/** The biggest files, biggest first. */
function largestFiles(sources, count) {
    return [...sources.files].sort((a, b) => b.size - a.size).slice(0, count);
}

// EXTERNAL MODULE: ./node_modules/@actions/exec/lib/exec.js + 1 modules
var exec = __webpack_require__(41955);
// EXTERNAL MODULE: ./node_modules/@renovatebot/pep440/index.js
var pep440 = __webpack_require__(63297);
;// CONCATENATED MODULE: ./src/prefect/rules.ts


const PYTHON_3_6_TO_3_7 = ['3.6', '3.7'];
/**
 * The one table: each row says what changed with a release. Sources: the releases' own code and the
 * recordings in `__tests__/golden`; installs were tried with each pin.
 */
const TABLE = [
    {
        // 0.5.3+N, a checkout between the releases, behaves as 0.5.4 does.
        since: '0.5.3',
        localType: 'LocalStorage',
        types: ['docker', 'local', 'memory', 'bytes'],
        dockerFolder: '/root/.prefect',
        home: '/root/.prefect',
        localTimestamps: false,
        format: 'raw',
        getFlowByName: false,
        fields: {
            docker: ['flows', 'image_name', 'prefect_version', 'image_tag', 'registry_url'],
            local: ['flows', 'directory'],
            memory: [],
            bytes: ['flows']
        },
        pythons: PYTHON_3_6_TO_3_7,
        pins: []
    },
    { since: '0.6.0', localType: 'Local', pins: ['dask[bag]<2021'] },
    { since: '0.7.0', pins: [] },
    { since: '0.7.1', dockerFolder: '/root/.prefect/flows' },
    {
        since: '0.11.0',
        types: ['docker', 'local'],
        dockerFolder: '/opt/prefect/flows',
        home: '/opt/prefect',
        fields: {
            docker: ['flows', 'secrets', 'registry_url', 'image_name', 'image_tag', 'prefect_version'],
            local: ['flows', 'secrets', 'directory'],
            memory: ['secrets'],
            bytes: ['flows', 'secrets']
        }
    },
    {
        since: '0.12.5',
        fields: {
            docker: [
                'flows',
                'secrets',
                'registry_url',
                'image_name',
                'image_tag',
                'path',
                'stored_as_script',
                'prefect_version'
            ],
            local: ['flows', 'secrets', 'directory', 'path', 'stored_as_script'],
            memory: ['secrets'],
            bytes: ['flows', 'secrets']
        }
    },
    { since: '0.14.0', pythons: ['3.6', '3.7', '3.8', '3.9'], pins: ['urllib3<2', 'marshmallow<4'] },
    { since: '0.14.2', localTimestamps: true },
    { since: '0.14.3', format: 'envelope' },
    { since: '0.14.4', getFlowByName: true },
    { since: '0.15.0', pythons: ['3.7', '3.8', '3.9', '3.10'] },
    {
        since: '1.0.0',
        pythons: ['3.8', '3.9', '3.10', '3.11', '3.12'],
        pins: ['urllib3<2', 'marshmallow<4']
    }
];
/** The releases that {@link rulesFor} knows, for people. */
const SUPPORTED_PREFECT = '0.5.4 to 1.4.1';
/** The newest release of the table. */
const NEWEST_PREFECT = '1.4.1';
/** The pickle protocol by release, as the loader's request carries it: fixed at 4 from 0.14.3. */
const PICKLE_PROTOCOLS = [{ since: '0.14.3', protocol: 4 }];
/**
 * What a Prefect release does.
 *
 * @param release a version as `prefect.__version__` gives it
 * @throws FlowstoreError UNSUPPORTED_PREFECT for anything outside the table
 */
function rulesFor(release) {
    const base = (0,pep440.explain)(release)?.base_version;
    if (!base || (0,pep440.lt)(base, TABLE[0].since) || (0,pep440.gte)(base, '2')) {
        throw new src_errors/* FlowstoreError */.U3('UNSUPPORTED_PREFECT', `Prefect ${release} is not supported; ${SUPPORTED_PREFECT} are`, { hint: 'Flow storage came with Prefect 0.5.3 and went with 2.0.' });
    }
    const [first, ...rows] = TABLE;
    const { since, ...rules } = Object.assign({}, first, ...rows.filter(row => (0,pep440.gte)(base, row.since)));
    void since;
    return { ...rules, release };
}
/** Whether a text is a release number (else it is a git ref, such as `master`). */
const isRelease = (version) => (0,pep440.valid)(version) !== null;
/**
 * What pip has to install for a Prefect version: the release with the pins that make it install
 * today, or a git ref of Prefect's repository.
 */
function prefectRequirements(version) {
    return isRelease(version)
        ? [`prefect==${version}`, ...rulesFor(version).pins]
        : [`git+https://github.com/PrefectHQ/prefect.git@${version}#egg=prefect`];
}
/** The Prefect release that requirement lines pin (`prefect==1.4.1`, extras and markers allowed). */
function pinnedPrefect(lines) {
    for (const line of lines) {
        const pin = /^\s*prefect\s*(?:\[[^\]]*\])?\s*===?\s*([^\s;,#]+)/i.exec(line)?.[1];
        if (pin !== undefined && isRelease(pin))
            return pin;
    }
    return undefined;
}

;// CONCATENATED MODULE: ./src/load/environment-variables.ts
/** What Python and pip need of a machine's environment; all else stays out. */
const NEEDED = new Set([
    'PATH',
    'LD_LIBRARY_PATH',
    'DYLD_LIBRARY_PATH',
    'LANG',
    'LC_ALL',
    'TZ',
    'TMPDIR',
    'TEMP',
    'TMP',
    'SYSTEMROOT',
    'SYSTEMDRIVE',
    'COMSPEC',
    'PATHEXT',
    'WINDIR'
]);
/** What pip needs beyond that to reach an index. */
const NETWORK = /^(PIP_.+|UV_.+|(HTTP|HTTPS|NO|ALL)_PROXY|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|HOME|USERPROFILE|APPDATA|LOCALAPPDATA|XDG_.+|NETRC)$/i;
const environment_variables_select = (from, wanted) => Object.fromEntries(Object.entries(from).filter((entry) => entry[1] !== undefined && wanted(entry[0].toUpperCase())));
/**
 * The environment that flow modules run in: what an interpreter needs to start, a home of its own,
 * and the declared variables. No token, input or password of the runner is in it.
 *
 * @param home an empty folder
 */
function moduleEnvironment(from, declared, home) {
    return {
        LANG: 'C.UTF-8',
        ...environment_variables_select(from, name => NEEDED.has(name)),
        HOME: home,
        USERPROFILE: home,
        PYTHONDONTWRITEBYTECODE: '1',
        ...declared
    };
}
/** The environment that pip and uv run in: they install packages and need indexes, proxies and certificates. */
const installerEnvironment = (from) => environment_variables_select(from, name => NEEDED.has(name) || NETWORK.test(name));

// EXTERNAL MODULE: ./node_modules/@actions/tool-cache/lib/tool-cache.js + 2 modules
var tool_cache = __webpack_require__(59805);
;// CONCATENATED MODULE: ./src/load/find-python.ts







const WINDOWS = process.platform === 'win32';
function onPath(env, name) {
    return (env['PATH'] ?? env['Path'] ?? '')
        .split(external_node_path_.delimiter)
        .filter(folder => folder !== '')
        .map(folder => (0,external_node_path_.join)(folder, WINDOWS ? `${name}.exe` : name))
        .filter(path => (0,external_node_fs_.existsSync)(path));
}
async function inPyenv(env, version) {
    const root = env['PYENV_ROOT'] ?? (env['HOME'] ? (0,external_node_path_.join)(env['HOME'], '.pyenv') : undefined);
    if (root === undefined || !(0,external_node_fs_.existsSync)((0,external_node_path_.join)(root, 'versions')))
        return [];
    return (await (0,promises_.readdir)((0,external_node_path_.join)(root, 'versions')))
        .filter(name => name === version || name.startsWith(`${version}.`))
        .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
        .map(name => (0,external_node_path_.join)(root, 'versions', name, 'bin', 'python'))
        .filter(path => (0,external_node_fs_.existsSync)(path));
}
function inToolCache(env, version) {
    // The library throws where the runner has no tool cache.
    if (!env['RUNNER_TOOL_CACHE'])
        return [];
    const folder = (0,tool_cache/* find */.I6)('Python', version);
    if (folder === '')
        return [];
    return [WINDOWS ? (0,external_node_path_.join)(folder, 'python.exe') : (0,external_node_path_.join)(folder, 'bin', 'python')];
}
async function fromUv(env, version) {
    if (onPath(env, 'uv').length === 0)
        return [];
    const run = async (args) => (0,exec/* getExecOutput */.H)('uv', args, {
        silent: true,
        ignoreReturnCode: true,
        env: installerEnvironment(env)
    });
    await run(['python', 'install', version]);
    const { exitCode, stdout } = await run(['python', 'find', version]);
    return exitCode === 0 ? [stdout.trim()] : [];
}
/** The version of an interpreter, or undefined where the file is none that runs. */
async function versionOf(path, env) {
    try {
        const { exitCode, stdout } = await (0,exec/* getExecOutput */.H)(`"${path}"`, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], { silent: true, ignoreReturnCode: true, env: installerEnvironment(env) });
        return exitCode === 0 ? stdout.trim() : undefined;
    }
    catch {
        return undefined;
    }
}
/**
 * Finds the interpreter to load flows with.
 *
 * @param asked the option `python`: a path, or a version such as `3.9`
 * @param suitable `major.minor` of the interpreters that the Prefect release runs on, or undefined
 * where the release is not known: then any will do
 * @param env the machine's variables
 * @throws FlowstoreError PYTHON_NOT_FOUND, saying what it looked for and where
 */
async function findPython(asked, suitable, env, cwd) {
    const isVersion = asked !== undefined && /^\d+\.\d+(\.\d+)?$/.test(asked);
    if (asked !== undefined && !isVersion) {
        const paths = /[/\\]/.test(asked) || (0,external_node_path_.isAbsolute)(asked) ? [(0,external_node_path_.resolve)(cwd, asked)] : onPath(env, asked);
        for (const path of paths) {
            const python = await versionOf(path, env);
            if (python !== undefined)
                return { path, python };
        }
        throw new src_errors/* FlowstoreError */.U3('PYTHON_NOT_FOUND', `there is no Python interpreter '${asked}'`, {
            hint: 'python takes a path, a command on PATH, or a version such as 3.9.'
        });
    }
    const accepts = (python) => isVersion
        ? asked === python || asked.startsWith(`${python}.`)
        : (suitable?.includes(python) ?? true);
    for (const path of [...onPath(env, 'python3'), ...onPath(env, 'python')]) {
        const python = await versionOf(path, env);
        if (python !== undefined && accepts(python))
            return { path, python };
    }
    const versions = isVersion ? [asked] : [...(suitable ?? [])].reverse();
    const places = [
        version => inToolCache(env, version),
        version => onPath(env, `python${version}`),
        version => inPyenv(env, version),
        version => fromUv(env, version)
    ];
    for (const place of places) {
        for (const version of versions) {
            for (const path of await place(version)) {
                const python = await versionOf(path, env);
                if (python !== undefined && accepts(python))
                    return { path, python };
            }
        }
    }
    const wanted = versions.length > 0 ? versions.join(', ') : '3';
    throw new src_errors/* FlowstoreError */.U3('PYTHON_NOT_FOUND', `no Python ${wanted} is on this machine`, {
        hint: 'Looked on PATH, in the tool cache (RUNNER_TOOL_CACHE), in pyenv and for uv. Install one, or say where it is with python.'
    });
}

// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(48161);
// EXTERNAL MODULE: external "node:url"
var external_node_url_ = __webpack_require__(73136);
;// CONCATENATED MODULE: ./src/paths.ts


/** The root of this package: one level above `src/`, `dist/` and `lib/` alike. */
const PACKAGE_ROOT = (0,external_node_path_.resolve)((0,external_node_path_.dirname)((0,external_node_url_.fileURLToPath)(import.meta.url)), '..');

// EXTERNAL MODULE: ./node_modules/zod/v4/classic/schemas.js + 15 modules
var schemas = __webpack_require__(9691);
;// CONCATENATED MODULE: ./src/load/protocol.ts

/** The version of the protocol that `python/flowstore_loader.py` speaks; both sides refuse another. */
const PROTOCOL = 1;
const protocol = schemas/* literal */.euz(PROTOCOL);
/** What an interpreter has: null where the package is absent. */
const probeResultSchema = schemas/* object */.Ikc({
    protocol,
    action: schemas/* literal */.euz('probe'),
    versions: schemas/* object */.Ikc({
        python: schemas/* string */.YjP(),
        prefect: schemas/* string */.YjP().nullable(),
        cloudpickle: schemas/* string */.YjP().nullable(),
        pip: schemas/* string */.YjP().nullable()
    })
});
/** Where in the user's code something went wrong. `file` is relative to `root` where it lies below it. */
const problemSchema = schemas/* object */.Ikc({
    code: schemas/* enum */.k5n([
        'MODULE_NOT_FOUND',
        'MODULE_SYNTAX',
        'MODULE_IMPORT',
        'FLOW_NOT_FOUND',
        'FLOW_SERIALIZE',
        'NAME_CONFLICT',
        'PREFECT_NOT_FOUND',
        'LOAD_FAILED'
    ]),
    message: schemas/* string */.YjP(),
    file: schemas/* string */.YjP().nullable(),
    line: schemas/* number */.aig().int().nullable(),
    /** The traceback cut to the user's frames, or null. */
    detail: schemas/* string */.YjP().nullable(),
    hint: schemas/* string */.YjP().nullable()
});
const loadResultSchema = schemas/* object */.Ikc({
    protocol,
    action: schemas/* literal */.euz('load'),
    /** Null only when Prefect could not be imported. */
    versions: schemas/* object */.Ikc({ python: schemas/* string */.YjP(), prefect: schemas/* string */.YjP(), cloudpickle: schemas/* string */.YjP() })
        .nullable(),
    flows: schemas/* array */.YOg(schemas/* object */.Ikc({
        name: schemas/* string */.YjP(),
        slug: schemas/* string */.YjP(),
        /** The raw pickle, relative to `output`. */
        file: schemas/* string */.YjP(),
        /** The module it came from, relative to `root`. */
        module: schemas/* string */.YjP(),
        line: schemas/* number */.aig().int(),
        parameters: schemas/* array */.YOg(schemas/* object */.Ikc({ name: schemas/* string */.YjP(), required: schemas/* boolean */.zMY(), default: schemas/* unknown */.L5J().optional() })),
        /** Class name of the storage set in the module, such as `S3`, or null. */
        storage: schemas/* string */.YjP().nullable()
    })),
    /** Files of the repository that flows import at run time; empty where helpers go by value. */
    helpers: schemas/* array */.YOg(schemas/* object */.Ikc({
        /** Path relative to `root`. */
        file: schemas/* string */.YjP(),
        /** Path relative to an import root: where the file must lie below an entry of `sys.path`. */
        path: schemas/* string */.YjP()
    })),
    problems: schemas/* array */.YOg(problemSchema),
    /** Seconds: `prefect` (its import), `modules`, `serialize`. */
    durations: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* number */.aig())
});
const checkResultSchema = schemas/* object */.Ikc({
    protocol,
    action: schemas/* literal */.euz('check'),
    /** One entry for each flow asked for, in order. */
    flows: schemas/* array */.YOg(schemas/* object */.Ikc({
        name: schemas/* string */.YjP(),
        ok: schemas/* boolean */.zMY(),
        /** `Class: message` of what was raised, or null. */
        error: schemas/* string */.YjP().nullable(),
        /** Name of the module that could not be imported, or null. */
        missingModule: schemas/* string */.YjP().nullable(),
        detail: schemas/* string */.YjP().nullable()
    }))
});

;// CONCATENATED MODULE: ./src/load/loader.ts




/** The one Python file of this project, where it lies on this machine. */
const LOADER_FILE = (0,external_node_path_.join)(PACKAGE_ROOT, 'python', 'flowstore_loader.py');
const lastLines = (text, count) => text.trimEnd().split('\n').slice(-count).join('\n');
function resultOf(output, schema, place) {
    const file = output.files.get('result.json');
    if (file === undefined) {
        throw new src_errors/* FlowstoreError */.U3('LOAD_FAILED', `Python ended with exit code ${output.exitCode} and no result (${place})`, {
            hint: 'A flow module may have ended the interpreter (os._exit, a crash of native code, out of memory).',
            detail: lastLines(output.log, 20) || undefined
        });
    }
    const parsed = schema.safeParse(JSON.parse(file.toString('utf8')));
    if (!parsed.success) {
        throw new src_errors/* FlowstoreError */.U3('LOAD_FAILED', `the loader's result is not of its protocol (${place})`, {
            cause: parsed.error
        });
    }
    return parsed.data;
}
/** Reads the answer to a probe. */
const probeResult = (output, place) => resultOf(output, probeResultSchema, place);
/** Reads the answer to a load, pickles included. */
const loadResult = (output, place) => ({
    result: resultOf(output, loadResultSchema, place),
    pickles: output.files,
    log: output.log
});
/** Reads the answer to a check. */
const checkResult = (output, place) => resultOf(output, checkResultSchema, place);
/** A request with its protocol number, as the loader reads it. */
const requestJson = (request) => JSON.stringify({ protocol: PROTOCOL, ...request });

;// CONCATENATED MODULE: ./src/load/interpreter.ts






async function readFolder(folder, prefix = '') {
    const files = new Map();
    for (const entry of await (0,promises_.readdir)((0,external_node_path_.join)(folder, prefix), { withFileTypes: true })) {
        const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
        if (entry.isDirectory())
            for (const [name, bytes] of await readFolder(folder, path))
                files.set(name, bytes);
        else
            files.set(path, await (0,promises_.readFile)((0,external_node_path_.join)(folder, path)));
    }
    return files;
}
/**
 * Python in an interpreter on this machine, on the work tree as it stands, with the runner's
 * credentials taken out of its environment. Unlike a container it is not cut off from the network.
 */
function interpreterPython(options) {
    const { python, sources } = options;
    const run = async (request, files = new Map()) => {
        const folder = await (0,promises_.mkdtemp)((0,external_node_path_.join)((0,external_node_os_.tmpdir)(), 'flowstore-'));
        try {
            for (const name of ['home', 'out', 'flows'])
                await (0,promises_.mkdir)((0,external_node_path_.join)(folder, name));
            for (const [name, content] of files)
                await (0,promises_.writeFile)((0,external_node_path_.join)(folder, 'flows', name), content);
            const requestFile = (0,external_node_path_.join)(folder, 'request.json');
            await (0,promises_.writeFile)(requestFile, request(folder));
            const { exitCode, stdout, stderr } = await (0,exec/* getExecOutput */.H)(`"${python}"`, [LOADER_FILE, requestFile], {
                silent: true,
                ignoreReturnCode: true,
                cwd: folder,
                env: moduleEnvironment(options.env, options.envVars, (0,external_node_path_.join)(folder, 'home'))
            });
            return { exitCode, log: stdout + stderr, files: await readFolder((0,external_node_path_.join)(folder, 'out')) };
        }
        finally {
            await (0,promises_.rm)(folder, { recursive: true, force: true });
        }
    };
    return {
        description: python,
        probe: async () => probeResult(await run(folder => requestJson({ action: 'probe', output: (0,external_node_path_.join)(folder, 'out') })), python),
        load: async (request) => loadResult(await run(folder => requestJson({
            ...request,
            action: 'load',
            root: sources.root,
            output: (0,external_node_path_.join)(folder, 'out')
        })), python),
        check: async (flows) => checkResult(await run(folder => requestJson({
            action: 'check',
            flows: flows.map((flow, index) => ({
                name: flow.name,
                path: 'path' in flow ? flow.path : (0,external_node_path_.join)(folder, 'flows', String(index))
            })),
            output: (0,external_node_path_.join)(folder, 'out')
        }), new Map(flows.flatMap((flow, index) => 'content' in flow ? [[String(index), flow.content]] : []))), python)
    };
}

;// CONCATENATED MODULE: ./src/load/environment.ts










/** The lines of pip's output that say why it failed. */
function pipReason(output) {
    const all = output.trimEnd().split(/\r?\n/);
    const errors = all.filter(line => /^\s*(ERROR|error):?/.test(line));
    return (errors.length > 0 ? errors : all.slice(-15)).slice(0, 30).join('\n');
}
/**
 * An interpreter with Prefect and the flows' dependencies: the one found, where it has what is asked
 * for, else a virtual environment made from it and kept in the cache under the hash of what went in.
 *
 * @returns path of the interpreter
 * @throws FlowstoreError PYTHON_NOT_FOUND, PREFECT_NOT_FOUND, DEPENDENCY_INSTALL, UNSUPPORTED_PREFECT
 */
async function loadingPython(options, log) {
    const { cwd, env, pythonDependencies } = options;
    const fileText = options.requirementsFile === undefined
        ? ''
        : await (0,promises_.readFile)((0,external_node_path_.resolve)(cwd, options.requirementsFile), 'utf8');
    const wanted = options.prefectVersion ?? pinnedPrefect([...pythonDependencies, ...fileText.split(/\r?\n/)]);
    const suitable = wanted !== undefined && isRelease(wanted) ? rulesFor(wanted).pythons : undefined;
    const found = await findPython(options.python, suitable, env, cwd);
    const sources = { root: cwd, files: [], size: 0 };
    const { versions } = await interpreterPython({
        python: found.path,
        sources,
        env,
        envVars: {}
    }).probe();
    const needsNothing = pythonDependencies.length === 0 && fileText === '';
    if (versions.prefect !== null &&
        needsNothing &&
        (wanted ?? versions.prefect) === versions.prefect) {
        log.info(`Python ${versions.python} with Prefect ${versions.prefect}: ${found.path}`);
        return found.path;
    }
    const prefect = options.prefectVersion ?? versions.prefect ?? wanted;
    if (prefect === undefined) {
        throw new src_errors/* FlowstoreError */.U3('PREFECT_NOT_FOUND', `${found.path} has no Prefect, and no version is asked for`, {
            hint: 'Set prefect-version, or pin prefect in python-dependencies or the requirements file.'
        });
    }
    const requirements = [...prefectRequirements(prefect), ...pythonDependencies];
    const key = hash_sha256Json([found.path, versions.python, requirements, fileText]).slice(0, 20);
    const folder = (0,external_node_path_.join)(options.cache, `python-${key}`);
    const python = (0,external_node_path_.join)(folder, ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']));
    const complete = (0,external_node_path_.join)(folder, '.complete');
    if ((0,external_node_fs_.existsSync)(complete)) {
        log.info(`Python ${versions.python} with Prefect ${prefect}: kept environment ${key}`);
        return python;
    }
    log.info(`Installing ${requirements.join(' ')}${fileText ? ` and ${options.requirementsFile}` : ''}`);
    await (0,promises_.rm)(folder, { recursive: true, force: true });
    await (0,promises_.mkdir)(options.cache, { recursive: true });
    const run = async (command, args) => {
        const { exitCode, stdout, stderr } = await (0,exec/* getExecOutput */.H)(`"${command}"`, [...args], {
            silent: true,
            ignoreReturnCode: true,
            cwd,
            env: installerEnvironment(env)
        });
        log.debug(stdout);
        if (exitCode !== 0) {
            throw new src_errors/* FlowstoreError */.U3('DEPENDENCY_INSTALL', `the flows' dependencies can't be installed for Python ${versions.python}`, { detail: pipReason(stdout + stderr), file: options.requirementsFile });
        }
    };
    const install = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input'];
    try {
        await run(found.path, ['-m', 'venv', folder]);
        // The pip that Python 3.6 and 3.7 bring (18.1) picks releases that they can't run.
        if (/^3\.[67]\./.test(versions.python))
            await run(python, [...install, 'pip==21.3.1']);
        await run(python, [
            ...install,
            ...requirements,
            ...(options.requirementsFile === undefined ? [] : ['-r', options.requirementsFile])
        ]);
        await (0,promises_.writeFile)(complete, '');
    }
    catch (error) {
        await (0,promises_.rm)(folder, { recursive: true, force: true });
        throw error;
    }
    return python;
}

;// CONCATENATED MODULE: ./src/storage/file.ts
/**
 * A flow's file as its Prefect release writes it: the raw cloudpickle, from 0.14.3 a JSON envelope
 * (`flow` in base64, `versions` of cloudpickle, prefect and python).
 */
function flowFile(flow, rules) {
    if (rules.format === 'raw')
        return flow.bytes;
    const { cloudpickle, prefect, python } = flow.versions;
    const text = (value) => JSON.stringify(value);
    // Prefect writes it with json.dumps, which puts a space behind each comma and colon.
    return Buffer.from(`{"flow": "${flow.bytes.toString('base64')}", "versions": {"cloudpickle": ${text(cloudpickle)}, "prefect": ${text(prefect)}, "python": ${text(python)}}}`);
}

;// CONCATENATED MODULE: ./src/storage/storage.ts


/** Where flows are kept: Prefect's `Storage` with the names of TypeScript. */
class Storage {
    /** What the storage's Prefect release does. */
    rules;
    locations = new Map();
    handles = new Map();
    constructor(options = {}) {
        this.rules = rulesFor(options.release ?? NEWEST_PREFECT);
    }
    /** Flow name to location, in the order in which flows were added. */
    get flows() {
        return this.locations;
    }
    /** The flows that were added, by name. */
    get added() {
        return this.handles;
    }
    /** Whether this storage's Prefect release has a class for it and can read its JSON. */
    get readable() {
        return this.rules.types.includes(this.kind);
    }
    /** Whether a flow of that name is in the storage; false for anything that is not a name. */
    has(name) {
        return typeof name === 'string' && this.locations.has(name);
    }
    /**
     * Adds a flow.
     *
     * @returns its location
     * @throws FlowstoreError NAME_CONFLICT (in Prefect's words) for a name that is there already,
     * LOCATION_CONFLICT where two names end at one location (Prefect lets them share the file),
     * UNSUPPORTED_PREFECT for a flow that another Prefect made
     */
    addFlow(flow) {
        const at = { file: flow.module, line: flow.line };
        if (this.locations.has(flow.name)) {
            throw new src_errors/* FlowstoreError */.U3('NAME_CONFLICT', `Name conflict: Flow with the name "${flow.name}" is already present in this storage.`, at);
        }
        if (flow.versions.prefect !== this.rules.release) {
            throw new src_errors/* FlowstoreError */.U3('UNSUPPORTED_PREFECT', `Flow "${flow.name}" was made by Prefect ${flow.versions.prefect}; this storage is of Prefect ${this.rules.release}`, at);
        }
        const location = this.locationOf(flow);
        for (const [name, taken] of this.locations) {
            if (taken === location) {
                throw new src_errors/* FlowstoreError */.U3('LOCATION_CONFLICT', `the flows "${name}" and "${flow.name}" have one location: ${location}`, { ...at, hint: 'Prefect derives the location from the name: rename one of them.' });
            }
        }
        this.store(flow, location);
        this.locations.set(flow.name, location);
        this.handles.set(flow.name, flow);
        return location;
    }
    /**
     * The flow of a location (before Prefect 0.14.4) or of a name (since).
     *
     * @throws FlowstoreError FLOW_NOT_CONTAINED
     */
    getFlow(locationOrName) {
        for (const [name, location] of this.locations) {
            const flow = this.handles.get(name);
            if (flow && locationOrName === (this.rules.getFlowByName ? name : location))
                return flow;
        }
        throw new src_errors/* FlowstoreError */.U3('FLOW_NOT_CONTAINED', 'Flow is not contained in this Storage');
    }
    /** @throws FlowstoreError NOT_SUPPORTED, as Prefect's storages without an image raise NotImplementedError */
    getEnvRunner(location) {
        throw new src_errors/* FlowstoreError */.U3('NOT_SUPPORTED', `${this.name} storage has no environment to run '${location}' in`);
    }
    /** Makes the storage ready for use; those without an image are ready as they are. */
    build() {
        return Promise.resolve(this);
    }
    /** The storage as Prefect's `StorageSchema` of its release dumps it. */
    serialize() {
        const values = this.fields();
        const known = this.rules.fields[this.kind];
        return {
            ...Object.fromEntries(known.map(field => [field, values[field] ?? null])),
            __version__: this.rules.release,
            type: this.type()
        };
    }
    /** `type` in the JSON. */
    type() {
        return this.name;
    }
    /** Every value that some release's JSON has. */
    fields() {
        return {
            flows: Object.fromEntries(this.locations),
            secrets: [],
            path: null,
            stored_as_script: false
        };
    }
    /** Keeps a flow's bytes where the storage keeps them. */
    store(flow, location) {
        void flow;
        void location;
    }
}
/** Prefect's `Memory`: the flow lives as long as the storage; its JSON names no flow. */
class Memory extends Storage {
    kind = 'memory';
    name = 'Memory';
    locationOf(flow) {
        return flow.name;
    }
}
/** Prefect's `Bytes`: each flow's raw cloudpickle, in base64 inside the JSON. */
class Bytes extends Storage {
    kind = 'bytes';
    name = 'Bytes';
    locationOf(flow) {
        return flow.name;
    }
    fields() {
        const flows = [...this.added].map(([name, flow]) => [name, flow.bytes.toString('base64')]);
        return { ...super.fields(), flows: Object.fromEntries(flows) };
    }
}

;// CONCATENATED MODULE: ./src/storage/local.ts






/**
 * Prefect's `LocalStorage` (`Local` from 0.6.0): each flow a file on this machine, written when it is added.
 */
class LocalStorage extends Storage {
    kind = 'local';
    directory;
    now;
    written = [];
    constructor(options = {}) {
        super(options);
        const directory = options.directory ?? '~/.prefect/flows';
        this.directory = (0,external_node_path_.resolve)(directory.replace(/^~(?=$|[/\\])/, (0,external_node_os_.homedir)()));
        this.now = options.now ?? (() => new Date());
        this.make(this.directory);
    }
    get name() {
        return this.rules.localType;
    }
    /** Takes back every file that this storage wrote. */
    removeFiles() {
        for (const file of this.written.splice(0))
            (0,external_node_fs_.rmSync)(file, { force: true });
    }
    locationOf(flow) {
        if (!this.rules.localTimestamps)
            return (0,external_node_path_.join)(this.directory, `${flow.slug}.prefect`);
        // `slugify(pendulum.now('utc').isoformat())`: microseconds, which JavaScript's clock lacks.
        const stamp = this.now()
            .toISOString()
            .replace(/Z$/, '000-00-00')
            .toLowerCase()
            .replace(/[^a-z0-9]+/g, '-');
        return (0,external_node_path_.join)(this.directory, flow.slug, stamp);
    }
    fields() {
        return { ...super.fields(), directory: this.directory };
    }
    store(flow, location) {
        const draft = `${location}.tmp`;
        try {
            this.make((0,external_node_path_.dirname)(location));
            (0,external_node_fs_.writeFileSync)(draft, flowFile(flow, this.rules));
            (0,external_node_fs_.renameSync)(draft, location);
            this.written.push(location);
        }
        catch (error) {
            if (error instanceof src_errors/* FlowstoreError */.U3)
                throw error;
            if ((0,external_node_fs_.existsSync)(draft))
                (0,external_node_fs_.rmSync)(draft);
            throw new src_errors/* FlowstoreError */.U3('WRITE_FAILED', `can't write flow "${flow.name}" to ${location}: ${error.message}`, { file: flow.module, line: flow.line, cause: error });
        }
    }
    make(folder) {
        try {
            (0,external_node_fs_.mkdirSync)(folder, { recursive: true });
        }
        catch (error) {
            throw new src_errors/* FlowstoreError */.U3('WRITE_FAILED', `can't make the folder ${folder}: ${error.message}`, { hint: 'Say another with directory.', cause: error });
        }
    }
}

// EXTERNAL MODULE: ./src/util/format.ts
var format = __webpack_require__(32693);
// EXTERNAL MODULE: ./src/version.ts
var version = __webpack_require__(311);
;// CONCATENATED MODULE: ./src/pipeline.ts












/** Sources above this are worth a look: each load copies or reads them. */
const BIG_SOURCES = 100 * 1024 * 1024;
/** The flows of a load, or every problem it found. */
function loadedFlows({ result, pickles }) {
    (0,src_errors/* throwAll */.Kx)(result.problems.map(({ code, message, file, line, detail, hint }) => new src_errors/* FlowstoreError */.U3(code, message, {
        file: file ?? undefined,
        line: line ?? undefined,
        detail: detail ?? undefined,
        hint: hint ?? undefined
    })));
    const { versions } = result;
    if (versions === null)
        throw new src_errors/* FlowstoreError */.U3('LOAD_FAILED', 'the loader gave no versions');
    return result.flows.map(({ file, ...flow }) => {
        const bytes = pickles.get(file);
        if (bytes === undefined) {
            throw new src_errors/* FlowstoreError */.U3('LOAD_FAILED', `the pickle of flow "${flow.name}" is missing`);
        }
        return { ...flow, bytes, versions };
    });
}
function makeStorage(options, cwd, release) {
    switch (options.storage) {
        case 'local':
            return new LocalStorage({
                release,
                directory: options.directory?.startsWith('~')
                    ? options.directory
                    : options.directory && (0,external_node_path_.resolve)(cwd, options.directory)
            });
        case 'memory':
            return new Memory({ release });
        case 'bytes':
            return new Bytes({ release });
    }
}
async function healthcheck(place, flows, content) {
    const { flows: checked } = await place.check(flows.map(flow => ({ name: flow.name, content: content(flow) })));
    (0,src_errors/* throwAll */.Kx)(checked.flatMap((check, index) => {
        if (check.ok)
            return [];
        const flow = flows[index];
        return [
            new src_errors/* FlowstoreError */.U3('HEALTHCHECK', `flow "${check.name}" does not load back: ${check.error ?? 'no reason given'}`, {
                file: flow?.module,
                line: flow?.line,
                detail: check.detail ?? undefined,
                hint: check.missingModule
                    ? `It needs the module '${check.missingModule}' at run time: add its package to python-dependencies.`
                    : undefined
            })
        ];
    }));
}
/**
 * The whole run: discovers the flow modules, loads and serializes their flows, reads each back in a
 * fresh interpreter, and adds them to the storage. Nothing is published; a failure leaves nothing behind.
 *
 * @throws FlowstoreError (or FlowstoreErrors with all that one phase found)
 */
async function buildStorage(options, { cwd, env, cache }, log) {
    const [sources, modules] = await log.phase('discover', async () => {
        const output = (0,external_node_path_.relative)(cwd, (0,external_node_path_.resolve)(cwd, options.outputDirectory)).replaceAll(external_node_path_.sep, '/');
        const listed = await listSources(cwd, [output], await namedFiles(cwd, options.flows));
        const found = await discoverModules(listed, options.flows);
        log.info(`${found.length} ${found.length === 1 ? 'module' : 'modules'} to look for flows in; the repository has ${listed.files.length} files, ${(0,format/* humanSize */.X)(listed.size)}`);
        if (listed.size > BIG_SOURCES) {
            log.notice({ level: 'notice', message: `the sources are big: ${(0,format/* humanSize */.X)(listed.size)}` });
        }
        return [listed, found];
    });
    const place = await log.phase('environment', async () => interpreterPython({
        python: await loadingPython({ ...options, cwd, env, cache }, log),
        sources,
        env,
        envVars: options.envVars
    }));
    const flows = await log.phase('load', async () => {
        const loaded = await place.load({
            modules,
            helpers: 'value',
            pickleProtocols: PICKLE_PROTOCOLS
        });
        if (loaded.log.trim() !== '')
            log.debug(loaded.log.trimEnd());
        const found = loadedFlows(loaded);
        if (found.length === 0) {
            throw new src_errors/* FlowstoreError */.U3('FLOW_NOT_FOUND', `no flow in ${modules.map(module => module.file).join(', ')}`, { hint: 'A flow is a prefect.Flow bound at module level, also in a list or dict there.' });
        }
        return found;
    });
    const versions = flows[0]?.versions ?? { python: '', prefect: '', cloudpickle: '' };
    const fileOf = (flow) => options.storage === 'local' ? flowFile(flow, storage.rules) : flow.bytes;
    const storage = makeStorage(options, cwd, versions.prefect);
    if (!storage.readable) {
        log.notice({
            level: 'warning',
            message: `Prefect ${versions.prefect} has no ${storage.name} storage: it can't read this storage.json itself`
        });
    }
    if (options.healthcheck) {
        await log.phase('healthcheck', () => healthcheck(place, flows, fileOf));
    }
    await log.phase('store', async () => {
        try {
            for (const flow of flows)
                storage.addFlow(flow);
            await storage.build();
        }
        catch (error) {
            if (storage instanceof LocalStorage)
                storage.removeFiles();
            throw error;
        }
    });
    const serialized = JSON.stringify(storage.serialize());
    const reportFlows = flows.map((flow) => ({
        name: flow.name,
        module: flow.module,
        line: flow.line,
        location: storage.flows.get(flow.name) ?? '',
        size: fileOf(flow).length
    }));
    const report = {
        outputs: {
            storage: serialized,
            'storage-path': (0,external_node_path_.join)((0,external_node_path_.resolve)(cwd, options.outputDirectory), 'storage.json'),
            flows: JSON.stringify(Object.fromEntries(storage.flows)),
            image: '',
            'image-name': '',
            'image-tag': '',
            digest: '',
            'image-ref': '',
            'artifact-id': '',
            'artifact-url': ''
        },
        versions: { ...versions, flowstore: version/* VERSION */.x },
        phases: log.phases,
        flows: reportFlows,
        notices: log.notices
    };
    const local = storage instanceof LocalStorage ? storage : undefined;
    return {
        report,
        files: new Map([
            ['storage.json', `${JSON.stringify(storage.serialize(), null, 2)}\n`],
            ['report.json', `${JSON.stringify(report, null, 2)}\n`]
        ]),
        artifactFiles: new Map(local
            ? [...local.flows.values()].map(path => [
                `flows/${(0,external_node_path_.relative)(local.directory, path).replaceAll(external_node_path_.sep, '/') || (0,external_node_path_.basename)(path)}`,
                path
            ])
            : []),
        discard: () => local?.removeFiles()
    };
}


/***/ }),

/***/ 32693:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   X: () => (/* binding */ humanSize)
/* harmony export */ });
/** A size as a person reads it, in binary steps: `512 B`, `3.2 KiB`, `1.0 GiB`. */
function humanSize(bytes) {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
    let size = bytes;
    let unit = 0;
    while (size >= 1024 && unit < units.length - 1) {
        size /= 1024;
        unit += 1;
    }
    return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}


/***/ })

};
