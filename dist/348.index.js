export const id = 348;
export const ids = [348,172];
export const modules = {

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

/***/ 8967:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  runAction: () => (/* binding */ runAction)
});

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(51455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(76760);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(48161);
// EXTERNAL MODULE: ./node_modules/@actions/core/lib/core.js + 7 modules
var core = __webpack_require__(33838);
// EXTERNAL MODULE: ./src/errors.ts
var src_errors = __webpack_require__(83916);
// EXTERNAL MODULE: ./src/options/options.ts + 1 modules
var options_options = __webpack_require__(31367);
// EXTERNAL MODULE: ./src/pipeline.ts + 3 modules
var pipeline = __webpack_require__(76080);
// EXTERNAL MODULE: ./src/report.ts
var src_report = __webpack_require__(70665);
// EXTERNAL MODULE: ./src/publish/text.ts
var publish_text = __webpack_require__(50752);
;// CONCATENATED MODULE: ./src/publish/actions.ts







/** GitHub's limit for the outputs of a job, counted in UTF-16. */
const MOST_OUTPUT_BYTES = 1024 * 1024;
/**
 * Outputs as GitHub takes them: one that is over the limit, or that GitHub would drop because it
 * holds a masked value, is left empty with a notice that says where to find it.
 *
 * @param masked values known to be masked in the log
 */
function actionOutputs(outputs, masked) {
    const notices = [];
    const values = { ...outputs };
    for (const name of src_report/* OUTPUT_NAMES */.P) {
        const why = values[name].length * 2 > MOST_OUTPUT_BYTES
            ? "is over GitHub's limit of 1 MB"
            : masked.some(secret => secret !== '' && values[name].includes(secret))
                ? 'holds a masked value, and GitHub drops such outputs'
                : undefined;
        if (why === undefined)
            continue;
        values[name] = '';
        notices.push({
            level: 'notice',
            message: `the output '${name}' ${why}: take it from report.json in the output directory or the artifact`
        });
    }
    return { values, notices };
}
/** Uploads files as one artifact. */
async function uploadArtifact(build, name) {
    const staging = await (0,promises_.mkdtemp)((0,external_node_path_.join)((0,external_node_os_.tmpdir)(), 'flowstore-artifact-'));
    try {
        const paths = [];
        const stage = async (file, write) => {
            const path = (0,external_node_path_.join)(staging, file);
            await (0,promises_.mkdir)((0,external_node_path_.dirname)(path), { recursive: true });
            await write(path);
            paths.push(path);
        };
        for (const [file, content] of build.files)
            await stage(file, path => (0,promises_.writeFile)(path, content));
        for (const [file, source] of build.artifactFiles) {
            await stage(file, path => (0,promises_.copyFile)(source, path));
        }
        const { DefaultArtifactClient } = await Promise.all(/* import() */[__webpack_require__.e(118), __webpack_require__.e(830), __webpack_require__.e(744), __webpack_require__.e(584)]).then(__webpack_require__.bind(__webpack_require__, 20584));
        const { id } = await new DefaultArtifactClient().uploadArtifact(name, paths, staging);
        return id;
    }
    catch (error) {
        throw new src_errors/* FlowstoreError */.U3('WRITE_FAILED', `the artifact '${name}' can't be uploaded: ${error.message}`, {
            hint: 'Set upload-artifact: false to go without.',
            cause: error
        });
    }
    finally {
        await (0,promises_.rm)(staging, { recursive: true, force: true });
    }
}
/**
 * Hands a build to the job: the artifact first, for it can fail, then outputs and summary.
 *
 * @param artifactName undefined for no artifact
 * @returns every output whole, where the artifact is among them
 * @throws FlowstoreError WRITE_FAILED when the artifact can't be uploaded; then no output is set
 */
async function publishToJob(build, artifactName, job) {
    const artifact = artifactName === undefined ? undefined : await uploadArtifact(build, artifactName);
    const id = artifact === undefined ? '' : String(artifact);
    const outputs = {
        ...build.report.outputs,
        'artifact-id': id,
        'artifact-url': id && job.runUrl ? `${job.runUrl}/artifacts/${id}` : ''
    };
    const { values, notices } = actionOutputs(outputs, job.masked);
    for (const name of src_report/* OUTPUT_NAMES */.P)
        core/* setOutput */.uH(name, values[name]);
    if (job.hasSummary)
        await core/* summary */.z.addRaw((0,publish_text.summaryMarkdown)(build)).write();
    notices.forEach(annotateNotice);
    return outputs;
}
/** Writes a notice as an annotation, on its file and line where it has them. */
function annotateNotice(notice) {
    const at = {
        ...(notice.file ? { file: notice.file } : {}),
        ...(notice.line ? { startLine: notice.line } : {})
    };
    if (notice.level === 'warning')
        core/* warning */.$e(notice.message, at);
    else
        core/* notice */.lm(notice.message, at);
}
/** Writes an error as an annotation on its file and line. */
function annotate(error) {
    core/* error */.z3([error.message, error.detail, error.hint].filter(Boolean).join('\n'), {
        title: `flowstore: ${error.code}`,
        ...(error.file ? { file: error.file } : {}),
        ...(error.line ? { startLine: error.line } : {})
    });
}

// EXTERNAL MODULE: ./src/publish/files.ts
var files = __webpack_require__(40172);
// EXTERNAL MODULE: ./src/util/log.ts
var util_log = __webpack_require__(29906);
;// CONCATENATED MODULE: ./src/main.ts












/** Values that the runner keeps out of logs, as far as this step can know them. */
function maskedValues(env) {
    return Object.entries(env).flatMap(([name, value]) => value && value.length >= 8 && /(TOKEN|SECRET|PASSWORD)$/.test(name) ? [value] : []);
}
/** The Action: reads inputs, runs the pipeline, publishes all at the end. */
async function runAction(env = process.env) {
    try {
        const cwd = process.cwd();
        const options = (0,options_options/* inputOptions */.N)(env, cwd);
        const log = new util_log.Recorder({
            info: core/* info */.pq,
            debug: core/* debug */.Yz,
            notice: annotateNotice,
            begin: core/* startGroup */.Oh,
            end: (phase, seconds) => {
                core/* endGroup */.N4();
                core/* info */.pq(`${phase}: ${seconds.toFixed(1)} s`);
            }
        });
        const cache = (0,external_node_path_.resolve)(env['RUNNER_TOOL_CACHE'] || (0,external_node_path_.join)((0,external_node_os_.tmpdir)(), 'flowstore'));
        const output = (0,external_node_path_.resolve)(cwd, options.outputDirectory);
        await (0,files.removeEarlier)(output);
        const build = await (0,pipeline.buildStorage)(options, { cwd, env, cache }, log);
        const published = [];
        try {
            published.push(...(await (0,files.publishFiles)(build.files, output)));
            const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
            const outputs = await publishToJob(build, options.uploadArtifact ? options.artifactName : undefined, {
                runUrl: server && repository && run ? `${server}/${repository}/actions/runs/${run}` : undefined,
                hasSummary: Boolean(env['GITHUB_STEP_SUMMARY']),
                masked: maskedValues(env)
            });
            // Only now is it known where the artifact is.
            const report = { ...build.report, outputs };
            await (0,files.publishFiles)(new Map([['report.json', (0,src_report/* reportJson */.l)(report)]]), output);
        }
        catch (error) {
            for (const file of published)
                await (0,promises_.rm)(file, { force: true });
            build.discard();
            throw error;
        }
        core/* info */.pq((0,publish_text.terminalReport)(build));
    }
    catch (thrown) {
        const errors = (0,src_errors/* errorsOf */.Bp)(thrown);
        errors.forEach(annotate);
        process.exitCode = errors[0]?.exitCode ?? 1;
    }
}


/***/ }),

/***/ 31367:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  checkOptions: () => (/* binding */ checkOptions),
  N: () => (/* binding */ inputOptions),
  unknownOption: () => (/* binding */ unknownOption)
});

// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(73024);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(76760);
// EXTERNAL MODULE: ./node_modules/zod/v4/classic/schemas.js + 15 modules
var schemas = __webpack_require__(9691);
// EXTERNAL MODULE: ./node_modules/zod/v4/core/core.js
var core = __webpack_require__(88532);
// EXTERNAL MODULE: ./src/errors.ts
var src_errors = __webpack_require__(83916);
// EXTERNAL MODULE: ./src/util/text.ts
var util_text = __webpack_require__(49997);
// EXTERNAL MODULE: ./src/util/reference.ts
var util_reference = __webpack_require__(13137);
// EXTERNAL MODULE: ./src/options/build-kwargs.ts
var build_kwargs = __webpack_require__(21532);
// EXTERNAL MODULE: ./node_modules/picomatch/index.js
var picomatch = __webpack_require__(14006);
var picomatch_default = /*#__PURE__*/__webpack_require__.n(picomatch);
;// CONCATENATED MODULE: ./src/options/files.ts




/**
 * Reads lines `SOURCE:/absolute/destination`. A destination that ends in `/` is a folder, and the
 * source keeps its name in it. The destination of a glob is a folder always.
 *
 * @returns the files, and an error for each line that is none: FILE_DESTINATION for a relative
 * destination or one that two sources share, FILE_NOT_FOUND for a source that isn't there
 */
function imageFiles(lines, cwd) {
    const files = [];
    const errors = [];
    for (const line of lines) {
        // A Windows source has a colon of its own, so the last one that an absolute path follows counts.
        const colon = line.lastIndexOf(':/');
        if (colon <= 0) {
            errors.push(new src_errors/* FlowstoreError */.U3('FILE_DESTINATION', `'${line}' in files has no absolute destination`, {
                hint: 'Write SOURCE:/absolute/destination.'
            }));
            continue;
        }
        const source = line.slice(0, colon).trim();
        const given = line.slice(colon + 1).trim();
        const whole = given.endsWith('/') && !picomatch_default().scan(source).isGlob
            ? external_node_path_.posix.join(given, external_node_path_.posix.basename(source.replaceAll('\\', '/')))
            : external_node_path_.posix.normalize(given).replace(/(?<=.)\/$/, '');
        // What a glob matches is known when the image is planned.
        if (!(0,external_node_fs_.existsSync)((0,external_node_path_.resolve)(cwd, source)) && !picomatch_default().scan(source).isGlob) {
            errors.push(new src_errors/* FlowstoreError */.U3('FILE_NOT_FOUND', `the file '${source}' in files does not exist`, {
                hint: `Looked in ${cwd}.`
            }));
        }
        const taken = files.find(file => file.destination === whole);
        if (taken) {
            errors.push(new src_errors/* FlowstoreError */.U3('FILE_DESTINATION', `'${taken.source}' and '${source}' in files have one destination: ${whole}`));
        }
        files.push({ source, destination: whole });
    }
    return { files, errors };
}

// EXTERNAL MODULE: ./src/options/specs.ts
var specs = __webpack_require__(79874);
// EXTERNAL MODULE: ./src/options/tags.ts
var tags = __webpack_require__(99493);
;// CONCATENATED MODULE: ./src/options/options.ts










const NAMES = specs/* OPTION_SPECS */.F.map(spec => spec.name);
// Prefect's class names, and ours.
const STORAGES = {
    docker: 'docker',
    local: 'local',
    localstorage: 'local',
    memory: 'memory',
    bytes: 'bytes'
};
const lines = (text) => text
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'));
const specOf = (name) => {
    const spec = specs/* OPTION_SPECS */.F.find(candidate => candidate.name === name);
    if (!spec)
        throw new Error(`no option ${name}`);
    return spec;
};
function notOneOf(value, choices = []) {
    const near = (0,util_text/* nearest */.p)(value, choices);
    return `is '${value}', not one of ${choices.join(', ')}${near ? `; did you mean '${near}'?` : ''}`;
}
const options_text = schemas/* string */.YjP().trim();
/** One of the choices of an option, or an error that names the nearest. */
const oneOf = (name, find) => options_text.transform((value, context) => {
    const found = find(value);
    if (found !== undefined)
        return found;
    context.addIssue({ code: 'custom', message: notOneOf(value, specOf(name).choices) });
    return core/* NEVER */.tm;
});
const choice = (name, choices) => oneOf(name, value => choices.find(word => word === value));
const options_boolean = options_text
    .toLowerCase()
    .refine(value => ['true', 'false'].includes(value), 'is neither true nor false')
    .transform(value => value === 'true');
const schema = schemas/* object */.Ikc({
    flows: options_text.transform(lines).refine(list => list.length > 0, 'names no flow module'),
    storage: oneOf('storage', value => STORAGES[value.toLowerCase()]).default('docker'),
    'storage-conflict': choice('storage-conflict', ['merge', 'error']),
    'registry-url': options_text
        .transform(value => value.replace(/\/+$/, ''))
        .refine(value => !value.includes('://'), "has a scheme; write it without, as in 'ghcr.io/acme'")
        .optional(),
    'image-name': options_text
        .refine(util_reference/* isRepository */.Z6, 'is no image name: lower case letters, digits and single . _ - between, with / between parts')
        .optional(),
    'image-tag': options_text
        .refine(util_reference/* isTag */.dz, 'is no tag: up to 128 letters, digits, . _ -, the first no . or -')
        .optional(),
    tags: options_text
        .default('')
        .transform(lines)
        .superRefine((list, context) => {
        for (const message of list.flatMap(tags/* tagProblem */.qH))
            context.addIssue({ code: 'custom', message });
    }),
    'base-image': options_text.optional(),
    dockerfile: options_text.optional(),
    dockerignore: options_text.optional(),
    'build-kwargs': options_text
        .transform((value, context) => {
        const parsed = (0,build_kwargs/* parseBuildKwargs */.J)(value);
        if (typeof parsed !== 'string')
            return parsed;
        context.addIssue({ code: 'custom', message: parsed });
        return core/* NEVER */.tm;
    })
        .optional(),
    'python-dependencies': options_text.default('').transform(lines),
    'requirements-file': options_text.optional(),
    installer: choice('installer', ['auto', 'pip', 'uv']),
    'env-vars': options_text.default('').transform((value, context) => {
        const variables = {};
        for (const line of lines(value)) {
            const pair = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(line);
            if (!pair?.[1] || pair[1] in variables) {
                context.addIssue({
                    code: 'custom',
                    message: pair?.[1]
                        ? `gives ${pair[1]} twice`
                        : `has a line that is not KEY=VALUE: '${line.split('=')[0] ?? ''}'`
                });
            }
            else
                variables[pair[1]] = pair[2] ?? '';
        }
        return variables;
    }),
    files: options_text.default('').transform(lines),
    // Not `lines`: a continued line keeps its indentation, and a comment is Docker's to read.
    'extra-dockerfile-commands': schemas/* string */.YjP()
        .default('')
        .transform(value => value.split(/\r?\n/).filter(line => line.trim() !== '')),
    'prefect-directory': options_text
        .refine(value => value.startsWith('/'), 'is no absolute path in the image')
        .transform(value => value.replace(/(?<=.)\/+$/, ''))
        .optional(),
    'stored-as-script': options_boolean,
    path: options_text.optional(),
    'base-url': options_text.optional(),
    'tls-config': options_text.optional(),
    'prefect-version': options_text
        .regex(/^[A-Za-z0-9][\w.+!/-]*$/, 'is neither a release nor a git ref')
        .optional(),
    'local-image': options_boolean,
    push: options_boolean,
    assemble: choice('assemble', ['auto', 'append', 'build']),
    force: options_boolean,
    refresh: options_boolean,
    directory: options_text.optional(),
    'load-in': choice('load-in', ['auto', 'image', 'runner']).optional(),
    python: options_text.optional(),
    healthcheck: options_boolean,
    'ignore-healthchecks': options_boolean,
    'output-directory': options_text,
    'upload-artifact': options_boolean,
    'artifact-name': options_text.regex(/^[^":<>|*?\r\n\\/]+$/, 'has a character that GitHub forbids')
});
/** An error about an option that is none of ours, with the nearest that is. */
function unknownOption(name) {
    const near = (0,util_text/* nearest */.p)(name, NAMES);
    return new src_errors/* FlowstoreError */.U3('UNKNOWN_OPTION', `there is no option '${name}'`, {
        hint: near ? `Did you mean '${near}'?` : `There are: ${NAMES.join(', ')}.`
    });
}
// What only an image has, and what only an image to load in has.
const IMAGE_ONLY = [
    'registry-url',
    'image-name',
    'image-tag',
    'tags',
    'assemble',
    'force',
    'prefect-directory'
];
const DAEMON_ONLY = [
    'base-image',
    'dockerfile',
    'dockerignore',
    'build-kwargs',
    'files',
    'extra-dockerfile-commands',
    'base-url',
    'tls-config',
    'local-image',
    'refresh'
];
/** Without an image there is none to be like: `auto` is the interpreter then. */
function loadPlace(given, storage) {
    if (storage === 'docker')
        return given ?? 'image';
    return given === undefined || given === 'auto' ? 'runner' : given;
}
/** Errors about options that would have no effect with the storage asked for. */
function misplaced(given, storage, loadIn) {
    const without = [
        [['directory'], storage === 'local', "'storage: local'"],
        [
            ['stored-as-script', 'path'],
            storage === 'docker' || storage === 'local',
            "'storage: docker' and 'storage: local'"
        ],
        [IMAGE_ONLY, storage === 'docker', "'storage: docker'"],
        [
            DAEMON_ONLY,
            storage === 'docker' || loadIn !== 'runner',
            "'storage: docker' or 'load-in: image'"
        ]
    ];
    const pythonPath = !/^\d+\.\d+$/.test(given['python'] ?? '');
    const idlePython = loadIn === 'image' &&
        'python' in given &&
        ('base-image' in given || 'dockerfile' in given || pythonPath)
        ? [
            new src_errors/* FlowstoreError */.U3('INVALID_OPTION', "the option 'python' chooses an interpreter for 'load-in: runner', or the version of the default base image", { hint: 'With base-image, flows are loaded by the Python of that image.' })
        ]
        : [];
    return [
        ...without.flatMap(([names, fits, what]) => names
            .filter(name => !fits && name in given && given[name] !== specOf(name).default)
            .map(name => new src_errors/* FlowstoreError */.U3('INVALID_OPTION', `the option '${name}' goes with ${what} only`))),
        ...idlePython
    ];
}
/** Errors about the image's name, and about a push that has nowhere to go. */
function referenceErrors(value) {
    const registry = value['registry-url'];
    const errors = [];
    if (value.storage === 'docker' && value.push && registry === undefined) {
        errors.push(new src_errors/* FlowstoreError */.U3('MISSING_OPTION', "the option 'registry-url' is required to push", {
            hint: 'Say where to push to with registry-url, or set push: false.'
        }));
    }
    for (const [name, reference] of [
        ['registry-url', registry && `${registry}/name`],
        ['base-image', value['base-image']]
    ]) {
        if (reference === undefined)
            continue;
        try {
            (0,util_reference/* parseReference */.F2)(reference);
        }
        catch (error) {
            const { hint } = error;
            errors.push(new src_errors/* FlowstoreError */.U3('INVALID_REFERENCE', `the option '${name}' is no image reference: '${value[name] ?? ''}'`, { hint }));
        }
    }
    return errors;
}
/**
 * Checks options. Empty texts count as not given.
 *
 * @param cwd the folder that paths are relative to
 * @throws FlowstoreErrors with every error found
 */
function checkOptions(raw, cwd) {
    const errors = [];
    const given = Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== undefined && value.trim() !== ''));
    for (const name of Object.keys(given))
        if (!NAMES.includes(name))
            errors.push(unknownOption(name));
    const defaults = Object.fromEntries(specs/* OPTION_SPECS */.F.flatMap(spec => (spec.default === undefined ? [] : [[spec.name, spec.default]])));
    const parsed = schema.safeParse({ ...defaults, ...given });
    if (!parsed.success) {
        for (const issue of parsed.error.issues) {
            const name = String(issue.path[0]);
            const missing = !(name in given) && !(name in defaults);
            const code = missing ? 'MISSING_OPTION' : 'INVALID_OPTION';
            errors.push(new src_errors/* FlowstoreError */.U3(code, missing ? `the option '${name}' is required` : `the option '${name}' ${issue.message}`));
        }
    }
    const storage = STORAGES[(given['storage'] ?? 'docker').toLowerCase()] ?? 'docker';
    const loadIn = loadPlace(given['load-in'], storage);
    errors.push(...misplaced(given, storage, loadIn));
    if (parsed.success)
        errors.push(...referenceErrors(parsed.data));
    const { files, errors: fileErrors } = imageFiles(lines(given['files'] ?? ''), cwd);
    errors.push(...fileErrors);
    for (const [name, what] of [
        ['requirements-file', 'requirements file'],
        ['dockerfile', 'Dockerfile'],
        ['dockerignore', 'dockerignore file'],
        ['tls-config', 'folder of certificates']
    ]) {
        const path = given[name];
        if (path && !(0,external_node_fs_.existsSync)((0,external_node_path_.resolve)(cwd, path))) {
            errors.push(new src_errors/* FlowstoreError */.U3('FILE_NOT_FOUND', `the ${what} '${path}' does not exist`, {
                hint: `Looked in ${cwd}.`
            }));
        }
    }
    if (given['dockerfile'] && given['base-image']) {
        // Prefect's words, from 0.7.2 on.
        errors.push(new src_errors/* FlowstoreError */.U3('INVALID_OPTION', 'Only one of `base_image` and `dockerfile` can be provided.'));
    }
    if (given['stored-as-script']?.toLowerCase() === 'true' && !given['path']) {
        errors.push(new src_errors/* FlowstoreError */.U3('MISSING_OPTION', 'A `path` must be provided to show where flow `.py` file is stored.'));
    }
    (0,src_errors/* throwAll */.Kx)(errors);
    const value = parsed.data;
    return {
        flows: value.flows,
        storage: value.storage,
        storageConflict: value['storage-conflict'],
        registryUrl: value['registry-url'],
        imageName: value['image-name'],
        imageTag: value['image-tag'],
        tags: value.tags,
        baseImage: value['base-image'],
        dockerfile: value['dockerfile'],
        dockerignore: value['dockerignore'],
        buildKwargs: value['build-kwargs'] ?? {},
        pythonDependencies: value['python-dependencies'],
        requirementsFile: value['requirements-file'],
        installer: value.installer,
        envVars: value['env-vars'],
        files,
        extraDockerfileCommands: value['extra-dockerfile-commands'],
        prefectDirectory: value['prefect-directory'],
        storedAsScript: value['stored-as-script'],
        path: value.path,
        baseUrl: value['base-url'],
        tlsConfig: value['tls-config'],
        prefectVersion: value['prefect-version'],
        localImage: value['local-image'],
        push: value.push,
        assemble: value.assemble,
        force: value.force,
        refresh: value.refresh,
        directory: value.directory,
        loadIn: loadPlace(value['load-in'], value.storage),
        python: value.python,
        healthcheck: value.healthcheck && !value['ignore-healthchecks'],
        outputDirectory: value['output-directory'],
        uploadArtifact: value['upload-artifact'],
        artifactName: value['artifact-name'],
        given: Object.keys(given).filter(name => given[name] !== specOf(name).default)
    };
}
/** Reads the Action's inputs: variables named `INPUT_` and the input in upper case. */
function inputOptions(env, cwd) {
    return checkOptions(Object.fromEntries(Object.entries(env).flatMap(([name, value]) => name.startsWith('INPUT_') ? [[name.slice(6).toLowerCase().replaceAll(' ', '_'), value]] : [])), cwd);
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

/***/ 40172:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   publishFiles: () => (/* binding */ publishFiles),
/* harmony export */   removeEarlier: () => (/* binding */ removeEarlier)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(51455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var zod__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(9691);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(83916);




const failed = (folder, error) => new _errors_js__WEBPACK_IMPORTED_MODULE_2__/* .FlowstoreError */ .U3('WRITE_FAILED', `can't write to ${folder}: ${error.message}`, {
    hint: 'Say another folder with output-directory.',
    cause: error
});
/** What shows that a report is one of ours, and which files lie beside it. */
const earlierReport = zod__WEBPACK_IMPORTED_MODULE_3__/* .object */ .Ikc({
    outputs: zod__WEBPACK_IMPORTED_MODULE_3__/* .object */ .Ikc({ 'flows-path': zod__WEBPACK_IMPORTED_MODULE_3__/* .string */ .YjP(), image: zod__WEBPACK_IMPORTED_MODULE_3__/* .string */ .YjP() }),
    versions: zod__WEBPACK_IMPORTED_MODULE_3__/* .object */ .Ikc({ flowstore: zod__WEBPACK_IMPORTED_MODULE_3__/* .string */ .YjP() })
});
/**
 * Removes what an earlier run has published into a folder, so that nobody takes it for this run's:
 * the files that its report speaks of. Where there is no report of ours, nothing is touched: a
 * Dockerfile may be the user's own.
 *
 * @throws FlowstoreError WRITE_FAILED
 */
async function removeEarlier(folder) {
    let outputs;
    try {
        const text = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readFile)((0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(folder, 'report.json'), 'utf8');
        outputs = earlierReport.parse(JSON.parse(text)).outputs;
    }
    catch {
        return;
    }
    const names = [
        'storage.json',
        ...(outputs['flows-path'] === '' ? [] : ['flows.json']),
        ...(outputs.image === '' ? [] : ['Dockerfile']),
        // Last, for it tells of the others.
        'report.json'
    ];
    try {
        for (const name of names)
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.rm)((0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(folder, name), { force: true });
    }
    catch (error) {
        throw failed(folder, error);
    }
}
/**
 * Writes files into a folder, all or none: each under a temporary name first, then renamed.
 *
 * @param files name relative to the folder, to content
 * @returns absolute path of each, if the folder is absolute
 * @throws FlowstoreError WRITE_FAILED
 */
async function publishFiles(files, folder) {
    const drafts = [];
    const published = [];
    try {
        for (const [name, content] of files) {
            const path = (0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(folder, name);
            const draft = `${path}.${process.pid}.tmp`;
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.mkdir)((0,node_path__WEBPACK_IMPORTED_MODULE_1__.dirname)(path), { recursive: true });
            drafts.push({ draft, path });
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.writeFile)(draft, content);
        }
        for (const { draft, path } of drafts) {
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.rename)(draft, path);
            published.push(path);
        }
    }
    catch (error) {
        for (const path of [...drafts.map(({ draft }) => draft), ...published]) {
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.rm)(path, { force: true });
        }
        throw failed(folder, error);
    }
    return published;
}


/***/ }),

/***/ 50752:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   summaryMarkdown: () => (/* binding */ summaryMarkdown),
/* harmony export */   terminalError: () => (/* binding */ terminalError),
/* harmony export */   terminalNotice: () => (/* binding */ terminalNotice),
/* harmony export */   terminalReport: () => (/* binding */ terminalReport)
/* harmony export */ });
/* harmony import */ var _util_format_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(32693);

/** What there is to say of the image, if the storage has one. */
const imageLines = ({ outputs }) => [
    ['Image', outputs.image],
    ['Tags', outputs.tags.split('\n').join(', ')],
    ['Digest', outputs.digest]
].filter(([, value]) => value !== '');
const UNCHANGED = 'Unchanged: the registry has this image, made of the same input.';
/** One line of text, whatever a flow is called: a line break could begin a command to the runner. */
const oneLine = (text) => 
// eslint-disable-next-line no-control-regex -- these are what is looked for
text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
/** What a person reads in a terminal when a build is done. */
function terminalReport({ report }) {
    const rows = report.flows.map(flow => [
        flow.name,
        `${flow.module}:${flow.line}`,
        (0,_util_format_js__WEBPACK_IMPORTED_MODULE_0__/* .humanSize */ .X)(flow.size),
        flow.location
    ]);
    const widths = [0, 1, 2].map(column => Math.max(...rows.map(row => (row[column] ?? '').length)));
    const { python, prefect, cloudpickle } = report.versions;
    return [
        `${rows.length} ${rows.length === 1 ? 'flow' : 'flows'} (Python ${python}, Prefect ${prefect}, cloudpickle ${cloudpickle}):`,
        ...rows.map(row => oneLine(`  ${row.map((text, i) => text.padEnd(widths[i] ?? 0)).join('  ')}`).trimEnd()),
        ...imageLines(report).map(([name, value]) => `${name}: ${value}`),
        ...(report.outputs.changed === 'false' ? [UNCHANGED] : []),
        `Storage: ${report.outputs['storage-path']}`
    ].join('\n');
}
/** An error as a terminal shows it: code, message, place, why, what to do. */
function terminalError(error) {
    const place = error.file ? ` (${error.file}${error.line ? `:${error.line}` : ''})` : '';
    return [
        oneLine(`error ${error.code}: ${error.message}${place}`),
        ...(error.detail ?? '')
            .split('\n')
            .filter(Boolean)
            .map(line => `    | ${oneLine(line)}`),
        ...(error.hint ? [`  hint: ${error.hint}`] : [])
    ].join('\n');
}
/** A notice as a terminal shows it. */
const terminalNotice = (notice) => oneLine(`${notice.level}: ${notice.message}`);
/** Text inside a Markdown table's cell: a flow's name may hold anything. */
const cell = (text) => text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_{}[\]()#+!|~-]/g, '\\$&')
    .replace(/\s+/g, ' ');
/** GitHub takes a job summary of 1 MiB. */
const MOST_ROWS = 1000;
/** The job summary: flows, versions and the time of each phase. */
function summaryMarkdown({ report }) {
    const { flows, phases, notices, versions } = report;
    const more = flows.length - MOST_ROWS;
    return [
        `### flowstore: ${flows.length} ${flows.length === 1 ? 'flow' : 'flows'}`,
        '',
        `Python ${versions.python}, Prefect ${versions.prefect}, cloudpickle ${versions.cloudpickle}`,
        '',
        ...imageLines(report).flatMap(([name, value]) => [`${name}: \`${value}\``, '']),
        ...(report.outputs.changed === 'false' ? [UNCHANGED, ''] : []),
        '| Flow | Module | Location | Size |',
        '| --- | --- | --- | --- |',
        ...flows
            .slice(0, MOST_ROWS)
            .map(flow => `| ${cell(flow.name)} | ${cell(flow.module)}:${flow.line} | ${cell(flow.location)} | ${(0,_util_format_js__WEBPACK_IMPORTED_MODULE_0__/* .humanSize */ .X)(flow.size)} |`),
        ...(more > 0 ? ['', `${more} more flows are in report.json.`] : []),
        '',
        phases.map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`).join(', '),
        ...notices.map(notice => `\n> ${notice.level}: ${cell(notice.message)}`),
        ''
    ].join('\n');
}


/***/ })

};
