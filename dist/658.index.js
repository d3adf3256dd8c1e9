export const id = 658;
export const ids = [658];
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

/***/ 12658:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   interpreterPython: () => (/* binding */ interpreterPython)
/* harmony export */ });
/* harmony import */ var node_child_process__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(31421);
/* harmony import */ var node_child_process__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_child_process__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(51455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(48161);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_2___default = /*#__PURE__*/__webpack_require__.n(node_os__WEBPACK_IMPORTED_MODULE_2__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_3___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_3__);
/* harmony import */ var node_stream__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(57075);
/* harmony import */ var node_stream__WEBPACK_IMPORTED_MODULE_4___default = /*#__PURE__*/__webpack_require__.n(node_stream__WEBPACK_IMPORTED_MODULE_4__);
/* harmony import */ var _actions_exec__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(41955);
/* harmony import */ var _delivery_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(278);
/* harmony import */ var _environment_variables_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(27217);
/* harmony import */ var _loader_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(26584);
/* harmony import */ var _session_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(71152);










async function readFolder(folder, prefix = '') {
    const files = new Map();
    for (const entry of await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readdir)((0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(folder, prefix), { withFileTypes: true })) {
        const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
        if (entry.isDirectory())
            for (const [name, bytes] of await readFolder(folder, path))
                files.set(name, bytes);
        else
            files.set(path, await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readFile)((0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(folder, path)));
    }
    return files;
}
/**
 * Python in an interpreter on this machine, on the work tree as it stands, with the runner's
 * credentials taken out of its environment. Unlike a container it is not cut off from the network.
 */
function interpreterPython(options) {
    const { python, sources } = options;
    const run = async (request, files = new Map(), live = {}) => {
        const folder = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.mkdtemp)((0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)((0,node_os__WEBPACK_IMPORTED_MODULE_2__.tmpdir)(), 'flowstore-'));
        try {
            for (const name of ['home', 'out', 'flows'])
                await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.mkdir)((0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(folder, name));
            for (const [name, content] of files)
                await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.writeFile)((0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(folder, 'flows', name), content);
            const { boot, input } = await (0,_delivery_js__WEBPACK_IMPORTED_MODULE_6__/* .loaderDelivery */ .y)();
            const { exitCode, stdout, stderr } = await (0,_actions_exec__WEBPACK_IMPORTED_MODULE_5__.getExecOutput)(`"${python}"`, ['-c', boot, 'once'], {
                silent: true,
                ignoreReturnCode: true,
                input: Buffer.concat([input, Buffer.from(`${request(folder)}\n`)]),
                cwd: folder,
                env: {
                    ...(0,_environment_variables_js__WEBPACK_IMPORTED_MODULE_7__/* .moduleEnvironment */ .i)(options.env, options.envVars, (0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(folder, 'home')),
                    ...(live.env ? { PYTHONUNBUFFERED: '1', ...live.env } : {})
                },
                ...(live.onOutput ? { listeners: { stdout: live.onOutput, stderr: live.onOutput } } : {})
            });
            return { exitCode, log: stdout + stderr, files: await readFolder((0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(folder, 'out')) };
        }
        finally {
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rm)(folder, { recursive: true, force: true });
        }
    };
    const open = async () => {
        const folder = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.mkdtemp)((0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)((0,node_os__WEBPACK_IMPORTED_MODULE_2__.tmpdir)(), 'flowstore-'));
        const place = (name) => (0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(folder, name);
        for (const name of ['home', 'out', 'flows', 'modules'])
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.mkdir)(place(name));
        const paths = [options.envVars['PYTHONPATH'], place('modules')].filter(Boolean);
        const token = (0,_session_js__WEBPACK_IMPORTED_MODULE_9__/* .newToken */ .u)();
        const { boot, input } = await (0,_delivery_js__WEBPACK_IMPORTED_MODULE_6__/* .loaderDelivery */ .y)();
        const child = (0,node_child_process__WEBPACK_IMPORTED_MODULE_0__.spawn)(python, ['-c', boot, 'session', token], {
            cwd: folder,
            env: {
                ...(0,_environment_variables_js__WEBPACK_IMPORTED_MODULE_7__/* .moduleEnvironment */ .i)(options.env, options.envVars, place('home')),
                PYTHONPATH: paths.join(node_path__WEBPACK_IMPORTED_MODULE_3__.delimiter)
            }
        });
        const output = new node_stream__WEBPACK_IMPORTED_MODULE_4__.PassThrough();
        const ended = new Promise((resolve, reject) => {
            child.once('error', reject).once('close', (code, signal) => {
                resolve(code ?? (signal === null ? 1 : 128 + node_os__WEBPACK_IMPORTED_MODULE_2__.constants.signals[signal]));
            });
        });
        for (const stream of [child.stdout, child.stderr])
            stream.pipe(output, { end: false });
        ended.then(() => output.end(), () => output.end());
        child.stdin.on('error', () => undefined).write(input);
        const session = new _session_js__WEBPACK_IMPORTED_MODULE_9__/* .LoaderSession */ .M({ input: child.stdin, output, ended, read: readFolder }, token, place('out'));
        return {
            load: async (request) => (0,_loader_js__WEBPACK_IMPORTED_MODULE_8__/* .loadResult */ .AL)(await session.ask(at => (0,_loader_js__WEBPACK_IMPORTED_MODULE_8__/* .requestJson */ .SS)({ ...request, action: 'load', root: sources.root, output: at })), python),
            check: async (wanted, modules = []) => {
                for (const { source, path } of modules) {
                    const to = place(`modules/${path}`);
                    await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.mkdir)((0,node_path__WEBPACK_IMPORTED_MODULE_3__.dirname)(to), { recursive: true });
                    await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.copyFile)(source, to);
                }
                for (const [index, flow] of wanted.entries()) {
                    if ('content' in flow)
                        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.writeFile)(place(`flows/${index}`), flow.content);
                }
                const flows = wanted.map((flow, index) => ({
                    name: flow.name,
                    path: 'path' in flow ? flow.path : place(`flows/${index}`)
                }));
                return (0,_loader_js__WEBPACK_IMPORTED_MODULE_8__/* .checkResult */ .iJ)(await session.ask(at => (0,_loader_js__WEBPACK_IMPORTED_MODULE_8__/* .requestJson */ .SS)({ action: 'check', flows, output: at })), python);
            },
            close: async () => {
                child.kill('SIGKILL');
                await ended.catch(() => undefined);
                await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rm)(folder, { recursive: true, force: true });
            }
        };
    };
    return {
        description: python,
        open,
        probe: async () => (0,_loader_js__WEBPACK_IMPORTED_MODULE_8__/* .probeResult */ .Iv)(await run(folder => (0,_loader_js__WEBPACK_IMPORTED_MODULE_8__/* .requestJson */ .SS)({ action: 'probe', output: (0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(folder, 'out') })), python),
        load: request => (0,_loader_js__WEBPACK_IMPORTED_MODULE_8__/* .inSession */ .Cp)(open, session => session.load(request)),
        check: async (flows) => (0,_loader_js__WEBPACK_IMPORTED_MODULE_8__/* .checkResult */ .iJ)(await run(folder => (0,_loader_js__WEBPACK_IMPORTED_MODULE_8__/* .requestJson */ .SS)({
            action: 'check',
            flows: flows.map((flow, index) => ({
                name: flow.name,
                path: 'path' in flow ? flow.path : (0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(folder, 'flows', String(index))
            })),
            output: (0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(folder, 'out')
        }), new Map(flows.flatMap((flow, index) => 'content' in flow ? [[String(index), flow.content]] : []))), python),
        run: async (flow, live) => (0,_loader_js__WEBPACK_IMPORTED_MODULE_8__/* .runResult */ .XS)(await run(folder => (0,_loader_js__WEBPACK_IMPORTED_MODULE_8__/* .requestJson */ .SS)({
            action: 'run',
            flow: {
                name: flow.name,
                path: 'path' in flow ? flow.path : (0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(folder, 'flows', '0')
            },
            parameters: live.parameters,
            output: (0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(folder, 'out')
        }), new Map('content' in flow ? [['0', flow.content]] : []), live), python)
    };
}


/***/ })

};
