export const id = 1;
export const ids = [1,382];
export const modules = {

/***/ 53001:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $: () => (/* binding */ keptPython),
/* harmony export */   loadingPython: () => (/* binding */ loadingPython)
/* harmony export */ });
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(83916);
/* harmony import */ var _prefect_rules_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6148);
/* harmony import */ var _discover_sources_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(28049);
/* harmony import */ var _util_hash_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(95138);
/* harmony import */ var _util_version_js__WEBPACK_IMPORTED_MODULE_11__ = __webpack_require__(76092);
/* harmony import */ var _find_python_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(21396);
/* harmony import */ var _interpreter_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(12658);
/* harmony import */ var _pip_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(28789);
/* harmony import */ var _requirements_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(22130);
/* harmony import */ var _machine_uv_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(50221);
/* harmony import */ var _virtual_environment_js__WEBPACK_IMPORTED_MODULE_10__ = __webpack_require__(8515);












/** The interpreter that is kept for an environment image, if there is one. */
function keptPython(cache, key) {
    const folder = (0,_virtual_environment_js__WEBPACK_IMPORTED_MODULE_10__/* .keptFolder */ .H$)(cache, 'python', key);
    return (0,_virtual_environment_js__WEBPACK_IMPORTED_MODULE_10__/* .isKept */ .t8)(folder) ? (0,_virtual_environment_js__WEBPACK_IMPORTED_MODULE_10__/* .programOf */ .oQ)(folder, 'python') : undefined;
}
/** Requirements that are exactly some packages; undefined where one comes from no index. */
function exactly({ lines, texts, local }, packages) {
    const all = [...lines, ...[...texts.values()].flatMap(_pip_js__WEBPACK_IMPORTED_MODULE_7__/* .logicalLines */ .Nj)];
    if (local.length > 0 || all.some(line => line.includes('://') && !(0,_pip_js__WEBPACK_IMPORTED_MODULE_7__/* .isIndexOption */ .I4)(line))) {
        return undefined;
    }
    return {
        lines: [
            ...all.filter(_pip_js__WEBPACK_IMPORTED_MODULE_7__/* .isIndexOption */ .I4),
            ...Object.entries(packages).map(([name, version]) => `${name}==${version}`)
        ],
        ...{ file: undefined, texts: new Map(), local: [] }
    };
}
/**
 * An interpreter with Prefect and the flows' dependencies: the one found, where it has what is asked
 * for, else a virtual environment made from it and kept in the cache under the hash of what went in.
 *
 * @returns path of the interpreter
 * @throws FlowstoreError PYTHON_NOT_FOUND, PREFECT_NOT_FOUND, DEPENDENCY_INSTALL, UNSUPPORTED_PREFECT
 */
async function loadingPython(options, log) {
    const { cwd, env, cache, sources, exact, installer = 'auto' } = options;
    const exactRequirements = exact && exactly(options.requirements, exact.packages);
    const requirements = exactRequirements ?? options.requirements;
    const lines = (0,_requirements_js__WEBPACK_IMPORTED_MODULE_8__/* .requirementLines */ .p$)(requirements);
    const pinned = (0,_prefect_rules_js__WEBPACK_IMPORTED_MODULE_2__/* .pinnedPrefect */ .k_)(lines);
    const wanted = options.prefectVersion ?? pinned;
    const suitable = wanted !== undefined && (0,_prefect_rules_js__WEBPACK_IMPORTED_MODULE_2__/* .isRelease */ .MU)(wanted) ? (0,_prefect_rules_js__WEBPACK_IMPORTED_MODULE_2__/* .rulesFor */ .NP)(wanted).pythons : undefined;
    const found = await (0,_find_python_js__WEBPACK_IMPORTED_MODULE_5__/* .findPython */ .Kq)(options.python, suitable, env, cwd);
    const { versions } = await (0,_interpreter_js__WEBPACK_IMPORTED_MODULE_6__.interpreterPython)({
        python: found.path,
        sources,
        env,
        envVars: {}
    }).probe();
    if (exact && (0,_util_version_js__WEBPACK_IMPORTED_MODULE_11__/* .minorOf */ .H)(versions.python) !== exact.python) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .FlowstoreError */ .U3('VERSION_MISMATCH', `the runner and the image differ: Python ${(0,_util_version_js__WEBPACK_IMPORTED_MODULE_11__/* .minorOf */ .H)(versions.python)} and ${exact.python}`, {
            hint: "Load the flows in the image (load-in: image), or choose an interpreter like the image's with python."
        });
    }
    const needsNothing = lines.every(line => line.trim() === '');
    if (versions.prefect !== null &&
        needsNothing &&
        (wanted ?? versions.prefect) === versions.prefect) {
        log.info(`Python ${versions.python} with Prefect ${versions.prefect}: ${found.path}`);
        return found.path;
    }
    const prefect = wanted ?? versions.prefect;
    if (prefect === null) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .FlowstoreError */ .U3('PREFECT_NOT_FOUND', `${found.path} has no Prefect, and no version is asked for`, {
            hint: 'Set prefect-version, or pin prefect in python-dependencies or the requirements file.'
        });
    }
    const wantedLines = exactRequirements ? [] : (0,_prefect_rules_js__WEBPACK_IMPORTED_MODULE_2__/* .prefectRequirements */ .Oy)(prefect);
    const runs = (0,_pip_js__WEBPACK_IMPORTED_MODULE_7__/* .pipRuns */ .MX)(requirements, { prefect, lines: wantedLines, present: false }, file => (0,node_path__WEBPACK_IMPORTED_MODULE_0__.resolve)(cwd, file).replaceAll(node_path__WEBPACK_IMPORTED_MODULE_0__.sep, '/')).map(run => (exactRequirements ? { ...run, args: [...run.args, '--no-deps'] } : run));
    const ownKey = (0,_util_hash_js__WEBPACK_IMPORTED_MODULE_4__/* .sha256Json */ .iE)([
        found.path,
        versions.python,
        installer,
        runs.map(({ args, texts }) => [args, [...texts]]),
        [...requirements.texts],
        requirements.local.length > 0 ? [cwd, await (0,_discover_sources_js__WEBPACK_IMPORTED_MODULE_3__/* .sourcesHash */ .tM)(sources)] : null
    ]).slice(0, 20);
    const key = exact?.key ?? ownKey;
    const folder = (0,_virtual_environment_js__WEBPACK_IMPORTED_MODULE_10__/* .keptFolder */ .H$)(options.cache, 'python', key);
    const python = (0,_virtual_environment_js__WEBPACK_IMPORTED_MODULE_10__/* .programOf */ .oQ)(folder, 'python');
    if ((0,_virtual_environment_js__WEBPACK_IMPORTED_MODULE_10__/* .isKept */ .t8)(folder)) {
        log.info(`Python ${versions.python} with Prefect ${prefect}: kept environment ${key}`);
        return python;
    }
    const name = (0,_requirements_js__WEBPACK_IMPORTED_MODULE_8__/* .requirementsName */ .Ui)(requirements);
    log.info(exactRequirements
        ? `Installing the ${requirements.lines.length} packages of the environment image`
        : `Installing ${[...wantedLines, ...requirements.lines].join(' ')}${name === undefined ? '' : ` and ${name}`}`);
    const base = { path: found.path, version: versions.python };
    const uv = await (0,_machine_uv_js__WEBPACK_IMPORTED_MODULE_9__/* .machineUv */ .x)(installer, base, requirements, cwd, { env, cache, log });
    if (uv)
        log.info(`uv installs them: ${uv.program}`);
    await (0,_virtual_environment_js__WEBPACK_IMPORTED_MODULE_10__/* .keepVirtualEnvironment */ .KG)({ folder, base, runs, cwd, env, uv }, detail => new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .FlowstoreError */ .U3('DEPENDENCY_INSTALL', `the flows' dependencies can't be installed for Python ${versions.python}`, { detail, file: name }), log);
    return python;
}


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


/***/ }),

/***/ 32001:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  parseRun: () => (/* binding */ parseRun),
  runError: () => (/* binding */ runError),
  runFlow: () => (/* binding */ runFlow)
});

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(51455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(76760);
// EXTERNAL MODULE: external "node:util"
var external_node_util_ = __webpack_require__(57975);
// EXTERNAL MODULE: ./src/discover/sources.ts
var sources = __webpack_require__(28049);
// EXTERNAL MODULE: ./src/errors.ts
var errors = __webpack_require__(83916);
// EXTERNAL MODULE: ./src/load/environment.ts
var environment = __webpack_require__(53001);
// EXTERNAL MODULE: ./src/load/requirements.ts
var requirements = __webpack_require__(22130);
// EXTERNAL MODULE: ./src/registry/credentials.ts
var credentials = __webpack_require__(3653);
// EXTERNAL MODULE: ./src/storage/deserialize.ts
var deserialize = __webpack_require__(40534);
// EXTERNAL MODULE: ./src/util/cache.ts
var util_cache = __webpack_require__(87910);
// EXTERNAL MODULE: ./src/util/docker.ts
var docker = __webpack_require__(80914);
// EXTERNAL MODULE: ./src/util/log.ts
var util_log = __webpack_require__(29906);
// EXTERNAL MODULE: ./src/util/text.ts
var util_text = __webpack_require__(49997);
// EXTERNAL MODULE: ./src/util/version.ts
var version = __webpack_require__(76092);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(73024);
// EXTERNAL MODULE: ./src/image/ensure.ts
var ensure = __webpack_require__(80295);
// EXTERNAL MODULE: ./src/load/container.ts + 1 modules
var container = __webpack_require__(82497);
// EXTERNAL MODULE: ./src/load/interpreter.ts
var interpreter = __webpack_require__(12658);
;// CONCATENATED MODULE: ./src/run/runners.ts







/**
 * Runs flows of docker storage in containers of their image, pulled from its registry where the daemon
 * does not have it. The container is removed whatever happens.
 */
const imageRunner = (daemon, findCredentials, live = {}) => (flow) => {
    if (!('image' in flow)) {
        throw new errors/* FlowstoreError */.U3('NOT_SUPPORTED', `flow "${flow.name}" is in no image`);
    }
    return async ({ env = {}, parameters = {} } = {}) => {
        await (0,ensure/* ensureImage */.Y)(daemon, {
            reference: flow.image,
            findCredentials,
            what: 'the image',
            hint: (_words, registry) => `Log in to ${registry} (docker login), or build the image first.`
        });
        return (0,container/* containerPython */.g)(daemon.engine, flow.image).run({ name: flow.name, path: flow.path }, { env, parameters, onOutput: live.onOutput ?? (() => undefined), signal: live.signal });
    };
};
/**
 * Runs flows of local and bytes storage in an interpreter of this machine.
 *
 * @param python the interpreter's path
 * @param env the machine's variables; a run gets only what an interpreter needs to start
 */
const interpreterRunner = (python, env, live = {}) => (flow) => {
    if ('image' in flow) {
        throw new errors/* FlowstoreError */.U3('NOT_SUPPORTED', `flow "${flow.name}" is in the image ${flow.image}`);
    }
    if ('path' in flow && !(0,external_node_fs_.existsSync)(flow.path)) {
        throw new errors/* FlowstoreError */.U3('FILE_NOT_FOUND', `the flow's file ${flow.path} does not exist`, {
            hint: 'Local storage names files of the machine that it was built on.'
        });
    }
    const place = (0,interpreter.interpreterPython)({
        python: (0,external_node_path_.isAbsolute)(python) ? python : (0,external_node_path_.resolve)(python),
        sources: (0,sources/* noSources */.S0)((0,external_node_path_.dirname)('path' in flow ? (0,external_node_path_.resolve)(flow.path) : process.cwd())),
        env,
        envVars: {}
    });
    return ({ env: variables = {}, parameters = {} } = {}) => place.run('path' in flow ? { name: flow.name, path: (0,external_node_path_.resolve)(flow.path) } : flow, {
        env: variables,
        parameters,
        onOutput: live.onOutput ?? (() => undefined),
        signal: live.signal
    });
};

;// CONCATENATED MODULE: ./src/run/command.ts















const FLAGS = {
    flow: { type: 'string' },
    env: { type: 'string', multiple: true },
    param: { type: 'string', multiple: true },
    python: { type: 'string' },
    'requirements-file': { type: 'string' },
    'python-dependencies': { type: 'string', multiple: true },
    'base-url': { type: 'string' },
    json: { type: 'boolean' }
};
const wrong = (message, hint) => new errors/* FlowstoreError */.U3('INVALID_OPTION', message, { hint });
function pair(option, text) {
    const equals = text.indexOf('=');
    if (equals < 1)
        throw wrong(`the option '${option}' is not NAME=VALUE: '${text.slice(0, 40)}'`);
    return [text.slice(0, equals), text.slice(equals + 1)];
}
function parameter(text) {
    const [name, value] = pair('param', text);
    try {
        return [name, JSON.parse(value)];
    }
    catch (error) {
        throw wrong(`the value of the parameter '${name}' is no JSON: ${error.message}`, `Write text in quotes: --param '${name}="text"'.`);
    }
}
/**
 * Reads the arguments of `flowstore run`.
 *
 * @throws FlowstoreError UNKNOWN_OPTION, INVALID_OPTION, MISSING_OPTION
 */
function parseRun(args) {
    const { tokens, values, positionals } = (0,external_node_util_.parseArgs)({
        args: [...args],
        options: FLAGS,
        strict: false,
        allowPositionals: true,
        tokens: true
    });
    for (const token of tokens) {
        if (token.kind !== 'option')
            continue;
        if (!(token.name in FLAGS)) {
            const near = (0,util_text/* nearest */.p)(token.name, Object.keys(FLAGS));
            throw new errors/* FlowstoreError */.U3('UNKNOWN_OPTION', `there is no option '${token.name}'`, {
                hint: near ? `Did you mean '${near}'?` : `There are: ${Object.keys(FLAGS).join(', ')}.`
            });
        }
        if (token.name !== 'json' && token.value === undefined) {
            throw wrong(`the option '${token.name}' needs a value`);
        }
    }
    const [storage, ...more] = positionals;
    if (storage === undefined || more.length > 0) {
        throw new errors/* FlowstoreError */.U3('MISSING_OPTION', 'flowstore run takes one storage.json', {
            hint: "flowstore run .flowstore/storage.json --flow 'my flow'"
        });
    }
    const one = (name) => {
        const value = values[name];
        return typeof value === 'string' ? value : undefined;
    };
    const many = (name) => {
        const value = values[name];
        return Array.isArray(value) ? value.map(String) : [];
    };
    return {
        storage,
        flow: one('flow'),
        env: Object.fromEntries(many('env').map(text => pair('env', text))),
        parameters: Object.fromEntries(many('param').map(parameter)),
        python: one('python'),
        requirementsFile: one('requirements-file'),
        pythonDependencies: many('python-dependencies'),
        baseUrl: one('base-url'),
        json: values['json'] === true
    };
}
async function readStorage(cwd, path) {
    let text;
    try {
        text = await (0,promises_.readFile)((0,external_node_path_.resolve)(cwd, path), 'utf8');
    }
    catch (error) {
        throw new errors/* FlowstoreError */.U3('FILE_NOT_FOUND', `the storage '${path}' can't be read`, {
            hint: 'flowstore build writes it: storage.json in its output directory.',
            cause: error
        });
    }
    return (0,deserialize/* deserialize */.i)(text);
}
function onlyFlow(storage) {
    const [name, ...others] = storage.flows.keys();
    if (name !== undefined && others.length === 0)
        return name;
    throw new errors/* FlowstoreError */.U3('MISSING_OPTION', "the option 'flow' is required", {
        hint: `The storage has: ${[...storage.flows.keys()].join(', ') || 'no flow'}.`
    });
}
/**
 * `flowstore run`: runs one flow from its storage, until its final state.
 *
 * @param signal ends the run, and removes its container
 * @throws FlowstoreError FLOW_RUN for a final state that is not Successful
 */
async function runFlow(command, { cwd, env, write, signal }) {
    const storage = await readStorage(cwd, command.storage);
    const flow = command.flow ?? onlyFlow(storage);
    const live = {
        onOutput: chunk => {
            write(chunk.toString('utf8'));
        },
        signal
    };
    const runner = storage.kind === 'docker'
        ? imageRunner(await (0,docker/* connectDocker */.Z)(command.baseUrl, env), (0,credentials/* dockerCredentials */.d)(env), live)
        : interpreterRunner(await storagePython(storage, command, cwd, env, write), env, live);
    const run = storage.getEnvRunner(flow, runner);
    return { flow, result: await run({ env: command.env, parameters: command.parameters }) };
}
/** `major.minor` of the Python that made a local flow, which its file says from Prefect 0.14.3 on. */
async function madeBy(path) {
    try {
        const { versions } = JSON.parse(await (0,promises_.readFile)(path, 'utf8'));
        return versions?.python ? (0,version/* minorOf */.H)(versions.python) : undefined;
    }
    catch {
        // A raw pickle, which says nothing.
        return undefined;
    }
}
/** An interpreter with the Prefect that the storage is of. */
async function storagePython(storage, command, cwd, env, write) {
    // Before an interpreter is looked for: a flow or a file that is not there, a storage without any.
    const flow = command.flow ?? onlyFlow(storage);
    storage.getEnvRunner(flow, interpreterRunner('', env));
    const path = storage.flows.get(flow);
    const ignore = () => undefined;
    const log = new util_log.Recorder({
        info: line => {
            write(`${line}\n`);
        },
        debug: ignore,
        notice: ignore,
        begin: ignore,
        end: ignore
    });
    const cache = (0,util_cache/* userCache */.g)(env);
    return (0,environment.loadingPython)({
        python: command.python ??
            (storage.kind === 'local' && path !== undefined ? await madeBy(path) : undefined),
        prefectVersion: storage.rules.release,
        requirements: await (0,requirements/* readRequirements */.F2)(cwd, command.pythonDependencies, command.requirementsFile, { env, cache, log }),
        sources: (0,sources/* noSources */.S0)(cwd),
        cwd,
        env,
        cache
    }, log);
}
/** The error of a run that did not succeed, or undefined. */
function runError(flow, result) {
    if (result.successful)
        return undefined;
    const { state, message, detail } = result;
    return new errors/* FlowstoreError */.U3('FLOW_RUN', state === null
        ? `flow "${flow}" did not run: ${message ?? 'no reason given'}`
        : `flow "${flow}" ended ${state}: ${message ?? ''}`, { detail: detail ?? undefined });
}


/***/ })

};
