export const id = 285;
export const ids = [285];
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

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(51455);
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
        HostConfig: run.network ? {} : { NetworkMode: 'none' }
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
            changes: async () => (await container.changes())?.map(({ Path }) => Path) ?? [],
            remove
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
        container.input.end();
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

// EXTERNAL MODULE: ./src/load/loader.ts + 1 modules
var loader = __webpack_require__(26584);
// EXTERNAL MODULE: ./src/load/session.ts
var load_session = __webpack_require__(71152);
;// CONCATENATED MODULE: ./src/load/container.ts






/** Where the loader, the sources and its results lie in a loading container; never in an image. */
const HOME = '/flowstore';
const OUTPUT = `${HOME}/out`;
const SOURCES = `${HOME}/src`;
const FLOWS = `${HOME}/flows`;
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
    const containerOf = async (request, files) => ({
        image,
        // Prefect's own commands say `python`; images that have only python3 are loaded all the same.
        command: [
            'sh',
            '-c',
            `exec "$(command -v python || command -v python3 || echo python)" ${HOME}/loader.py ${HOME}/request.json`
        ],
        workingDirectory: '/',
        files: [
            { path: HOME.slice(1), folder: true },
            { path: OUTPUT.slice(1), folder: true, mode: 0o777 },
            { path: `${HOME.slice(1)}/loader.py`, content: await (0,promises_.readFile)(loader/* LOADER_FILE */.vr) },
            { path: `${HOME.slice(1)}/request.json`, content: request },
            ...files
        ]
    });
    const run = async (request, files = [], live = {}) => runContainer(docker, {
        ...(await containerOf(request, files)),
        output: OUTPUT,
        // Unbuffered, so that what a flow prints comes when it prints it.
        ...(live.env ? { env: { PYTHONUNBUFFERED: '1', ...live.env }, network: true } : {}),
        onOutput: live.onOutput,
        signal: live.signal
    });
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
        const token = (0,load_session/* newToken */.u)();
        const container = await startContainer(docker, await containerOf((0,loader/* requestJson */.SS)({ action: 'session', token }), []));
        const session = new load_session/* LoaderSession */.M(container, token, OUTPUT);
        return {
            load: async (request) => {
                // Prefect is imported meanwhile.
                await container.put(sourceEntries(sources, SOURCES.slice(1)));
                return (0,loader/* loadResult */.AL)(await session.ask(output => (0,loader/* requestJson */.SS)({ ...request, action: 'load', root: SOURCES, output }), 'written'), description);
            },
            check: async (wanted) => {
                const { flows, files } = placed(wanted, FLOWS);
                if (files.length > 1)
                    await container.put(files);
                return (0,loader/* checkResult */.iJ)(await session.ask(output => (0,loader/* requestJson */.SS)({ action: 'check', flows, output }), 'printed'), description);
            },
            putArchive: archive => container.putArchive(archive),
            changes: async () => (0,loader/* changesResult */.rC)(await session.ask(output => (0,loader/* requestJson */.SS)({ action: 'changes', besides: [HOME], output }), 'printed'), description),
            close: () => container.remove()
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
 * One process that answers requests after each other, with Prefect imported once: see
 * `SessionRequest` in the protocol.
 */
class LoaderSession {
    process;
    token;
    folder;
    printed = '';
    asked = 0;
    heard = () => undefined;
    constructor(process, token, 
    /** Where the process writes; each request gets a folder of its own below it. */
    folder) {
        this.process = process;
        this.token = token;
        this.folder = folder;
        process.output.setEncoding('utf8').on('data', (text) => {
            this.printed += text;
            this.heard();
        });
        // A process that took its leave no longer reads.
        process.input.on('error', () => undefined);
    }
    /**
     * Asks one thing. Where the process ends instead, there are no files in the answer.
     *
     * @param request for the folder that it may write to
     * @param written whether the answer is in files there, else it is printed
     */
    async ask(request, written) {
        const output = `${this.folder}/${this.asked++}`;
        this.process.input.write(`${request(output)}\n`);
        const { exitCode, log, result } = await this.answer();
        const none = new Map();
        if (written === 'written') {
            return { exitCode, log, files: await this.process.read(output).catch(() => none) };
        }
        const files = result === 'null' ? none : new Map([['result.json', Buffer.from(result)]]);
        return { exitCode, log, files };
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
                const [whole, exitCode, result = 'null'] = match;
                const log = this.printed.slice(0, match.index);
                this.printed = this.printed.slice(match.index + whole.length);
                return { exitCode: Number(exitCode), log, result };
            }
            if (code !== undefined)
                return { exitCode: code, log: this.printed, result: 'null' };
            await new Promise(resolve => (this.heard = resolve));
        }
    }
}


/***/ }),

/***/ 8515:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
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







/** The lines of pip's output that say why it failed. */
function pipReason(output) {
    const all = output.trimEnd().split(/\r?\n/);
    const errors = all.filter(line => /^\s*(ERROR|error):?/.test(line));
    return (errors.length > 0 ? errors : all.slice(-15)).slice(0, 30).join('\n');
}
const WINDOWS = process.platform === 'win32';
const COMPLETE = '.complete';
/** A program of a virtual environment. */
const programOf = (folder, name) => (0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(folder, ...(WINDOWS ? ['Scripts', `${name}.exe`] : ['bin', name]));
/** Whether a kept environment is there and complete. */
const isKept = (folder) => (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.existsSync)((0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(folder, COMPLETE));
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
async function makeVirtualEnvironment({ folder, base, runs, cwd, env }, failure, log) {
    await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rm)(folder, { recursive: true, force: true });
    const run = async (command, args) => {
        const { exitCode, stdout, stderr } = await (0,_actions_exec__WEBPACK_IMPORTED_MODULE_4__/* .getExecOutput */ .H)(`"${command}"`, [...args], {
            silent: true,
            ignoreReturnCode: true,
            cwd,
            env: (0,_environment_variables_js__WEBPACK_IMPORTED_MODULE_6__/* .installerEnvironment */ .c)(env)
        });
        log.debug(stdout);
        if (exitCode !== 0)
            throw failure(pipReason(stdout + stderr));
    };
    const python = programOf(folder, 'python');
    const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input'];
    const files = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.mkdtemp)((0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)((0,node_os__WEBPACK_IMPORTED_MODULE_2__.tmpdir)(), 'flowstore-'));
    try {
        await run(base.path, ['-m', 'venv', folder]);
        // The pip of a new environment is the one that its interpreter brings.
        const upgrade = (0,_prefect_rules_js__WEBPACK_IMPORTED_MODULE_5__/* .pipUpgrade */ .S5)(base.version, '18.1');
        if (upgrade !== undefined)
            await run(python, [...pip, upgrade]);
        for (const { args, file, texts } of runs) {
            for (const [name, text] of texts)
                await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.writeFile)((0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(files, name), text);
            await run(python, [...pip, ...args, '-r', (0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(files, file)]);
        }
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.writeFile)((0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(folder, COMPLETE), '');
    }
    catch (error) {
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rm)(folder, { recursive: true, force: true });
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
