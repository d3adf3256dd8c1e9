export const id = 423;
export const ids = [423];
export const modules = {

/***/ 27217:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   c: () => (/* binding */ installerEnvironment),
/* harmony export */   i: () => (/* binding */ moduleEnvironment)
/* harmony export */ });
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
const select = (from, wanted) => Object.fromEntries(Object.entries(from).filter((entry) => entry[1] !== undefined && wanted(entry[0].toUpperCase())));
/**
 * The environment that flow modules run in: what an interpreter needs to start, a home of its own,
 * and the declared variables. No token, input or password of the runner is in it.
 *
 * @param home an empty folder
 */
function moduleEnvironment(from, declared, home) {
    return {
        LANG: 'C.UTF-8',
        ...select(from, name => NEEDED.has(name)),
        HOME: home,
        USERPROFILE: home,
        PYTHONDONTWRITEBYTECODE: '1',
        ...declared
    };
}
/** The environment that pip and uv run in: they install packages and need indexes, proxies and certificates. */
const installerEnvironment = (from) => select(from, name => NEEDED.has(name) || NETWORK.test(name));


/***/ }),

/***/ 21396:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Fk: () => (/* binding */ isPythonVersion),
/* harmony export */   Kq: () => (/* binding */ findPython),
/* harmony export */   L: () => (/* binding */ onPath),
/* harmony export */   Ng: () => (/* binding */ namedPythons),
/* harmony export */   XC: () => (/* binding */ noSuchPython)
/* harmony export */ });
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(73024);
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(51455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_2__);
/* harmony import */ var _actions_exec__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(41955);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(83916);
/* harmony import */ var _environment_variables_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(27217);






const WINDOWS = process.platform === 'win32';
/** Programs of a name on PATH. */
function onPath(env, name) {
    return (env['PATH'] ?? env['Path'] ?? '')
        .split(node_path__WEBPACK_IMPORTED_MODULE_2__.delimiter)
        .filter(folder => folder !== '')
        .map(folder => (0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(folder, WINDOWS ? `${name}.exe` : name))
        .filter(path => (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.existsSync)(path));
}
async function inPyenv(env, version) {
    const root = env['PYENV_ROOT'] ?? (env['HOME'] ? (0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(env['HOME'], '.pyenv') : undefined);
    if (root === undefined || !(0,node_fs__WEBPACK_IMPORTED_MODULE_0__.existsSync)((0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(root, 'versions')))
        return [];
    return (await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readdir)((0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(root, 'versions')))
        .filter(name => name === version || name.startsWith(`${version}.`))
        .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
        .map(name => (0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(root, 'versions', name, 'bin', 'python'))
        .filter(path => (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.existsSync)(path));
}
async function inToolCache(env, version) {
    // The library throws where the runner has no tool cache.
    if (!env['RUNNER_TOOL_CACHE'])
        return [];
    // Not before it is needed: it brings an HTTP client, which takes longer to read than all else here.
    const { find } = await Promise.all(/* import() */[__webpack_require__.e(838), __webpack_require__.e(805)]).then(__webpack_require__.bind(__webpack_require__, 59805));
    const folder = find('Python', version);
    if (folder === '')
        return [];
    return [WINDOWS ? (0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(folder, 'python.exe') : (0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(folder, 'bin', 'python')];
}
async function fromUv(env, version) {
    if (onPath(env, 'uv').length === 0)
        return [];
    const run = async (args) => (0,_actions_exec__WEBPACK_IMPORTED_MODULE_3__.getExecOutput)('uv', args, {
        silent: true,
        ignoreReturnCode: true,
        env: (0,_environment_variables_js__WEBPACK_IMPORTED_MODULE_5__/* .installerEnvironment */ .c)(env)
    });
    await run(['python', 'install', version]);
    const { exitCode, stdout } = await run(['python', 'find', version]);
    return exitCode === 0 ? [stdout.trim()] : [];
}
/** The version of an interpreter, or undefined where the file is none that runs. */
async function versionOf(path, env) {
    try {
        const { exitCode, stdout } = await (0,_actions_exec__WEBPACK_IMPORTED_MODULE_3__.getExecOutput)(`"${path}"`, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], { silent: true, ignoreReturnCode: true, env: (0,_environment_variables_js__WEBPACK_IMPORTED_MODULE_5__/* .installerEnvironment */ .c)(env) });
        return exitCode === 0 ? stdout.trim() : undefined;
    }
    catch {
        return undefined;
    }
}
/** Whether the option `python` says a version, such as `3.9`, and no path or command. */
const isPythonVersion = (asked) => /^\d+\.\d+(\.\d+)?$/.test(asked);
/** The files that a path or a command names. */
const namedPythons = (asked, env, cwd) => /[/\\]/.test(asked) || (0,node_path__WEBPACK_IMPORTED_MODULE_2__.isAbsolute)(asked)
    ? [(0,node_path__WEBPACK_IMPORTED_MODULE_2__.resolve)(cwd, asked)].filter(path => (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.existsSync)(path))
    : onPath(env, asked);
const noSuchPython = (asked) => new _errors_js__WEBPACK_IMPORTED_MODULE_4__/* .FlowstoreError */ .U3('PYTHON_NOT_FOUND', `there is no Python interpreter '${asked}'`, {
    hint: 'python takes a path, a command on PATH, or a version such as 3.9.'
});
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
    const isVersion = asked !== undefined && isPythonVersion(asked);
    if (asked !== undefined && !isVersion) {
        for (const path of namedPythons(asked, env, cwd)) {
            const python = await versionOf(path, env);
            if (python !== undefined)
                return { path, python };
        }
        throw noSuchPython(asked);
    }
    const accepts = (python) => isVersion
        ? asked === python || asked.startsWith(`${python}.`)
        : (suitable?.includes(python) ?? true);
    const first = isVersion ? await inToolCache(env, asked) : [];
    for (const path of [...first, ...onPath(env, 'python3'), ...onPath(env, 'python')]) {
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
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_4__/* .FlowstoreError */ .U3('PYTHON_NOT_FOUND', `no Python ${wanted} is on this machine`, {
        hint: 'Looked on PATH, in the tool cache (RUNNER_TOOL_CACHE), in pyenv and for uv. Install one, or say where it is with python.'
    });
}


/***/ }),

/***/ 59423:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   plainRequirements: () => (/* binding */ plainRequirements)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(51455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(48161);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_os__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_2__);
/* harmony import */ var node_url__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(73136);
/* harmony import */ var node_url__WEBPACK_IMPORTED_MODULE_3___default = /*#__PURE__*/__webpack_require__.n(node_url__WEBPACK_IMPORTED_MODULE_3__);
/* harmony import */ var smol_toml__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(3292);
/* harmony import */ var zod__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(9691);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(83916);
/* harmony import */ var _pip_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(28789);
/* harmony import */ var _tools_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(41271);









const POETRY = {
    name: 'poetry',
    requirements: ['poetry==2.1.4', 'poetry-plugin-export==1.9.0'],
    // With the pip that 3.9 brings the resolution takes a quarter of an hour.
    pythons: ['3.10', '3.11', '3.12', '3.13']
};
/** The one index that needs no saying; to say it would override the machine's own mirror. */
const PYPI = /^https:\/\/pypi\.org\/simple\/?$/;
const indexLines = (urls) => {
    const others = urls.filter(url => !PYPI.test(url));
    return others.map((url, index) => index === 0 && others.length === urls.length ? `--index-url ${url}` : `--extra-index-url ${url}`);
};
const wrong = ({ file }, what, hint) => new _errors_js__WEBPACK_IMPORTED_MODULE_5__/* .FlowstoreError */ .U3('INVALID_OPTION', `the requirements file '${file}' ${what}`, { file, hint });
const needFor = (given, tool) => ({
    what: `to export ${given.file}`,
    hint: `Have ${tool.name} on PATH, or give a requirements file.`,
    ...given
});
async function exported(program, args, folder, given, machine) {
    const { exitCode, stdout, stderr } = await (0,_tools_js__WEBPACK_IMPORTED_MODULE_7__/* .runTool */ .q)(program, args, folder, machine);
    machine.log.debug(stderr);
    if (exitCode !== 0) {
        const detail = (stderr.trim() || stdout.trim()).split(/\r?\n/).slice(-15).join('\n');
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_5__/* .FlowstoreError */ .U3('DEPENDENCY_INSTALL', `${given.file} can't be exported`, {
            file: given.file,
            detail
        });
    }
    return (0,_pip_js__WEBPACK_IMPORTED_MODULE_6__/* .logicalLines */ .Nj)(stdout)
        .map(line => line.replace(/\s+(?=--hash)/g, ' '))
        .filter(line => !PYPI.test(/^(?:-i|--index-url)[\s=]+(\S+)$/.exec(line)?.[1] ?? ''));
}
/** A path below a folder as the working directory has it, such as `./libs/tools`. */
function localPath(path, folder, cwd) {
    const found = (0,node_path__WEBPACK_IMPORTED_MODULE_2__.relative)(cwd, (0,node_path__WEBPACK_IMPORTED_MODULE_2__.resolve)(folder, path)).replaceAll(node_path__WEBPACK_IMPORTED_MODULE_2__.sep, '/');
    return found.startsWith('../') || found === '..' ? found : `./${found}`;
}
async function fromUv(given, machine) {
    const folder = (0,node_path__WEBPACK_IMPORTED_MODULE_2__.resolve)(given.cwd, (0,node_path__WEBPACK_IMPORTED_MODULE_2__.dirname)(given.file));
    const program = await (0,_tools_js__WEBPACK_IMPORTED_MODULE_7__/* .toolProgram */ .d)(_tools_js__WEBPACK_IMPORTED_MODULE_7__.UV, ['--version'], needFor(given, _tools_js__WEBPACK_IMPORTED_MODULE_7__.UV), machine);
    const lines = await exported(program, [
        ...['export', '--frozen', '--no-dev', '--no-emit-project', '--no-header', '--no-annotate'],
        ...['--format', 'requirements-txt', '--quiet']
    ], folder, given, machine);
    const document = parseToml(await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readFile)((0,node_path__WEBPACK_IMPORTED_MODULE_2__.resolve)(given.cwd, given.file), 'utf8'), given);
    const packages = Array.isArray(document['package']) ? document['package'] : [];
    const registries = packages
        .map(entry => table(table(entry)['source'])['registry'])
        .filter(url => typeof url === 'string' && /^https?:/.test(url));
    // The export leaves them out.
    const indexes = indexLines([...new Set(registries)]);
    const requirements = lines.map(line => line.replace(/^(-e )?(\.\.?(?:\/[^\s;]*)?)(?=\s|;|$)/, (_all, editable, path) => `${editable ?? ''}${localPath(path, folder, given.cwd)}`));
    return [...indexes, ...requirements];
}
const table = (value) => typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
function parseToml(text, given) {
    try {
        return (0,smol_toml__WEBPACK_IMPORTED_MODULE_4__/* .parse */ .qg)(text);
    }
    catch (error) {
        throw wrong(given, `is no TOML: ${error.message.split('\n')[0] ?? ''}`);
    }
}
async function fromPoetry(given, machine) {
    const folder = (0,node_path__WEBPACK_IMPORTED_MODULE_2__.resolve)(given.cwd, (0,node_path__WEBPACK_IMPORTED_MODULE_2__.dirname)(given.file));
    const project = node_path__WEBPACK_IMPORTED_MODULE_2__.posix.join(node_path__WEBPACK_IMPORTED_MODULE_2__.posix.dirname(given.file), 'pyproject.toml');
    const text = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readFile)((0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(folder, 'pyproject.toml'), 'utf8').catch((error) => {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_5__/* .FlowstoreError */ .U3('FILE_NOT_FOUND', `'${given.file}' has no pyproject.toml beside it`, {
            hint: 'poetry exports a lock file together with the project it was made for.',
            cause: error
        });
    });
    const document = parseToml(text, { ...given, file: project });
    // poetry would install the plugins that a project asks for, and so run their code on this machine.
    delete table(table(document['tool'])['poetry'])['requires-plugins'];
    const top = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.realpath)(await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.mkdtemp)((0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)((0,node_os__WEBPACK_IMPORTED_MODULE_1__.tmpdir)(), 'flowstore-')));
    // Deep, so that paths such as ../../libs can be told from those of the machine.
    const copy = (0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(top, ...Array(8).fill('-'));
    try {
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.mkdir)(copy, { recursive: true });
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.writeFile)((0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(copy, 'pyproject.toml'), (0,smol_toml__WEBPACK_IMPORTED_MODULE_4__/* .stringify */ .As)(document));
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.copyFile)((0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(folder, 'poetry.lock'), (0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(copy, 'poetry.lock'));
        const program = await (0,_tools_js__WEBPACK_IMPORTED_MODULE_7__/* .toolProgram */ .d)(POETRY, ['export', '--help'], needFor(given, POETRY), machine);
        const lines = await exported(program, ['export', '--format', 'requirements.txt', '--only', 'main', '--no-interaction'], copy, given, machine);
        const below = (0,node_url__WEBPACK_IMPORTED_MODULE_3__.pathToFileURL)(top).href;
        return lines.map(line => {
            const at = line.indexOf(below);
            if (at === -1)
                return line;
            const [url = '', ...marker] = line.slice(at).split(/\s+;\s*/);
            const path = (0,node_path__WEBPACK_IMPORTED_MODULE_2__.relative)(copy, (0,node_url__WEBPACK_IMPORTED_MODULE_3__.fileURLToPath)(url));
            const editable = line.startsWith('-e ') ? '-e ' : '';
            const extras = /^[\w.-]+(\[[^\]]+\]) @/.exec(line)?.[1] ?? '';
            return [`${editable}${localPath(path, folder, given.cwd)}${extras}`, ...marker].join(' ; ');
        });
    }
    finally {
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.rm)(top, { recursive: true, force: true });
    }
}
const pipfileLock = zod__WEBPACK_IMPORTED_MODULE_8__/* .object */ .Ikc({
    _meta: zod__WEBPACK_IMPORTED_MODULE_8__/* .object */ .Ikc({
        sources: zod__WEBPACK_IMPORTED_MODULE_8__/* .array */ .YOg(zod__WEBPACK_IMPORTED_MODULE_8__/* .object */ .Ikc({ url: zod__WEBPACK_IMPORTED_MODULE_8__/* .string */ .YjP(), verify_ssl: zod__WEBPACK_IMPORTED_MODULE_8__/* .boolean */ .zMY().default(true) }))
            .default([])
    }),
    default: zod__WEBPACK_IMPORTED_MODULE_8__/* .record */ .g1P(zod__WEBPACK_IMPORTED_MODULE_8__/* .string */ .YjP(), zod__WEBPACK_IMPORTED_MODULE_8__/* .object */ .Ikc({
        version: zod__WEBPACK_IMPORTED_MODULE_8__/* .string */ .YjP().optional(),
        extras: zod__WEBPACK_IMPORTED_MODULE_8__/* .array */ .YOg(zod__WEBPACK_IMPORTED_MODULE_8__/* .string */ .YjP()).default([]),
        markers: zod__WEBPACK_IMPORTED_MODULE_8__/* .string */ .YjP().optional(),
        hashes: zod__WEBPACK_IMPORTED_MODULE_8__/* .array */ .YOg(zod__WEBPACK_IMPORTED_MODULE_8__/* .string */ .YjP()).default([]),
        git: zod__WEBPACK_IMPORTED_MODULE_8__/* .string */ .YjP().optional(),
        ref: zod__WEBPACK_IMPORTED_MODULE_8__/* .string */ .YjP().optional(),
        subdirectory: zod__WEBPACK_IMPORTED_MODULE_8__/* .string */ .YjP().optional(),
        path: zod__WEBPACK_IMPORTED_MODULE_8__/* .string */ .YjP().optional(),
        file: zod__WEBPACK_IMPORTED_MODULE_8__/* .string */ .YjP().optional(),
        editable: zod__WEBPACK_IMPORTED_MODULE_8__/* .boolean */ .zMY().default(false)
    }))
});
function pipfileLine(name, locked, folder, given) {
    const { extras, git, ref, subdirectory, markers, hashes } = locked;
    const named = extras.length === 0 ? name : `${name}[${extras.join(',')}]`;
    const marker = markers === undefined ? '' : ` ; ${markers}`;
    const at = locked.path ?? locked.file;
    if (git !== undefined) {
        const url = /^[a-z]+\+/.test(git) ? git : `git+${git}`;
        const inside = subdirectory === undefined ? '' : `#subdirectory=${subdirectory}`;
        return `${named} @ ${url}${ref === undefined ? '' : `@${ref}`}${inside}${marker}`;
    }
    if (at !== undefined && /^[a-z+]+:/i.test(at))
        return `${named} @ ${at}${marker}`;
    if (at !== undefined) {
        const path = localPath(at, folder, given.cwd);
        const with_ = extras.length === 0 ? path : `${path}[${extras.join(',')}]`;
        return `${locked.editable ? '-e ' : ''}${with_}${marker}`;
    }
    if (locked.version === undefined) {
        throw wrong(given, `locks '${name}' in a way that flowstore doesn't know`);
    }
    const version = locked.version === '*' ? '' : locked.version;
    return [`${named}${version}${marker}`, ...hashes.map(hash => `--hash=${hash}`)].join(' ');
}
function fromPipfile(text, given) {
    const folder = (0,node_path__WEBPACK_IMPORTED_MODULE_2__.resolve)(given.cwd, (0,node_path__WEBPACK_IMPORTED_MODULE_2__.dirname)(given.file));
    let document;
    try {
        document = JSON.parse(text);
    }
    catch (error) {
        throw wrong(given, `is no JSON: ${error.message}`);
    }
    const parsed = pipfileLock.safeParse(document);
    if (!parsed.success) {
        const [issue] = parsed.error.issues;
        throw wrong(given, `is no Pipfile.lock: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
    }
    const { _meta, default: packages } = parsed.data;
    return [
        ...indexLines(_meta.sources.map(({ url }) => url)),
        ..._meta.sources.flatMap(({ url, verify_ssl }) => verify_ssl ? [] : [`--trusted-host ${/^\w+:\/\/(?:[^@/]*@)?([^/]+)/.exec(url)?.[1] ?? ''}`]),
        ...Object.entries(packages).map(([name, locked]) => pipfileLine(name, locked, folder, given))
    ];
}
/** The name that a requirement line starts with, as indexes compare names. */
const normalName = (line) => (/^[\w.-]+/.exec(line)?.[0] ?? '').toLowerCase().replace(/[-_.]+/g, '-');
function fromPyproject(text, given) {
    const document = parseToml(text, given);
    const project = table(document['project']);
    const tool = table(document['tool']);
    const poetry = table(tool['poetry']);
    const dependencies = project['dependencies'];
    const dynamic = project['dynamic'];
    if (dependencies === undefined) {
        if ('dependencies' in poetry) {
            throw wrong(given, 'has its dependencies in tool.poetry, which pip does not read', 'Give poetry.lock as requirements-file.');
        }
        if (Array.isArray(dynamic) && dynamic.includes('dependencies')) {
            throw wrong(given, 'says that its dependencies are dynamic', 'Give the file that they come from, or install the project itself: `.` in python-dependencies.');
        }
        if (!('project' in document))
            throw wrong(given, 'has no project table');
        return [];
    }
    const lines = zod__WEBPACK_IMPORTED_MODULE_8__/* .array */ .YOg(zod__WEBPACK_IMPORTED_MODULE_8__/* .string */ .YjP().regex(/^\s*[A-Za-z0-9][^\r\n]*$/)).safeParse(dependencies);
    if (!lines.success)
        throw wrong(given, 'has project.dependencies that are no list of requirements');
    // Their names alone would be looked up in the index, where they may be somebody else's.
    const elsewhere = new Map([
        ...Object.keys(table(table(tool['uv'])['sources'])).map(name => [normalName(name), 'uv.lock']),
        ...Object.entries(table(poetry['dependencies']))
            .filter(([, value]) => ['path', 'git', 'url', 'source'].some(key => key in table(value)))
            .map(([name]) => [normalName(name), 'poetry.lock'])
    ]);
    const taken = lines.data.find(line => elsewhere.has(normalName(line)));
    if (taken !== undefined) {
        const lock = elsewhere.get(normalName(taken)) ?? '';
        throw wrong(given, `takes '${normalName(taken)}' from a source that only its tool knows`, `Give ${lock} as requirements-file.`);
    }
    return lines.data.map(line => line.trim());
}
/**
 * The requirement lines that a `pyproject.toml` or a lock file stands for: without groups for
 * development, without the project itself, paths relative to the working directory.
 *
 * @param file relative to `cwd`, with `/`
 * @throws FlowstoreError INVALID_OPTION for a file that can't be read so, DEPENDENCY_INSTALL with the
 * words of uv or poetry, PYTHON_NOT_FOUND where none runs these
 */
async function plainRequirements(file, cwd, machine) {
    const given = { file, cwd };
    const text = () => (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readFile)((0,node_path__WEBPACK_IMPORTED_MODULE_2__.resolve)(cwd, file), 'utf8');
    switch ((0,node_path__WEBPACK_IMPORTED_MODULE_2__.basename)(file)) {
        case 'uv.lock':
            return fromUv(given, machine);
        case 'poetry.lock':
            return fromPoetry(given, machine);
        case 'Pipfile.lock':
            return fromPipfile(await text(), given);
        default:
            return fromPyproject(await text(), given);
    }
}


/***/ }),

/***/ 41271:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   UV: () => (/* binding */ UV),
/* harmony export */   d: () => (/* binding */ toolProgram),
/* harmony export */   q: () => (/* binding */ runTool)
/* harmony export */ });
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(48161);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_os__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _actions_exec__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(41955);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(83916);
/* harmony import */ var _util_hash_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(95138);
/* harmony import */ var _environment_variables_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(27217);
/* harmony import */ var _find_python_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(21396);
/* harmony import */ var _uv_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(23801);
/* harmony import */ var _virtual_environment_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(8515);








const UV = {
    name: 'uv',
    requirements: [`uv==${_uv_js__WEBPACK_IMPORTED_MODULE_6__/* .UV_RELEASE */ .ML}`],
    pythons: _uv_js__WEBPACK_IMPORTED_MODULE_6__/* .UV_PYTHONS */ .yN
};
/** Runs a program with what an installer needs of the environment. */
async function runTool(command, args, cwd, { env }) {
    return (0,_actions_exec__WEBPACK_IMPORTED_MODULE_1__.getExecOutput)(`"${command}"`, [...args], {
        silent: true,
        ignoreReturnCode: true,
        cwd,
        env: (0,_environment_variables_js__WEBPACK_IMPORTED_MODULE_4__/* .installerEnvironment */ .c)(env)
    });
}
/**
 * The program of a tool: on PATH where it does what is needed, else kept in the cache.
 *
 * @param probe arguments that it ends well with where it does
 * @throws FlowstoreError DEPENDENCY_INSTALL, PYTHON_NOT_FOUND
 */
async function toolProgram(tool, probe, need, machine) {
    const { env, cache, log } = machine;
    for (const path of (0,_find_python_js__WEBPACK_IMPORTED_MODULE_5__/* .onPath */ .L)(env, tool.name)) {
        const { exitCode } = await runTool(path, probe, (0,node_os__WEBPACK_IMPORTED_MODULE_0__.tmpdir)(), machine).catch(() => ({
            exitCode: 1
        }));
        if (exitCode === 0)
            return path;
    }
    const python = await (0,_find_python_js__WEBPACK_IMPORTED_MODULE_5__/* .findPython */ .Kq)(undefined, tool.pythons, env, need.cwd);
    const key = (0,_util_hash_js__WEBPACK_IMPORTED_MODULE_3__/* .sha256Json */ .iE)([python.path, python.python, tool.requirements]).slice(0, 20);
    const folder = (0,_virtual_environment_js__WEBPACK_IMPORTED_MODULE_7__/* .keptFolder */ .H$)(cache, tool.name, key);
    await (0,_virtual_environment_js__WEBPACK_IMPORTED_MODULE_7__/* .keepVirtualEnvironment */ .KG)({
        folder,
        base: { path: python.path, version: python.python },
        runs: [
            {
                file: 'tool.txt',
                args: [],
                texts: new Map([['tool.txt', `${tool.requirements.join('\n')}\n`]])
            }
        ],
        cwd: (0,node_os__WEBPACK_IMPORTED_MODULE_0__.tmpdir)(),
        env
    }, detail => new _errors_js__WEBPACK_IMPORTED_MODULE_2__/* .FlowstoreError */ .U3('DEPENDENCY_INSTALL', `${tool.requirements.join(' and ')} can't be installed ${need.what}`, { file: need.file, detail, hint: need.hint }), log);
    return (0,_virtual_environment_js__WEBPACK_IMPORTED_MODULE_7__/* .programOf */ .oQ)(folder, tool.name);
}


/***/ }),

/***/ 23801:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Hp: () => (/* binding */ UV_OWN),
/* harmony export */   Kv: () => (/* binding */ notForUv),
/* harmony export */   ML: () => (/* binding */ UV_RELEASE),
/* harmony export */   Or: () => (/* binding */ uvArguments),
/* harmony export */   TH: () => (/* binding */ UV_INDEXES),
/* harmony export */   a6: () => (/* binding */ PIP_DECIDING),
/* harmony export */   cz: () => (/* binding */ UV_VARIABLES),
/* harmony export */   eo: () => (/* binding */ LIKE_PIP),
/* harmony export */   i2: () => (/* binding */ runsUv),
/* harmony export */   xI: () => (/* binding */ NOT_READ_BY_UV),
/* harmony export */   yN: () => (/* binding */ UV_PYTHONS)
/* harmony export */ });
/* harmony import */ var _util_version_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(76092);
/* harmony import */ var _pip_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(28789);
/* harmony import */ var _requirements_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(22130);



/** The release of uv that is had where there is none. */
const UV_RELEASE = '0.9.30';
/** `major.minor` that it can be installed on and installs for, oldest first. */
const UV_PYTHONS = ['3.8', '3.9', '3.10', '3.11', '3.12', '3.13', '3.14'];
/** Whether uv can be used with an interpreter of a version. */
const runsUv = (python) => UV_PYTHONS.includes((0,_util_version_js__WEBPACK_IMPORTED_MODULE_2__/* .minorOf */ .H)(python));
/** Options of requirement files that uv reads as pip does. */
const SHARED = /^(?:-[rcife]|--(?:requirement|constraint|index-url|extra-index-url|no-index|find-links|editable|require-hashes))(?=[\s=.]|$)/;
/**
 * What of the requirements uv does not take as pip does (an option it ignores, a form it does not
 * know, a file that can't be seen here), or undefined.
 */
function notForUv(requirements) {
    return (0,_pip_js__WEBPACK_IMPORTED_MODULE_0__/* .logicalLines */ .Nj)((0,_requirements_js__WEBPACK_IMPORTED_MODULE_1__/* .requirementLines */ .p$)(requirements).join('\n')).find(line => line.startsWith('-')
        ? !SHARED.test(line) ||
            /^(?:-r|-c|--requirement|--constraint)[\s=]*[a-z]+:\/\//.test(line) ||
            /#.*\begg=/.test(line)
        : /\s-(?!-hash[\s=])/.test(line) ||
            /#.*\begg=/.test(line) ||
            /^[^#;]*\b(?:hg|svn|bzr)\+/.test(line));
}
/** Variables of uv that say nothing of what is installed, or where from: an extended expression. */
const UV_OWN = 'UV_(CACHE_DIR|TOOL_DIR|TOOL_BIN_DIR|PYTHON_INSTALL_DIR|PYTHON_DOWNLOADS|LINK_MODE|COMPILE_BYTECODE|NATIVE_TLS|SYSTEM_PYTHON|BREAK_SYSTEM_PACKAGES|NO_PROGRESS|HTTP_TIMEOUT|CONCURRENT_[A-Z]+)=';
/** Variables that say where uv takes packages from. */
const UV_INDEXES = 'UV_(DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|CONFIG_FILE)=';
/** Settings of `pip config list` that decide what is installed. */
const PIP_DECIDING = '\\.(index-url|extra-index-url|find-links|no-index|constraint|require-hashes|no-binary|only-binary)=';
/** Why explicit uv is refused where pip's configuration decides what is installed. */
const NOT_READ_BY_UV = "pip is configured to take packages from elsewhere, or only some, and uv does not read pip's configuration. Say the same to uv by its own variables, such as UV_DEFAULT_INDEX, or set installer: pip";
/** What is the same for every `uv pip install` of flowstore; a variable that is set stays. */
const UV_VARIABLES = {
    // As pip does: of several indexes the best version, wherever it is.
    UV_INDEX_STRATEGY: 'unsafe-best-match',
    UV_NATIVE_TLS: 'true',
    UV_PYTHON_DOWNLOADS: 'never'
};
/** Arguments that keep uv to what pip reads: no configuration or sources of its own. */
const LIKE_PIP = ['--no-config', '--no-sources'];
/**
 * Arguments of `uv pip install` that do what pip does for a run, one call after the other.
 *
 * @param at where a file of the run lies
 */
function uvArguments(run, at) {
    const install = [...run.args, '-r', at(run.file)];
    if (!run.hashed)
        return [install];
    const hashed = [...install, '--require-hashes'];
    // uv wants constraints to be pins where it wants hashes: so they are checked before.
    return run.constraints === undefined
        ? [hashed]
        : [[...install, '-c', at(run.constraints), '--dry-run'], hashed];
}


/***/ }),

/***/ 8515:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   H$: () => (/* binding */ keptFolder),
/* harmony export */   I_: () => (/* binding */ pipReason),
/* harmony export */   KG: () => (/* binding */ keepVirtualEnvironment),
/* harmony export */   oQ: () => (/* binding */ programOf),
/* harmony export */   t8: () => (/* binding */ isKept)
/* harmony export */ });
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(73024);
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(51455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(48161);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_2___default = /*#__PURE__*/__webpack_require__.n(node_os__WEBPACK_IMPORTED_MODULE_2__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_3___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_3__);
/* harmony import */ var _actions_exec__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(41955);
/* harmony import */ var _prefect_rules_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(6148);
/* harmony import */ var _environment_variables_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(27217);
/* harmony import */ var _pip_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(28789);
/* harmony import */ var _uv_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(23801);









/** The lines of pip's or uv's output that say why it failed. */
function pipReason(output) {
    const all = output.trimEnd().split(/\r?\n/);
    let ofUv = false;
    const errors = all.filter(line => {
        const begins = /^\s*(ERROR|error):?/.test(line);
        // uv goes on in lines that are indented.
        ofUv = /^(error: |\s*×)/.test(line) || (ofUv && /^\s/.test(line));
        return begins || ofUv;
    });
    return (errors.length > 0 ? errors : all.slice(-15)).slice(0, 30).join('\n');
}
const WINDOWS = process.platform === 'win32';
/**
 * Where an environment is kept: laid out as the runner's tool cache is, so that in there the toolkit and
 * what cleans up after it find it. A key is the part of a version that the toolkit takes for no number.
 *
 * @param cache the tool cache, or a folder like it
 */
const keptFolder = (cache, name, key) => (0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(cache, `flowstore-${name}`, `1.0.0-key${key}`, (0,node_os__WEBPACK_IMPORTED_MODULE_2__.arch)());
const completeFile = (folder) => `${folder}.complete`;
/** A program of a virtual environment. */
const programOf = (folder, name) => (0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(folder, ...(WINDOWS ? ['Scripts', `${name}.exe`] : ['bin', name]));
/** Whether a kept environment is there and complete. */
const isKept = (folder) => (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.existsSync)(folder) && (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.existsSync)(completeFile(folder));
/** Milliseconds without a sign of life after which a lock counts as that of a dead process. */
const STALE = 10_000;
/**
 * Holds what makes a folder until the end of some work: an environment can't be made elsewhere and
 * moved, for its programs hold its path.
 */
async function withLock(folder, work, log) {
    // Not before it is needed: it listens to signals, to take its locks away.
    const { default: lockfile } = await Promise.all(/* import() */[__webpack_require__.e(744), __webpack_require__.e(648)]).then(__webpack_require__.t.bind(__webpack_require__, 83648, 23));
    const options = {
        realpath: false,
        stale: STALE,
        // The folder of the lock was taken away: nothing that a work half done could do about it.
        onCompromised: (error) => {
            log.debug(String(error));
        }
    };
    const release = await lockfile.lock(folder, options).catch((error) => {
        if (error.code !== 'ELOCKED')
            throw error;
        log.info(`Another process makes ${folder}: waiting for it`);
        return lockfile.lock(folder, {
            ...options,
            retries: { forever: true, factor: 1, minTimeout: 500 }
        });
    });
    try {
        return await work();
    }
    finally {
        await release().catch(() => undefined);
    }
}
/**
 * Makes a virtual environment, where it isn't kept already. Of several processes that want the same
 * one, one makes it and the others wait.
 *
 * @param failure the error for what pip says
 * @throws FlowstoreError as `failure` gives it; then nothing is kept
 */
async function keepVirtualEnvironment(environment, failure, log) {
    const { folder } = environment;
    if (isKept(folder))
        return;
    await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.mkdir)((0,node_path__WEBPACK_IMPORTED_MODULE_3__.dirname)(folder), { recursive: true });
    await withLock(folder, async () => {
        if (!isKept(folder))
            await makeVirtualEnvironment(environment, failure, log);
    }, log);
}
async function makeVirtualEnvironment({ folder, base, runs, cwd, env, uv }, failure, log) {
    const remove = async () => {
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rm)(completeFile(folder), { force: true });
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rm)(folder, { recursive: true, force: true });
    };
    const run = async (command, args, variables = {}) => {
        const { exitCode, stdout, stderr } = await (0,_actions_exec__WEBPACK_IMPORTED_MODULE_4__.getExecOutput)(`"${command}"`, [...args], {
            silent: true,
            ignoreReturnCode: true,
            cwd,
            env: { ...variables, ...(0,_environment_variables_js__WEBPACK_IMPORTED_MODULE_6__/* .installerEnvironment */ .c)(env) }
        });
        log.debug(stdout);
        if (exitCode !== 0)
            throw failure(pipReason(stdout + stderr));
    };
    const python = programOf(folder, 'python');
    const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input'];
    const files = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.mkdtemp)((0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)((0,node_os__WEBPACK_IMPORTED_MODULE_2__.tmpdir)(), 'flowstore-'));
    const at = (name) => (0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(files, name);
    const byPip = async () => {
        // The pip of a new environment is the one that its interpreter brings.
        const upgrade = (0,_prefect_rules_js__WEBPACK_IMPORTED_MODULE_5__/* .pipUpgrade */ .S5)(base.version, '18.1');
        if (upgrade !== undefined)
            await run(python, [...pip, upgrade]);
        for (const each of runs)
            await run(python, [...pip, ...(0,_pip_js__WEBPACK_IMPORTED_MODULE_7__/* .pipArguments */ .YW)(each, at)]);
    };
    const byUv = async ({ program, variables, orPip }) => {
        const install = ['pip', 'install', '--python', python, '--compile-bytecode', '--no-progress'];
        for (const args of runs.flatMap(each => (0,_uv_js__WEBPACK_IMPORTED_MODULE_8__/* .uvArguments */ .Or)(each, at))) {
            await run(program, [...install, ...(orPip ? _uv_js__WEBPACK_IMPORTED_MODULE_8__/* .LIKE_PIP */ .eo : []), ...args], {
                ..._uv_js__WEBPACK_IMPORTED_MODULE_8__/* .UV_VARIABLES */ .cz,
                ...variables
            });
        }
    };
    try {
        await remove();
        await run(base.path, ['-m', 'venv', folder]);
        for (const [name, text] of runs.flatMap(({ texts }) => [...texts])) {
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.writeFile)(at(name), text);
        }
        if (uv === undefined)
            await byPip();
        else {
            await byUv(uv).catch(async (error) => {
                if (!uv.orPip)
                    throw error;
                log.info("uv can't install these packages: pip does");
                log.debug(error.detail ?? String(error));
                await byPip();
            });
        }
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.writeFile)(completeFile(folder), '');
    }
    catch (error) {
        await remove();
        throw error;
    }
    finally {
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rm)(files, { recursive: true, force: true });
    }
}


/***/ }),

/***/ 76092:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   H: () => (/* binding */ minorOf)
/* harmony export */ });
/** `major.minor` of a version, such as `3.9` of `3.9.18`. */
const minorOf = (version) => version.split('.').slice(0, 2).join('.');


/***/ })

};
