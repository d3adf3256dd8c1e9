export const id = 794;
export const ids = [794];
export const modules = {

/***/ 57806:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Z: () => (/* binding */ pullImage)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(83916);
/* harmony import */ var _util_docker_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(63372);
/* harmony import */ var _util_reference_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(13137);



/**
 * Pulls an image into the daemon, with the login that docker has for its registry.
 *
 * @throws FlowstoreError BASE_IMAGE_PULL with the daemon's words
 */
async function pullImage({ docker }, { reference, findCredentials, platform, what, hint }) {
    const { registry } = (0,_util_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .parseReference */ .F2)(reference);
    const credentials = await findCredentials(registry);
    try {
        const stream = await docker.pull(reference, {
            ...(platform === undefined ? {} : { platform }),
            ...(credentials ? { authconfig: { serveraddress: registry, ...credentials } } : {})
        });
        await (0,_util_docker_js__WEBPACK_IMPORTED_MODULE_1__/* .followProgress */ .F3)(docker, stream);
    }
    catch (error) {
        const words = (0,_util_docker_js__WEBPACK_IMPORTED_MODULE_1__/* .daemonWords */ .UO)(error);
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('BASE_IMAGE_PULL', `${what} ${reference} can't be pulled: ${words}`, {
            hint: hint(words, registry),
            cause: error
        });
    }
}


/***/ }),

/***/ 82497:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  g: () => (/* binding */ containerPython),
  c: () => (/* binding */ sourceEntries)
});

// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(76760);
// EXTERNAL MODULE: ./src/discover/sources.ts
var discover_sources = __webpack_require__(28049);
// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __webpack_require__(57075);
// EXTERNAL MODULE: ./src/util/tar.ts
var tar = __webpack_require__(62603);
;// CONCATENATED MODULE: ./src/util/container.ts


/**
 * Creates a container, copies files in (no bind mounts: the daemon may be on another machine), and
 * starts its command.
 */
async function startContainer(docker, run) {
    const [entrypoint = '', ...rest] = run.command;
    const container = await docker.createContainer({
        Image: run.image,
        Entrypoint: [entrypoint],
        Cmd: rest,
        Env: Object.entries(run.env ?? {}).map(([name, value]) => `${name}=${value}`),
        ...(run.workingDirectory === undefined ? {} : { WorkingDir: run.workingDirectory }),
        Healthcheck: { Test: ['NONE'] },
        OpenStdin: true,
        StdinOnce: true,
        HostConfig: {
            ...(run.network ? {} : { NetworkMode: 'none' }),
            // What it prints is read as it comes.
            LogConfig: { Type: 'none', Config: {} },
            AutoRemove: run.ephemeral ?? false
        }
    });
    const remove = () => container.remove({ force: true, v: true }).catch(() => undefined);
    try {
        const put = async (entries) => {
            await container.putArchive((0,tar/* packTar */.nG)(entries), { path: '/' });
        };
        const attach = async () => container.attach({
            ...{ stream: true, hijack: true, stdin: true, stdout: true, stderr: true }
        });
        const [input] = await Promise.all([attach(), run.files && put(run.files)]);
        const output = new external_node_stream_.PassThrough();
        docker.modem.demuxStream(input, output, output);
        const drained = new Promise(resolve => input.once('close', resolve).once('end', resolve));
        await container.start();
        const ended = container.wait().then(async ({ StatusCode: code }) => {
            await drained;
            output.end();
            return code;
        });
        // Whoever waits for it hears of it; a removed container answers nobody.
        ended.catch(() => output.end());
        return {
            output,
            input,
            ended,
            put,
            putArchive: async (archive) => {
                await container.putArchive(archive, { path: '/' });
            },
            read: folder => folderFiles(container, folder),
            created: async () => Date.parse((await container.inspect()).Created) / 1000,
            // Of one that removes itself it is enough that it ends.
            remove: run.ephemeral ? () => container.kill().catch(() => undefined) : remove
        };
    }
    catch (error) {
        await remove();
        throw error;
    }
}
/**
 * Runs a command in a container of its own, copies files out and removes the container whatever
 * happens.
 */
async function runContainer(docker, run) {
    run.signal?.throwIfAborted();
    const container = await startContainer(docker, run);
    const end = () => void container.remove();
    try {
        run.signal?.addEventListener('abort', end);
        run.signal?.throwIfAborted();
        const printed = [];
        container.output.on('data', (chunk) => {
            printed.push(chunk);
            run.onOutput?.(chunk);
        });
        container.input.end(run.input ?? '');
        const exitCode = await container.ended;
        run.signal?.throwIfAborted();
        const files = run.output === undefined ? new Map() : container.read(run.output);
        return { exitCode, log: Buffer.concat(printed).toString('utf8'), files: await files };
    }
    catch (error) {
        // What fails once the container was taken away fails for that reason.
        run.signal?.throwIfAborted();
        throw error;
    }
    finally {
        run.signal?.removeEventListener('abort', end);
        await container.remove();
    }
}
async function folderFiles(container, folder) {
    const archive = await (0,tar/* unpackTar */.Ag)(await container.getArchive({ path: folder }));
    const prefix = `${folder.slice(folder.lastIndexOf('/') + 1)}/`;
    return new Map([...archive].map(([path, content]) => [path.slice(prefix.length), content]));
}

// EXTERNAL MODULE: ./src/load/delivery.ts
var delivery = __webpack_require__(278);
// EXTERNAL MODULE: ./src/load/loader.ts + 1 modules
var loader = __webpack_require__(26584);
// EXTERNAL MODULE: ./src/load/session.ts
var load_session = __webpack_require__(71152);
;// CONCATENATED MODULE: ./src/load/container.ts






/** Where the sources and the loader's results lie in a loading container; never in an image. */
const HOME = '/flowstore';
const OUTPUT = `${HOME}/out`;
const SOURCES = `${HOME}/src`;
const FLOWS = `${HOME}/flows`;
/** What is handed over in a line, in bytes; an archive is slower, and has no bounds. */
const LINE = 1 << 20;
/** Archive entries that put the declared sources below a folder. */
function sourceEntries(sources, prefix) {
    const folders = new Set();
    for (const { path } of sources.files) {
        for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
            folders.add(path.slice(0, at));
        }
    }
    return [
        // Modules may write beside themselves while they are imported, whatever user the image has.
        { path: prefix, folder: true, mode: 0o777 },
        ...[...folders].map(path => ({
            path: `${prefix}/${path}`,
            folder: true,
            mode: 0o777
        })),
        ...sources.files.map(file => file.link === undefined
            ? {
                path: `${prefix}/${file.path}`,
                source: (0,external_node_path_.join)(sources.root, file.path),
                size: file.size,
                mode: file.executable ? 0o755 : 0o644
            }
            : { path: `${prefix}/${file.path}`, link: file.link })
    ];
}
/**
 * Python in containers of an image: no network, nothing of the runner's environment,
 * sources copied in.
 *
 * @param image reference or id of an image that the daemon has
 * @param sources what a load sees; default nothing
 */
function containerPython(docker, image, sources = (0,discover_sources/* noSources */.S0)('/')) {
    const description = `a container of ${image}`;
    const folders = [
        { path: HOME.slice(1), folder: true },
        // Whatever user the image has.
        { path: OUTPUT.slice(1), folder: true, mode: 0o777 }
    ];
    const containerOf = (boot, ...mode) => ({
        image,
        // Prefect's own commands say `python`; images that have only python3 are loaded all the same.
        command: [
            'sh',
            '-c',
            'exec "$(command -v python || command -v python3 || echo python)" -c "$0" "$@"',
            boot,
            ...mode
        ],
        workingDirectory: '/'
    });
    const run = async (request, files = [], live = {}) => {
        const { boot, input } = await (0,delivery/* loaderDelivery */.y)();
        return runContainer(docker, {
            ...containerOf(boot, 'once'),
            files: [...folders, ...files],
            input: Buffer.concat([input, Buffer.from(`${request}\n`)]),
            output: OUTPUT,
            // Unbuffered, so that what a flow prints comes when it prints it.
            ...(live.env ? { env: { PYTHONUNBUFFERED: '1', ...live.env }, network: true } : {}),
            onOutput: live.onOutput,
            signal: live.signal
        });
    };
    /** Where flows lie for a request, and what puts those there that the image doesn't have. */
    const placed = (flows, folder) => ({
        flows: flows.map((flow, index) => ({
            name: flow.name,
            path: 'path' in flow ? flow.path : `${folder}/${index}`
        })),
        files: [
            { path: folder.slice(1), folder: true },
            ...flows.flatMap((flow, index) => 'content' in flow ? [{ path: `${folder}/${index}`.slice(1), content: flow.content }] : [])
        ]
    });
    const open = async () => {
        const { boot, input } = await (0,delivery/* loaderDelivery */.y)();
        const token = (0,load_session/* newToken */.u)();
        const container = await startContainer(docker, {
            ...containerOf(boot, 'session', token),
            ephemeral: true
        });
        container.input.write(input);
        // Prefect is imported meanwhile.
        const ready = container.put([...folders, ...sourceEntries(sources, SOURCES.slice(1))]);
        ready.catch(() => undefined);
        const session = new load_session/* LoaderSession */.M(container, token, OUTPUT);
        const look = async () => {
            const created = await container.created();
            const ask = (output) => (0,loader/* requestJson */.SS)({ action: 'changes', created, besides: [HOME], output });
            return (0,loader/* changesResult */.rC)(await session.ask(ask), description);
        };
        let closed;
        return {
            load: async (request) => {
                await ready;
                const ask = (output) => (0,loader/* requestJson */.SS)({ ...request, action: 'load', root: SOURCES, output });
                return (0,loader/* loadResult */.AL)(await session.ask(ask), description);
            },
            check: async (wanted) => {
                const { flows, files } = placed(wanted, FLOWS);
                await ready;
                if (files.length > 1)
                    await container.put(files);
                const ask = (output) => (0,loader/* requestJson */.SS)({ action: 'check', flows, output });
                return (0,loader/* checkResult */.iJ)(await session.ask(ask), description);
            },
            putLayer: async (archive) => {
                await ready;
                if (archive.length <= LINE) {
                    const line = { action: 'place', archive: archive.toString('base64') };
                    const answer = await session.ask(output => (0,loader/* requestJson */.SS)({ ...line, output }));
                    if ((0,loader/* placeResult */.V)(answer, description))
                        return;
                }
                await container.putArchive(archive);
            },
            changes: look,
            close: () => (closed ??= container.remove())
        };
    };
    return {
        description,
        open,
        probe: async () => (0,loader/* probeResult */.Iv)(await run((0,loader/* requestJson */.SS)({ action: 'probe', output: OUTPUT })), description),
        load: request => (0,loader/* inSession */.Cp)(open, session => session.load(request)),
        check: async (wanted) => {
            const { flows, files } = placed(wanted, FLOWS);
            const request = (0,loader/* requestJson */.SS)({ action: 'check', flows, output: OUTPUT });
            return (0,loader/* checkResult */.iJ)(await run(request, files), description);
        },
        run: async (wanted, live) => {
            const { flows, files } = placed([wanted], FLOWS);
            const [flow = { name: '', path: '' }] = flows;
            const { parameters } = live;
            const request = (0,loader/* requestJson */.SS)({ action: 'run', flow, parameters, output: OUTPUT });
            return (0,loader/* runResult */.XS)(await run(request, files, live), description);
        }
    };
}


/***/ }),

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
    const run = async (args) => (0,_actions_exec__WEBPACK_IMPORTED_MODULE_3__/* .getExecOutput */ .H)('uv', args, {
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
        const { exitCode, stdout } = await (0,_actions_exec__WEBPACK_IMPORTED_MODULE_3__/* .getExecOutput */ .H)(`"${path}"`, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], { silent: true, ignoreReturnCode: true, env: (0,_environment_variables_js__WEBPACK_IMPORTED_MODULE_5__/* .installerEnvironment */ .c)(env) });
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

/***/ 26584:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  rC: () => (/* binding */ changesResult),
  iJ: () => (/* binding */ checkResult),
  Cp: () => (/* binding */ inSession),
  AL: () => (/* binding */ loadResult),
  V: () => (/* binding */ placeResult),
  Iv: () => (/* binding */ probeResult),
  SS: () => (/* binding */ requestJson),
  XS: () => (/* binding */ runResult)
});

// EXTERNAL MODULE: ./src/errors.ts
var errors = __webpack_require__(83916);
// EXTERNAL MODULE: ./node_modules/zod/v4/classic/schemas.js + 15 modules
var schemas = __webpack_require__(9691);
;// CONCATENATED MODULE: ./src/load/protocol.ts

/** The version of the protocol that `python/flowstore_loader` speaks; both sides refuse another. */
const PROTOCOL = 2;
const protocol = schemas/* literal */.euz(PROTOCOL);
/** What an interpreter has: null where the package is absent. */
const probeResultSchema = schemas/* object */.Ikc({
    protocol,
    action: schemas/* literal */.euz('probe'),
    /** `sys.executable`. */
    executable: schemas/* string */.YjP(),
    versions: schemas/* object */.Ikc({
        python: schemas/* string */.YjP(),
        prefect: schemas/* string */.YjP().nullable(),
        cloudpickle: schemas/* string */.YjP().nullable(),
        pip: schemas/* string */.YjP().nullable()
    }),
    /** Every distribution: its normalized name, to its version. */
    packages: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* string */.YjP()),
    /** `platform.machine()`, such as `x86_64`. */
    machine: schemas/* string */.YjP()
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
function isJson(text) {
    try {
        JSON.parse(text);
        return true;
    }
    catch {
        return false;
    }
}
const loadResultSchema = schemas/* object */.Ikc({
    protocol,
    action: schemas/* literal */.euz('load'),
    /** Null only when Prefect could not be imported. */
    versions: schemas/* object */.Ikc({ python: schemas/* string */.YjP(), prefect: schemas/* string */.YjP(), cloudpickle: schemas/* string */.YjP() })
        .nullable(),
    flows: schemas/* array */.YOg(schemas/* object */.Ikc({
        name: schemas/* string */.YjP(),
        /** What `slugify` gives: it becomes part of a path. */
        slug: schemas/* string */.YjP().regex(/^[a-z0-9-]*$/),
        /** The raw pickle, relative to `output`. */
        file: schemas/* string */.YjP(),
        /** The module it came from, relative to `root`. */
        module: schemas/* string */.YjP(),
        line: schemas/* number */.aig().int(),
        parameters: schemas/* array */.YOg(schemas/* object */.Ikc({ name: schemas/* string */.YjP(), required: schemas/* boolean */.zMY(), default: schemas/* unknown */.L5J().optional() })),
        /** The storage that the module gives the flow, with what differs from the class's defaults. */
        storage: schemas/* object */.Ikc({ type: schemas/* string */.YjP(), options: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* unknown */.L5J()) })
            .nullable(),
        /** `image` of the flow's run_config, or null. */
        runImage: schemas/* string */.YjP().nullable(),
        /** Where each module that the flow needs, of the repository or not, is imported first. */
        imports: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* object */.Ikc({ file: schemas/* string */.YjP(), line: schemas/* number */.aig().int() })),
        /** Each field but `storage` of the flow as Prefect serializes it, to its JSON text. */
        serialized: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* string */.YjP().refine(isJson)).nullable()
    })),
    /** Files of the repository that flows import at run time; empty where helpers go by value. */
    helpers: schemas/* array */.YOg(schemas/* object */.Ikc({
        /** Path relative to `root`. */
        file: schemas/* string */.YjP(),
        /** Path relative to an import root: where the file must lie below an entry of `sys.path`. */
        path: schemas/* string */.YjP().regex(/^(?!.*(^|\/)\.\.?(\/|$))[^/\\\0][^\\\0]*$/)
    })),
    problems: schemas/* array */.YOg(problemSchema),
    /** Where the interpreter is not the expected one; with any nothing was loaded. */
    differences: schemas/* array */.YOg(schemas/* object */.Ikc({ what: schemas/* string */.YjP(), expected: schemas/* string */.YjP(), found: schemas/* string */.YjP().nullable() })),
    /** Flows that can be stored, but not in the form that `prefect register --json` reads. */
    unregistrable: schemas/* array */.YOg(problemSchema),
    /**
     * Import statements that run only with a flow, of a module that neither the repository nor the
     * interpreter has. `module` is its top-level package, `file` relative to `root`.
     */
    missing: schemas/* array */.YOg(schemas/* object */.Ikc({
        module: schemas/* string */.YjP(),
        flows: schemas/* array */.YOg(schemas/* string */.YjP()),
        file: schemas/* string */.YjP(),
        line: schemas/* number */.aig().int()
    })),
    /**
     * Requirements in the literal `python_dependencies` of Docker storages in modules that did not
     * import: with them they might.
     */
    dependencies: schemas/* array */.YOg(schemas/* string */.YjP()),
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
const placeResultSchema = schemas/* object */.Ikc({
    protocol,
    action: schemas/* literal */.euz('place'),
    /** False where the image's user may not own the files. */
    placed: schemas/* boolean */.zMY()
});
/** Some changed paths, or null where it would take long to tell. */
const changesResultSchema = schemas/* object */.Ikc({ changed: schemas/* array */.YOg(schemas/* string */.YjP()).nullable() });
const runResultSchema = schemas/* object */.Ikc({
    protocol,
    action: schemas/* literal */.euz('run'),
    /** Class name of the final state, such as `Success`; null where the flow could not be read or run. */
    state: schemas/* string */.YjP().nullable(),
    successful: schemas/* boolean */.zMY(),
    /** The state's message, or `Class: message` of what was raised. */
    message: schemas/* string */.YjP().nullable(),
    detail: schemas/* string */.YjP().nullable()
});

;// CONCATENATED MODULE: ./src/load/loader.ts


/** Opens a session for one piece of work. */
async function inSession(open, work) {
    const session = await open();
    try {
        return await work(session);
    }
    finally {
        await session.close();
    }
}
const lastLines = (text, count) => text.trimEnd().split('\n').slice(-count).join('\n');
function resultOf(output, schema, place) {
    const file = output.files.get('result.json');
    if (file === undefined) {
        throw new errors/* FlowstoreError */.U3('LOAD_FAILED', `Python ended with exit code ${output.exitCode} and no result (${place})`, {
            hint: 'A flow module may have ended the interpreter (os._exit, a crash of native code, out of memory).',
            detail: lastLines(output.log, 20) || undefined
        });
    }
    const parsed = schema.safeParse(JSON.parse(file.toString('utf8')));
    if (!parsed.success) {
        throw new errors/* FlowstoreError */.U3('LOAD_FAILED', `the loader's result is not of its protocol (${place})`, {
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
/** Reads whether files were placed. */
const placeResult = (output, place) => resultOf(output, placeResultSchema, place).placed;
/** Reads the answer to a question for changes. */
const changesResult = (output, place) => resultOf(output, changesResultSchema, place).changed ?? undefined;
/** Reads the answer to a run. */
const runResult = (output, place) => resultOf(output, runResultSchema, place);
/** A request with its protocol number, as the loader reads it. */
const requestJson = (request) => JSON.stringify({ protocol: PROTOCOL, ...request });


/***/ }),

/***/ 50221:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   J: () => (/* binding */ notOnPython),
/* harmony export */   x: () => (/* binding */ machineUv)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(83916);
/* harmony import */ var _find_python_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(21396);
/* harmony import */ var _tools_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(41271);
/* harmony import */ var _uv_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(23801);




/** An error for uv where it can't be used with an interpreter. */
const notOnPython = (where) => new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('INVALID_OPTION', `the option 'installer' is 'uv', which does not run on ${where}`, {
    hint: `uv needs Python ${_uv_js__WEBPACK_IMPORTED_MODULE_3__/* .UV_PYTHONS */ .yN[0]} or later: set installer to pip, or to auto, which takes pip there.`
});
/**
 * The uv that installs on this machine, or undefined where pip does. With `auto` that is one on PATH,
 * where neither the requirements nor any configuration make it differ from pip.
 *
 * @throws FlowstoreError INVALID_OPTION where `uv` is asked for and can't be used, DEPENDENCY_INSTALL
 * where it can't be had
 */
async function machineUv(installer, base, requirements, cwd, machine) {
    const { env } = machine;
    if (installer === 'pip')
        return undefined;
    const matching = (pattern) => Object.keys(env).filter(name => env[name] !== undefined && new RegExp(`^${pattern}`).test(`${name}=`));
    const configured = async () => {
        const args = ['-m', 'pip', 'config', 'list'];
        const { exitCode, stdout } = await (0,_tools_js__WEBPACK_IMPORTED_MODULE_2__/* .runTool */ .q)(base.path, args, cwd, machine);
        // PIP_CONFIG_FILE as pip itself says it: no file at all.
        const lines = stdout
            .split(/\r?\n/)
            .filter(line => line && line !== ":env:.config-file='/dev/null'");
        return exitCode === 0 ? lines : undefined;
    };
    if (installer === 'auto') {
        const [program] = (0,_find_python_js__WEBPACK_IMPORTED_MODULE_1__/* .onPath */ .L)(env, 'uv');
        const foreign = matching('UV_').length > matching(_uv_js__WEBPACK_IMPORTED_MODULE_3__/* .UV_OWN */ .Hp).length;
        if (program === undefined || foreign || !(0,_uv_js__WEBPACK_IMPORTED_MODULE_3__/* .runsUv */ .i2)(base.version))
            return undefined;
        if ((0,_uv_js__WEBPACK_IMPORTED_MODULE_3__/* .notForUv */ .Kv)(requirements) !== undefined || (await configured())?.length !== 0)
            return undefined;
        return { program, variables: {}, orPip: true };
    }
    if (!(0,_uv_js__WEBPACK_IMPORTED_MODULE_3__/* .runsUv */ .i2)(base.version))
        throw notOnPython(`Python ${base.version} (${base.path})`);
    // An interpreter without pip has no configuration of it that would be left out.
    const settings = (await configured()) ?? [];
    const deciding = settings.some(line => new RegExp(_uv_js__WEBPACK_IMPORTED_MODULE_3__/* .PIP_DECIDING */ .a6).test(line));
    if (deciding && matching(_uv_js__WEBPACK_IMPORTED_MODULE_3__/* .UV_INDEXES */ .TH).length === 0) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('DEPENDENCY_INSTALL', `uv can't install the flows' dependencies`, {
            detail: _uv_js__WEBPACK_IMPORTED_MODULE_3__/* .NOT_READ_BY_UV */ .xI
        });
    }
    const program = await (0,_tools_js__WEBPACK_IMPORTED_MODULE_2__/* .toolProgram */ .d)(_tools_js__WEBPACK_IMPORTED_MODULE_2__.UV, ['--version'], { what: 'for installer: uv', hint: 'Have uv on PATH, or set installer: pip.', cwd }, machine);
    const certificates = settings.map(line => /\.cert='(.*)'$/.exec(line)?.[1]).find(Boolean) ??
        env['REQUESTS_CA_BUNDLE'];
    return {
        program,
        variables: certificates === undefined ? {} : { SSL_CERT_FILE: certificates },
        orPip: false
    };
}


/***/ }),

/***/ 71152:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   M: () => (/* binding */ LoaderSession),
/* harmony export */   u: () => (/* binding */ newToken)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(77598);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_crypto__WEBPACK_IMPORTED_MODULE_0__);

/** A text that no module prints by chance. */
const newToken = () => `flowstore-${(0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.randomBytes)(12).toString('hex')}`;
/**
 * One process that answers requests after each other, with Prefect imported once.
 */
class LoaderSession {
    process;
    token;
    folder;
    printed = '';
    asked = 0;
    heard = () => undefined;
    /** Answers come in the order of the requests, of which several may be on their way. */
    answering = Promise.resolve();
    constructor(process, token, 
    /** Where the process writes; each request gets a folder of its own below it. */
    folder) {
        this.process = process;
        this.token = token;
        this.folder = folder;
        process.output.setEncoding('utf8').on('data', (text) => {
            this.printed += text;
            // An answer ends with its line.
            if (text.includes('\n'))
                this.heard();
        });
        // A process that took its leave no longer reads.
        process.input.on('error', () => undefined);
    }
    /**
     * Asks one thing. Where the process ends instead, there are no files in the answer.
     *
     * @param request for the folder that it may write to
     */
    async ask(request) {
        const output = `${this.folder}/${this.asked++}`;
        this.process.input.write(`${request(output)}\n`);
        const answered = this.answering.then(() => this.answer());
        this.answering = answered;
        const { exitCode, log, files } = await answered;
        if (files === null)
            return { exitCode, log, files: await this.process.read(output) };
        const contents = Object.entries(files).map(([path, content]) => [path, Buffer.from(content, 'base64')]);
        return { exitCode, log, files: new Map(contents) };
    }
    async answer() {
        const end = new RegExp(`\\n${this.token} (\\d+) (.*)\\n`);
        let code;
        const ended = (exitCode) => {
            code = exitCode;
            this.heard();
        };
        void this.process.ended.then(ended, () => {
            ended(-1);
        });
        for (;;) {
            const match = end.exec(this.printed);
            if (match) {
                const [whole, exitCode, files = 'null'] = match;
                const log = this.printed.slice(0, match.index);
                this.printed = this.printed.slice(match.index + whole.length);
                return { exitCode: Number(exitCode), log, files: JSON.parse(files) };
            }
            if (code !== undefined)
                return { exitCode: code, log: this.printed, files: {} };
            await new Promise(resolve => (this.heard = resolve));
        }
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
    return (0,_actions_exec__WEBPACK_IMPORTED_MODULE_1__/* .getExecOutput */ .H)(`"${command}"`, [...args], {
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
        const { exitCode, stdout, stderr } = await (0,_actions_exec__WEBPACK_IMPORTED_MODULE_4__/* .getExecOutput */ .H)(`"${command}"`, [...args], {
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

/***/ 62603:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Ag: () => (/* binding */ unpackTar),
/* harmony export */   nG: () => (/* binding */ packTar),
/* harmony export */   nN: () => (/* binding */ extractTar)
/* harmony export */ });
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(73024);
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(51455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_2__);
/* harmony import */ var node_stream_promises__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(46466);
/* harmony import */ var node_stream_promises__WEBPACK_IMPORTED_MODULE_3___default = /*#__PURE__*/__webpack_require__.n(node_stream_promises__WEBPACK_IMPORTED_MODULE_3__);
/* harmony import */ var tar_stream__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(56118);
/* harmony import */ var _source_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(78999);






/**
 * Packs entries in the order given, with epoch times, owner 0:0 and fixed modes
 * (files 0644, folders 0755), so that the same entries make the same bytes. The stream fails with
 * FlowstoreError FILE_CHANGED where a file on disk is not of its size any more.
 */
function packTar(entries) {
    const pack = tar_stream__WEBPACK_IMPORTED_MODULE_4__.pack();
    // Of a reader that goes away the reader tells; unheard, the entries that wait would end the process.
    const add = (entry) => entry.on('error', () => undefined);
    const fill = async () => {
        for (const entry of entries) {
            const header = { name: entry.path, mtime: new Date(0), uid: 0, gid: 0 };
            if ('folder' in entry) {
                add(pack.entry({ ...header, type: 'directory', mode: entry.mode ?? 0o755 }));
            }
            else if ('link' in entry) {
                add(pack.entry({ ...header, type: 'symlink', linkname: entry.link, mode: 0o777 }));
            }
            else if ('content' in entry) {
                add(pack.entry({ ...header, mode: entry.mode ?? 0o644 }, entry.content));
            }
            else {
                const file = add(pack.entry({ ...header, mode: entry.mode ?? 0o644, size: entry.size }));
                await (0,node_stream_promises__WEBPACK_IMPORTED_MODULE_3__.pipeline)((0,_source_js__WEBPACK_IMPORTED_MODULE_5__/* .readSource */ .o)(entry.source, entry.size), file);
            }
        }
        pack.finalize();
    };
    fill().catch((error) => {
        pack.destroy(error instanceof Error ? error : new Error(String(error)));
    });
    return pack;
}
/** Reads all files of an archive: path to content. */
async function unpackTar(archive) {
    const files = new Map();
    const extract = tar_stream__WEBPACK_IMPORTED_MODULE_4__.extract();
    const done = (0,node_stream_promises__WEBPACK_IMPORTED_MODULE_3__.pipeline)(archive, extract);
    for await (const entry of extract) {
        const chunks = [];
        for await (const chunk of entry)
            chunks.push(chunk);
        if (entry.header.type === 'file')
            files.set(entry.header.name, Buffer.concat(chunks));
    }
    await done;
    return files;
}
/** Writes all files, folders and links of an archive below a folder. */
function extractTar(folder) {
    const extract = tar_stream__WEBPACK_IMPORTED_MODULE_4__.extract();
    extract.on('entry', (header, stream, next) => {
        const path = (0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(folder, header.name);
        const write = async () => {
            if (header.type === 'directory') {
                await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.mkdir)(path, { recursive: true });
                stream.resume();
                return;
            }
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.mkdir)((0,node_path__WEBPACK_IMPORTED_MODULE_2__.dirname)(path), { recursive: true });
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rm)(path, { force: true });
            if (header.type === 'symlink') {
                await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.symlink)(header.linkname ?? '', path);
                stream.resume();
            }
            else
                await (0,node_stream_promises__WEBPACK_IMPORTED_MODULE_3__.pipeline)(stream, (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.createWriteStream)(path, { mode: header.mode ?? 0o644 }));
        };
        write().then(() => {
            next();
        }, (error) => {
            next(error);
        });
    });
    return extract;
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
