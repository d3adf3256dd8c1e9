export const id = 1;
export const ids = [1];
export const modules = {

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
// EXTERNAL MODULE: ./src/load/requirements.ts + 1 modules
var requirements = __webpack_require__(64272);
// EXTERNAL MODULE: ./src/registry/credentials.ts
var credentials = __webpack_require__(3653);
// EXTERNAL MODULE: ./src/storage/deserialize.ts
var deserialize = __webpack_require__(40534);
// EXTERNAL MODULE: ./src/util/cache.ts
var util_cache = __webpack_require__(87910);
// EXTERNAL MODULE: ./src/util/docker.ts + 1 modules
var docker = __webpack_require__(63372);
// EXTERNAL MODULE: ./src/util/log.ts
var util_log = __webpack_require__(29906);
// EXTERNAL MODULE: ./src/util/text.ts
var util_text = __webpack_require__(49997);
// EXTERNAL MODULE: ./src/util/version.ts
var version = __webpack_require__(76092);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(73024);
// EXTERNAL MODULE: ./src/image/pull.ts
var pull = __webpack_require__(57806);
// EXTERNAL MODULE: ./src/load/container.ts + 1 modules
var container = __webpack_require__(82497);
// EXTERNAL MODULE: ./src/load/interpreter.ts
var interpreter = __webpack_require__(12658);
;// CONCATENATED MODULE: ./src/run/runners.ts







async function ensureImage(daemon, image, findCredentials) {
    const there = await daemon.docker
        .getImage(image)
        .inspect()
        .catch(() => undefined);
    if (there)
        return;
    await (0,pull/* pullImage */.Z)(daemon, {
        reference: image,
        findCredentials,
        what: 'the image',
        hint: (_words, registry) => `Log in to ${registry} (docker login), or build the image first.`
    });
}
/**
 * Runs flows of docker storage in containers of their image, pulled from its registry where the daemon
 * does not have it. The container is removed whatever happens.
 */
const imageRunner = (daemon, findCredentials, live = {}) => (flow) => {
    if (!('image' in flow)) {
        throw new errors/* FlowstoreError */.U3('NOT_SUPPORTED', `flow "${flow.name}" is in no image`);
    }
    return async ({ env = {}, parameters = {} } = {}) => {
        await ensureImage(daemon, flow.image, findCredentials);
        return (0,container/* containerPython */.g)(daemon.docker, flow.image).run({ name: flow.name, path: flow.path }, { env, parameters, onOutput: live.onOutput ?? (() => undefined), signal: live.signal });
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
    const place = (0,interpreter/* interpreterPython */.p)({
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
        ? imageRunner(await (0,docker/* connectDocker */.Z8)(command.baseUrl, env), (0,credentials/* dockerCredentials */.d)(env), live)
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
    return (0,environment/* loadingPython */.n)({
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
