export const id = 199;
export const ids = [199];
export const modules = {

/***/ 76199:
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
// EXTERNAL MODULE: ./node_modules/zod/v4/classic/schemas.js + 15 modules
var schemas = __webpack_require__(9691);
// EXTERNAL MODULE: ./src/prefect/rules.ts
var rules = __webpack_require__(6148);
// EXTERNAL MODULE: ./src/storage/docker.ts
var docker = __webpack_require__(90461);
// EXTERNAL MODULE: ./src/storage/local.ts
var local = __webpack_require__(72922);
// EXTERNAL MODULE: ./src/storage/storage.ts
var storage = __webpack_require__(32912);
;// CONCATENATED MODULE: ./src/storage/deserialize.ts






// The words are marshmallow's, as Prefect's schemas give them.
const string = schemas/* string */.YjP({
    error: issue => (issue.input === null ? 'Field may not be null.' : 'Not a valid string.')
});
const flows = schemas/* record */.g1P(schemas/* string */.YjP(), string, 'Not a valid mapping type.').default({});
const words = schemas/* array */.YOg(string, 'Not a valid list.').default([]);
const deserialize_text = string
    .nullable()
    .optional()
    .transform(value => value ?? undefined);
const common = {
    secrets: words,
    path: deserialize_text,
    stored_as_script: schemas/* boolean */.zMY('Not a valid boolean.').default(false)
};
const deserialize_docker = schemas/* object */.Ikc({
    ...common,
    flows,
    registry_url: deserialize_text,
    image_name: deserialize_text,
    image_tag: deserialize_text,
    // Prefect takes no null here.
    prefect_version: string.optional()
});
const deserialize_local = schemas/* object */.Ikc({ ...common, flows, directory: string.optional() });
const memory = schemas/* object */.Ikc({ secrets: words });
const bytes = schemas/* object */.Ikc({ secrets: words, flows });
/** Storages of Prefect that keep flows where this project does not go. */
const ELSEWHERE = [
    'Azure',
    'Bitbucket',
    'CodeCommit',
    'GCS',
    'Git',
    'GitHub',
    'GitLab',
    'Module',
    'S3',
    'Webhook'
];
const invalid = (message, cause) => new errors/* FlowstoreError */.U3('STORAGE_INVALID', message, { cause });
function read(schema, value) {
    const parsed = schema.safeParse(value);
    if (parsed.success)
        return parsed.data;
    const [issue] = parsed.error.issues;
    throw invalid(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, parsed.error);
}
/** The release that wrote a JSON, or undefined: Prefect itself never looks at it. */
function writtenBy(version) {
    try {
        return (0,rules/* rulesFor */.NP)(String(version)).release;
    }
    catch {
        return undefined;
    }
}
/** Whether a release's schema knows a type. */
function isKnown(type, { types, localType }) {
    const names = types.map(kind => ({ docker: 'Docker', local: localType, memory: 'Memory', bytes: 'Bytes' })[kind]);
    return names.some(name => name === type);
}
/**
 * A storage from its JSON, as Prefect's `StorageSchema` loads it: unknown fields are ignored, missing
 * ones have their default, wrong ones are refused. The flows are known by name and location; their
 * handles are not, for a JSON does not hold them.
 *
 * @param json the text, or what it says
 * @param options `release`: the Prefect that reads, and whose types alone are known; default the one
 * that wrote the JSON, and then the types of every release
 * @throws FlowstoreError STORAGE_INVALID, for types in the words of Prefect
 */
function deserialize(json, options = {}) {
    let value = json;
    if (typeof json === 'string') {
        try {
            value = JSON.parse(json);
        }
        catch (error) {
            throw invalid(`a storage is a JSON object: ${error.message}`, error);
        }
    }
    const { type, __version__: version } = read(schemas/* looseObject */._H3({
        type: schemas/* string */.YjP('Not a valid string.').optional(),
        __version__: schemas/* unknown */.L5J().optional()
    }), value);
    const release = options.release ?? writtenBy(version) ?? rules/* NEWEST_PREFECT */.Jb;
    if (options.release !== undefined && type !== undefined && !isKnown(type, (0,rules/* rulesFor */.NP)(release))) {
        throw invalid(`type: Unsupported value: ${type}`);
    }
    const base = (fields) => ({
        release,
        secrets: fields.secrets
    });
    const script = (fields) => (0,rules/* rulesFor */.NP)(release).scripts ? { path: fields.path, storedAsScript: fields.stored_as_script } : {};
    switch (type) {
        case 'Docker': {
            const fields = read(deserialize_docker, value);
            return docker/* DockerStorage */.Q.from(fields.flows, {
                ...base(fields),
                ...script(fields),
                registryUrl: fields.registry_url,
                imageName: fields.image_name,
                imageTag: fields.image_tag,
                prefectVersion: fields.prefect_version
            });
        }
        case 'Local':
        case 'LocalStorage': {
            const fields = read(deserialize_local, value);
            return local/* LocalStorage */.D.from(fields.flows, {
                ...base(fields),
                ...script(fields),
                directory: fields.directory
            });
        }
        case 'Memory':
            return new storage/* Memory */.ce(base(read(memory, value)));
        case 'Bytes': {
            const fields = read(bytes, value);
            return storage/* Bytes */.Ix.from(fields.flows, base(fields));
        }
        case undefined:
            throw invalid('type: Missing data for required field.');
        default:
            throw invalid(ELSEWHERE.includes(type)
                ? `${type} storage is Prefect's, but none that this project reads`
                : `type: Unsupported value: ${type}`);
    }
}

// EXTERNAL MODULE: ./src/util/cache.ts
var util_cache = __webpack_require__(87910);
// EXTERNAL MODULE: ./src/util/docker.ts + 1 modules
var util_docker = __webpack_require__(63372);
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
    return deserialize(text);
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
        ? imageRunner(await (0,util_docker/* connectDocker */.Z8)(command.baseUrl, env), (0,credentials/* dockerCredentials */.d)(env), live)
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
