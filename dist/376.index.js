export const id = 376;
export const ids = [376];
export const modules = {

/***/ 96376:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  runCli: () => (/* binding */ runCli)
});

// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(76760);
// EXTERNAL MODULE: external "node:util"
var external_node_util_ = __webpack_require__(57975);
// EXTERNAL MODULE: ./src/errors.ts
var src_errors = __webpack_require__(83916);
// EXTERNAL MODULE: ./src/options/specs.ts
var specs = __webpack_require__(79874);
;// CONCATENATED MODULE: ./src/help.ts

/** Breaks a text into lines of at most `width` characters. */
function wrap(text, width) {
    const lines = [''];
    for (const word of text.split(' ')) {
        const line = lines[lines.length - 1] ?? '';
        if (line !== '' && line.length + word.length >= width)
            lines.push(word);
        else
            lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
    }
    return lines;
}
/** What `flowstore --help` prints. */
function helpText() {
    const left = 26;
    const options = specs/* OPTION_SPECS */.F.filter(spec => spec.name !== 'flows' && !spec.name.includes('artifact')).flatMap(spec => {
        const text = spec.description + (spec.default ? ` Default: ${spec.default}.` : '');
        return wrap(text, 96 - left).map((line, index) => `  ${(index === 0 ? `--${spec.name}` : '').padEnd(left)}${line}`);
    });
    return `Usage: flowstore build [options] FLOWS...
       flowstore run STORAGE_JSON --flow NAME [--env NAME=VALUE] [--param NAME=JSON]

Loads Prefect flows from modules, adds them to a storage and writes its JSON. For docker storage it
builds an image with the flows and pushes it. \`run\` runs a flow from such a storage, in a container
of its image or in an interpreter like the one that made it, until its final state.

FLOWS are files, folders, globs, 'path.py:flow name' or 'package.module'.

Options (a list takes one value each time it is given; a boolean is --NAME, --NAME false
or --no-NAME):
${options.join('\n')}
  ${'--json'.padEnd(left)}Print the report on standard output, all else on standard error.
  ${'--help, --version'.padEnd(left)}Print this text, or the version.

Exit codes: 0 done, 2 the request is wrong, 3 a flow module is wrong, 4 the environment can't
be had, 5 a flow doesn't load back, 6 the registry refused, 7 this machine lacks something,
8 a flow ran and did not succeed, 1 a defect of flowstore.

Examples:
  flowstore build flows/ --registry-url ghcr.io/acme --requirements-file requirements.txt
  flowstore build flows/ --storage local --requirements-file requirements.txt`;
}

// EXTERNAL MODULE: ./src/util/cache.ts
var cache = __webpack_require__(87910);
// EXTERNAL MODULE: ./src/version.ts
var version = __webpack_require__(311);
;// CONCATENATED MODULE: ./src/cli.ts







/** `--push false` as `--push=false`: parseArgs takes booleans without a value. */
function joinBooleans(args) {
    const flags = specs/* OPTION_SPECS */.F.filter(spec => spec.kind === 'boolean').map(spec => `--${spec.name}`);
    return args.flatMap((arg, index) => {
        const before = args[index - 1] ?? '';
        const value = (text) => text === 'true' || text === 'false';
        if (value(arg) && flags.includes(before))
            return [];
        const next = args[index + 1];
        return [flags.includes(arg) && next !== undefined && value(next) ? `${arg}=${next}` : arg];
    });
}
async function parseCommand(argv) {
    const { unknownOption } = await Promise.all(/* import() */[__webpack_require__.e(691), __webpack_require__.e(6), __webpack_require__.e(367)]).then(__webpack_require__.bind(__webpack_require__, 31367));
    const [command, ...rest] = argv;
    if (command !== 'build') {
        throw new src_errors/* FlowstoreError */.U3('UNKNOWN_OPTION', `there is no command '${command ?? ''}'`, {
            hint: 'There are: flowstore build FLOWS… and flowstore run STORAGE_JSON (flowstore --help tells more).'
        });
    }
    const { tokens } = (0,external_node_util_.parseArgs)({
        args: joinBooleans(rest),
        strict: false,
        allowPositionals: true,
        tokens: true,
        options: Object.fromEntries([
            ...specs/* OPTION_SPECS */.F.map(spec => [spec.name, spec.kind === 'boolean' ? 'boolean' : 'string']),
            ['json', 'boolean']
        ].map(([name, type]) => [name, { type, multiple: true }]))
    });
    const values = {};
    let json = false;
    for (const token of tokens) {
        if (token.kind === 'positional')
            (values['flows'] ??= []).push(token.value);
        if (token.kind !== 'option')
            continue;
        if (token.name === 'json') {
            json = true;
            continue;
        }
        const negated = token.name.startsWith('no-');
        const name = negated ? token.name.slice(3) : token.name;
        const spec = specs/* OPTION_SPECS */.F.find(candidate => candidate.name === name);
        if (!spec || !token.rawName.startsWith('--') || (negated && spec.kind !== 'boolean')) {
            throw unknownOption(token.name);
        }
        if (spec.kind === 'boolean') {
            values[name] = [negated ? 'false' : (token.value ?? 'true')];
        }
        else if (token.value === undefined) {
            throw new src_errors/* FlowstoreError */.U3('INVALID_OPTION', `the option '${name}' needs a value`);
        }
        else if (spec.kind === 'lines')
            (values[name] ??= []).push(token.value);
        else if (values[name]) {
            throw new src_errors/* FlowstoreError */.U3('INVALID_OPTION', `the option '${name}' is given twice`);
        }
        else
            values[name] = [token.value];
    }
    return {
        json,
        raw: Object.fromEntries(Object.entries(values).map(([name, list]) => [name, list.join('\n')]))
    };
}
/** `flowstore run`: what the flow prints goes to standard error, its final state to standard output. */
async function runCommand(args, env, to) {
    const { parseRun, runError, runFlow } = await Promise.all(/* import() */[__webpack_require__.e(955), __webpack_require__.e(691), __webpack_require__.e(118), __webpack_require__.e(616), __webpack_require__.e(221), __webpack_require__.e(497), __webpack_require__.e(967), __webpack_require__.e(1)]).then(__webpack_require__.bind(__webpack_require__, 32001));
    const command = parseRun(args);
    const abort = new AbortController();
    const end = () => {
        abort.abort(new src_errors/* FlowstoreError */.U3('FLOW_RUN', 'the run was interrupted'));
    };
    for (const signal of ['SIGINT', 'SIGTERM'])
        process.once(signal, end);
    const { flow, result } = await runFlow(command, {
        cwd: process.cwd(),
        env,
        write: to.err,
        signal: abort.signal
    });
    const error = runError(flow, result);
    if (command.json) {
        const { state, message } = result;
        to.out(JSON.stringify({ flow, state, message, exitCode: error?.exitCode ?? 0 }, null, 2));
    }
    else if (!error)
        to.out(`${flow}: ${result.state ?? ''}: ${result.message ?? ''}`);
    if (error)
        throw error;
}
/** The CLI: reads flags, runs the pipeline, writes the files, prints the report. */
async function runCli(argv = process.argv.slice(2), env = process.env) {
    const out = (text) => process.stdout.write(`${text}\n`);
    const err = (text) => process.stderr.write(`${text}\n`);
    if (argv.length === 0 || argv.includes('--help') || argv.includes('-h')) {
        out(helpText());
        return;
    }
    if (argv.includes('--version')) {
        out(version/* VERSION */.x);
        return;
    }
    try {
        if (argv[0] === 'run') {
            await runCommand(argv.slice(1), env, { out, err: text => process.stderr.write(text) });
            return;
        }
        const { raw, json } = await parseCommand(argv);
        const { checkOptions } = await Promise.all(/* import() */[__webpack_require__.e(691), __webpack_require__.e(6), __webpack_require__.e(367)]).then(__webpack_require__.bind(__webpack_require__, 31367));
        const cwd = process.cwd();
        const options = checkOptions(raw, cwd);
        const [{ buildStorage }, { publishFiles, removeEarlier }, text, { Recorder }] = await Promise.all([
            Promise.all(/* import() */[__webpack_require__.e(691), __webpack_require__.e(616), __webpack_require__.e(6), __webpack_require__.e(967), __webpack_require__.e(80)]).then(__webpack_require__.bind(__webpack_require__, 76080)),
            Promise.all(/* import() */[__webpack_require__.e(691), __webpack_require__.e(172)]).then(__webpack_require__.bind(__webpack_require__, 40172)),
            __webpack_require__.e(/* import() */ 752).then(__webpack_require__.bind(__webpack_require__, 50752)),
            __webpack_require__.e(/* import() */ 906).then(__webpack_require__.bind(__webpack_require__, 29906))
        ]);
        const log = new Recorder({
            info: line => err(`  ${line}`),
            debug: () => undefined,
            notice: notice => err(text.terminalNotice(notice)),
            begin: phase => err(phase),
            end: (_phase, seconds) => err(`  ${seconds.toFixed(1)} s`)
        });
        const output = (0,external_node_path_.resolve)(cwd, options.outputDirectory);
        await removeEarlier(output);
        const build = await buildStorage(options, { cwd, env, cache: (0,cache/* userCache */.g)(env) }, log);
        try {
            await publishFiles(build.files, output);
        }
        catch (error) {
            build.discard();
            throw error;
        }
        if (json)
            out(JSON.stringify(build.report, null, 2));
        else
            out(text.terminalReport(build));
    }
    catch (thrown) {
        const { terminalError } = await __webpack_require__.e(/* import() */ 752).then(__webpack_require__.bind(__webpack_require__, 50752));
        const errors = (0,src_errors/* errorsOf */.Bp)(thrown);
        errors.forEach(error => err(terminalError(error)));
        process.exitCode = errors[0]?.exitCode ?? 1;
    }
}


/***/ }),

/***/ 83916:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Bp: () => (/* binding */ errorsOf),
/* harmony export */   Kx: () => (/* binding */ throwAll),
/* harmony export */   U3: () => (/* binding */ FlowstoreError)
/* harmony export */ });
/* unused harmony exports ERROR_CODES, FlowstoreErrors */
/**
 * Every code an error of this project can carry, with the exit code that the CLI ends with.
 * `docs/errors.md` documents each; a test holds the two together.
 *
 * 2: the request is wrong; 3: a flow module is wrong; 4: the environment can't be had;
 * 5: a flow doesn't load back; 6: the registry refused; 7: this machine lacks something;
 * 8: a flow ran and did not succeed; 1: a defect of ours.
 */
const ERROR_CODES = {
    INTERNAL: 1,
    UNKNOWN_OPTION: 2,
    INVALID_OPTION: 2,
    MISSING_OPTION: 2,
    MODULE_NOT_FOUND: 2,
    FILE_NOT_FOUND: 2,
    FILE_DESTINATION: 2,
    FILE_UNREADABLE: 2,
    INVALID_REFERENCE: 2,
    UNSUPPORTED_PREFECT: 2,
    MODULE_SYNTAX: 3,
    MODULE_IMPORT: 3,
    FLOW_NOT_FOUND: 3,
    FLOW_SERIALIZE: 3,
    NAME_CONFLICT: 3,
    LOCATION_CONFLICT: 3,
    STORAGE_CONFLICT: 3,
    LOAD_FAILED: 3,
    BASE_IMAGE_PULL: 4,
    BASE_IMAGE_PYTHON: 4,
    DEPENDENCY_INSTALL: 4,
    IMAGE_BUILD: 4,
    VERSION_MISMATCH: 4,
    HEALTHCHECK: 5,
    PUSH_REFUSED: 6,
    REGISTRY: 6,
    DAEMON: 7,
    PYTHON_NOT_FOUND: 7,
    PREFECT_NOT_FOUND: 7,
    WRITE_FAILED: 7,
    FILE_CHANGED: 7,
    STORAGE_INVALID: 2,
    NOT_SUPPORTED: 2,
    FLOW_NOT_CONTAINED: 2,
    FLOW_RUN: 8
};
/** Any failure that this project can explain: a code, a message, and where possible a hint, a file and a line. */
class FlowstoreError extends Error {
    code;
    hint;
    file;
    line;
    detail;
    constructor(code, message, details = {}) {
        super(message, details.cause === undefined ? {} : { cause: details.cause });
        this.name = 'FlowstoreError';
        this.code = code;
        this.hint = details.hint;
        this.file = details.file;
        this.line = details.line;
        this.detail = details.detail;
    }
    /** The exit code that the CLI ends with for this error; see {@link ERROR_CODES}. */
    get exitCode() {
        return ERROR_CODES[this.code];
    }
}
/** Several failures found in one pass, such as every module that does not import. */
class FlowstoreErrors extends FlowstoreError {
    errors;
    constructor(errors) {
        const [first] = errors;
        super(first.code, errors.length === 1 ? first.message : `${errors.length} errors; the first: ${first.message}`, {
            hint: first.hint,
            file: first.file,
            line: first.line,
            detail: first.detail,
            cause: first.cause
        });
        this.name = 'FlowstoreErrors';
        this.errors = errors;
    }
}
/** The single errors in whatever was thrown; anything unknown becomes an INTERNAL error. */
function errorsOf(thrown) {
    if (thrown instanceof FlowstoreErrors)
        return thrown.errors;
    if (thrown instanceof FlowstoreError)
        return [thrown];
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return [
        new FlowstoreError('INTERNAL', message, {
            hint: 'This is a defect of flowstore; please report it with the lines above.',
            detail: thrown instanceof Error ? thrown.stack : undefined,
            cause: thrown
        })
    ];
}
/** Throws what was collected, if anything was. */
function throwAll(errors) {
    const [first, ...rest] = errors;
    if (first)
        throw rest.length === 0 ? first : new FlowstoreErrors([first, ...rest]);
}


/***/ }),

/***/ 79874:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   F: () => (/* binding */ OPTION_SPECS)
/* harmony export */ });
/** Every option. A test holds `action.yml` and `docs/options.md` to it. */
const OPTION_SPECS = [
    {
        name: 'flows',
        kind: 'lines',
        required: true,
        description: 'Flow modules, one a line: files, folders, globs, `path.py:flow name`, `package.module`.'
    },
    {
        name: 'storage',
        kind: 'choice',
        choices: ['docker', 'local', 'memory', 'bytes'],
        description: "Storage to fill: docker, local, memory or bytes; Prefect's class names are accepted. Default: docker."
    },
    {
        name: 'storage-conflict',
        kind: 'choice',
        choices: ['merge', 'error'],
        default: 'merge',
        description: 'What becomes of a storage that a module gives its flow: merge puts it under these options and names each difference, error refuses a difference.'
    },
    {
        name: 'registry-url',
        kind: 'text',
        description: 'Registry to push the image to, with a path where it has one, such as `ghcr.io/acme`; required with `push`.'
    },
    {
        name: 'image-name',
        kind: 'text',
        description: "Name of the image below registry-url. Default: the repository's name."
    },
    {
        name: 'image-tag',
        kind: 'text',
        description: 'Tag of the image. Default: a hash of all that goes into it, so the same input gives the same tag.'
    },
    {
        name: 'tags',
        kind: 'lines',
        description: 'Further tags for the image, one a line: text with {{ branch }}, {{ sha }}, {{ pr }} and {{ version }} in it; a line whose value there is none of is left out.'
    },
    {
        name: 'base-image',
        kind: 'text',
        description: "Image to build on. Default: Prefect's own default for the Prefect version, such as `python:3.6` for 0.5.4."
    },
    {
        name: 'dockerfile',
        kind: 'text',
        description: 'Path of a Dockerfile whose image is built on, in place of base-image; its build context is the working directory.'
    },
    {
        name: 'dockerignore',
        kind: 'text',
        description: 'Path of a file in the form of .dockerignore that holds for dockerfile and files. Default: .dockerignore.'
    },
    {
        name: 'build-kwargs',
        kind: 'text',
        description: 'Arguments for the build as a JSON object: buildargs, target, labels, network_mode, platform, nocache, pull, extra_hosts, shmsize.'
    },
    {
        name: 'python-dependencies',
        kind: 'lines',
        description: 'Packages that flows need, one requirement a line, such as `pandas>=1.3,<2`.'
    },
    {
        name: 'requirements-file',
        kind: 'text',
        description: 'Path of a requirements file, `pyproject.toml`, `uv.lock`, `poetry.lock` or `Pipfile.lock`, relative to the working directory.'
    },
    {
        name: 'installer',
        kind: 'choice',
        choices: ['auto', 'pip', 'uv'],
        default: 'auto',
        description: 'What installs packages, in the image and on the runner: auto takes uv where it gives what pip would (Python 3.8 or later, no configuration of pip, no requirement that uv reads otherwise; on the runner also a uv on PATH), else pip.'
    },
    {
        name: 'env-vars',
        kind: 'lines',
        description: 'Environment variables that flow modules see and the image keeps, one KEY=VALUE a line; no secrets.'
    },
    {
        name: 'files',
        kind: 'lines',
        description: 'Files, folders and globs to put into the image, one SOURCE:/absolute/destination a line; SOURCE is relative to the working directory.'
    },
    {
        name: 'extra-dockerfile-commands',
        kind: 'lines',
        description: 'Instructions for the image, one a line, such as `RUN apt-get update`; they run after dependencies and files, before flows are loaded. From the first that names a folder of the flows on (such as /opt/prefect or /opt/flowstore) they run after the flows are in, before the healthcheck.'
    },
    {
        name: 'prefect-directory',
        kind: 'text',
        description: "Prefect's folder in the image: flows lie in its folder `flows`. From Prefect 0.12.2 on. Default: /opt/prefect."
    },
    {
        name: 'stored-as-script',
        kind: 'boolean',
        default: 'false',
        description: 'Whether the module itself is stored, at `path`, instead of pickled flows; docker and local storage, one module. From Prefect 0.12.5 on.'
    },
    {
        name: 'path',
        kind: 'text',
        description: "Location of the flow, as Prefect's `path`: in the image for docker storage, on this machine for local. From Prefect 0.12.5 on."
    },
    {
        name: 'base-url',
        kind: 'text',
        description: "URL of the Docker daemon. Default: the variable DOCKER_HOST, then the platform's socket."
    },
    {
        name: 'tls-config',
        kind: 'text',
        description: 'Folder with ca.pem, cert.pem and key.pem for a daemon that asks for TLS. Default: the variable DOCKER_CERT_PATH with DOCKER_TLS_VERIFY.'
    },
    {
        name: 'prefect-version',
        kind: 'text',
        description: 'Prefect release or git ref. Default: what python-dependencies or the requirements file pins, else what the base image or the interpreter has.'
    },
    {
        name: 'local-image',
        kind: 'boolean',
        default: 'false',
        description: "Whether base-image is taken from the daemon's images and never pulled."
    },
    {
        name: 'push',
        kind: 'boolean',
        default: 'true',
        description: 'Whether the image is pushed to registry-url.'
    },
    {
        name: 'assemble',
        kind: 'choice',
        choices: ['auto', 'append', 'build'],
        default: 'auto',
        description: "How flows get onto the environment image: append puts their layer there through the registry's API, build lets the daemon build and push; auto appends where the image is pushed and the registry can."
    },
    {
        name: 'force',
        kind: 'boolean',
        default: 'false',
        description: 'Whether the image is made even where the registry has one of the same input.'
    },
    {
        name: 'refresh',
        kind: 'boolean',
        default: 'false',
        description: 'Whether the environment image is made anew, so that dependencies are resolved as of today.'
    },
    {
        name: 'directory',
        kind: 'text',
        description: 'Folder for the flow files of local storage. Default: ~/.prefect/flows.'
    },
    {
        name: 'load-in',
        kind: 'choice',
        choices: ['auto', 'image', 'runner'],
        description: 'Where flow modules are loaded: in a container of the image, or by an interpreter of the runner; auto takes an interpreter only if all its packages are those of the image. Default: image for docker storage, runner for the others.'
    },
    {
        name: 'python',
        kind: 'text',
        description: 'Interpreter to load flows with: a path or a version such as 3.9. Default: one on this machine that the Prefect version runs on. In an image: the version that the default base image has.'
    },
    {
        name: 'healthcheck',
        kind: 'boolean',
        default: 'true',
        description: 'Whether each flow is read back in a fresh interpreter before anything is published.'
    },
    {
        name: 'ignore-healthchecks',
        kind: 'boolean',
        default: 'false',
        description: "Prefect's name for `healthcheck: false`."
    },
    {
        name: 'output-directory',
        kind: 'text',
        default: '.flowstore',
        description: 'Folder for storage.json, flows.json, report.json and the Dockerfile.'
    },
    {
        name: 'upload-artifact',
        kind: 'boolean',
        default: 'true',
        description: 'Whether the Action uploads the files as an artifact.'
    },
    {
        name: 'artifact-name',
        kind: 'text',
        default: 'flowstore-storage',
        description: 'Name of the artifact.'
    }
];


/***/ }),

/***/ 87910:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   g: () => (/* binding */ userCache)
/* harmony export */ });
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(48161);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_os__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);


/** The folder of a user's machine for what is kept between runs. */
const userCache = (env) => (0,node_path__WEBPACK_IMPORTED_MODULE_1__.resolve)(env['XDG_CACHE_HOME'] ?? (0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)((0,node_os__WEBPACK_IMPORTED_MODULE_0__.homedir)(), '.cache'), 'flowstore');


/***/ })

};
