export const id = 497;
export const ids = [497];
export const modules = {

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
// EXTERNAL MODULE: ./src/util/engine.ts
var util_engine = __webpack_require__(47724);
// EXTERNAL MODULE: ./src/util/tar.ts
var tar = __webpack_require__(62603);
;// CONCATENATED MODULE: ./src/util/container.ts



/**
 * Creates a container, copies files in (no bind mounts: the daemon may be on another machine), and
 * starts its command.
 */
async function startContainer(engine, run) {
    const [entrypoint = '', ...rest] = run.command;
    const { Id: id } = await engine.ask({
        method: 'POST',
        path: '/containers/create',
        json: {
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
        }
    });
    const path = `/containers/${id}`;
    const post = (action) => engine.ask({ method: 'POST', path: `${path}/${action}` });
    const remove = async () => {
        await engine.ask({ method: 'DELETE', path: `${path}?force=true&v=true` }).catch(() => undefined);
    };
    const putArchive = async (archive) => {
        await engine.ask({ method: 'PUT', path: `${path}/archive?path=%2F`, archive });
    };
    try {
        const put = (entries) => putArchive((0,tar/* packTar */.nG)(entries));
        const [input] = await Promise.all([
            engine.attach(`${path}/attach?stream=1&stdin=1&stdout=1&stderr=1`),
            run.files && put(run.files)
        ]);
        const output = new external_node_stream_.PassThrough();
        input.on('data', (0,util_engine/* readFrames */.v0)(bytes => output.write(bytes)));
        // A connection that breaks ends as one that is closed.
        const drained = new Promise(resolve => input.on('error', resolve).once('close', resolve).once('end', resolve));
        await post('start');
        const waiting = new AbortController();
        const ended = engine
            .ask({
            ...{ method: 'POST', path: `${path}/wait` },
            signal: waiting.signal
        })
            .then(async ({ StatusCode: code }) => {
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
            putArchive,
            read: async (folder) => filesIn(await engine.open({
                method: 'GET',
                path: `${path}/archive?path=${encodeURIComponent(folder)}`
            }), folder),
            created: async () => {
                const { Created: at } = await engine.ask({
                    method: 'GET',
                    path: `${path}/json`
                });
                return Date.parse(at) / 1000;
            },
            leave: () => {
                waiting.abort();
                input.end(() => input.destroy());
            },
            // Of one that removes itself it is enough that it ends.
            remove: run.ephemeral ? () => post('kill').catch(() => undefined) : remove
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
async function runContainer(engine, run) {
    run.signal?.throwIfAborted();
    const container = await startContainer(engine, run);
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
async function filesIn(archive, folder) {
    const prefix = `${folder.slice(folder.lastIndexOf('/') + 1)}/`;
    const files = await (0,tar/* unpackTar */.Ag)(archive);
    return new Map([...files].map(([path, content]) => [path.slice(prefix.length), content]));
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
function containerPython(engine, image, sources = (0,discover_sources/* noSources */.S0)('/')) {
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
        return runContainer(engine, {
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
        const container = await startContainer(engine, {
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
        const close = async () => {
            if (session.isIdle)
                container.leave();
            else
                await container.remove();
        };
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
            close: () => (closed ??= close())
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
    answered = 0;
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
        this.answered += 1;
        if (files === null)
            return { exitCode, log, files: await this.process.read(output) };
        const contents = Object.entries(files).map(([path, content]) => [path, Buffer.from(content, 'base64')]);
        return { exitCode, log, files: new Map(contents) };
    }
    /** Whether it has answered all that it was asked, and so ends with its standard input. */
    get isIdle() {
        return this.asked === this.answered;
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


/***/ })

};
