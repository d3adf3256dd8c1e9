export const id = 367;
export const ids = [367];
export const modules = {

/***/ 21532:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   J: () => (/* binding */ parseBuildKwargs)
/* harmony export */ });
/* harmony import */ var zod__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9691);
/* harmony import */ var _util_text_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(49997);


const words = zod__WEBPACK_IMPORTED_MODULE_1__/* .record */ .g1P(zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(), zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP());
const schema = zod__WEBPACK_IMPORTED_MODULE_1__/* .strictObject */ .rej({
    buildargs: words.optional(),
    target: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP().optional(),
    labels: words.optional(),
    network_mode: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP().optional(),
    platform: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP().optional(),
    nocache: zod__WEBPACK_IMPORTED_MODULE_1__/* .boolean */ .zMY().optional(),
    pull: zod__WEBPACK_IMPORTED_MODULE_1__/* .boolean */ .zMY().optional(),
    extra_hosts: words.optional(),
    shmsize: zod__WEBPACK_IMPORTED_MODULE_1__/* .number */ .aig().int().positive().optional(),
    // Prefect passes these two itself; containers of steps are always removed here.
    rm: zod__WEBPACK_IMPORTED_MODULE_1__/* .boolean */ .zMY().optional(),
    forcerm: zod__WEBPACK_IMPORTED_MODULE_1__/* .boolean */ .zMY().optional()
});
const NAMES = Object.keys(schema.shape);
/**
 * Reads the option `build-kwargs`.
 *
 * @param text a JSON object
 * @returns the arguments, or what is wrong with the text
 */
function parseBuildKwargs(text) {
    let value;
    try {
        value = JSON.parse(text);
    }
    catch (error) {
        return `is no JSON object: ${error.message}`;
    }
    const parsed = schema.safeParse(value);
    if (parsed.success)
        return parsed.data;
    const [issue] = parsed.error.issues;
    if (issue?.code === 'unrecognized_keys') {
        const [key = ''] = issue.keys;
        const near = (0,_util_text_js__WEBPACK_IMPORTED_MODULE_0__/* .nearest */ .p)(key, NAMES);
        return `has no '${key}'${near ? `; did you mean '${near}'?` : `; it takes ${NAMES.join(', ')}`}`;
    }
    return `is wrong at '${issue?.path.join('.') ?? ''}': ${issue?.message ?? ''}`;
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
    directory: options_text.optional(),
    'load-in': choice('load-in', ['image', 'runner']).optional(),
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
const IMAGE_ONLY = ['registry-url', 'image-name', 'image-tag', 'prefect-directory'];
const DAEMON_ONLY = [
    'base-image',
    'dockerfile',
    'dockerignore',
    'build-kwargs',
    'files',
    'extra-dockerfile-commands',
    'base-url',
    'tls-config',
    'local-image'
];
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
            storage === 'docker' || loadIn === 'image',
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
    const loadIn = given['load-in'] ?? (storage === 'docker' ? 'image' : 'runner');
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
        baseImage: value['base-image'],
        dockerfile: value['dockerfile'],
        dockerignore: value['dockerignore'],
        buildKwargs: value['build-kwargs'] ?? {},
        pythonDependencies: value['python-dependencies'],
        requirementsFile: value['requirements-file'],
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
        directory: value.directory,
        loadIn: value['load-in'] ?? (value.storage === 'docker' ? 'image' : 'runner'),
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

/***/ 13137:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   F2: () => (/* binding */ parseReference),
/* harmony export */   Z6: () => (/* binding */ isRepository),
/* harmony export */   dz: () => (/* binding */ isTag),
/* harmony export */   y4: () => (/* binding */ toRepository)
/* harmony export */ });
/* unused harmony export isRegistry */
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(83916);

// The grammar of the OCI distribution specification 1.1, section "Pulling manifests".
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const DIGEST = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/;
const REGISTRY = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::\d+)?$/;
/** Whether a text is a repository path: lower case, components joined by `/`. */
const isRepository = (text) => REPOSITORY.test(text) && text.length <= 255;
/** Whether a text is a tag: up to 128 of letters, digits, `_`, `.` and `-`, not beginning with `.` or `-`. */
const isTag = (text) => TAG.test(text);
/** Whether a text is a registry's host, with or without a port. */
const isRegistry = (text) => REGISTRY.test(text);
/** The nearest valid repository path to a text: what a default name is made with. */
function toRepository(text) {
    const name = text
        .toLowerCase()
        .replace(/[^a-z0-9._/-]+/g, '-')
        .split('/')
        .map(part => part.replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '').replace(/\.{2,}|_{3,}|[._-]{2,}/g, '-'))
        .filter(part => part !== '')
        .join('/');
    return isRepository(name) ? name : 'flows';
}
/**
 * Takes an image reference apart as Docker does: a first component with a dot, a colon or
 * the name `localhost` is the registry, else it is Docker Hub's.
 *
 * @throws FlowstoreError INVALID_REFERENCE
 */
function parseReference(text) {
    const [path = '', digest] = text.split('@', 2);
    const slash = path.indexOf('/');
    const first = slash === -1 ? '' : path.slice(0, slash);
    const hasRegistry = first.includes('.') || first.includes(':') || first === 'localhost';
    const registry = hasRegistry ? first : 'docker.io';
    const rest = hasRegistry ? path.slice(slash + 1) : path;
    const colon = rest.lastIndexOf(':');
    const name = colon === -1 ? rest : rest.slice(0, colon);
    const tag = colon === -1 ? (digest === undefined ? 'latest' : undefined) : rest.slice(colon + 1);
    const repository = registry === 'docker.io' && !name.includes('/') ? `library/${name}` : name;
    const valid = isRegistry(registry) &&
        isRepository(repository) &&
        (tag === undefined || isTag(tag)) &&
        (digest === undefined || DIGEST.test(digest));
    if (!valid) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('INVALID_REFERENCE', `'${text}' is not an image reference`, {
            hint: 'Write [registry[:port]/]repository[:tag][@digest], the repository in lower case.'
        });
    }
    return { registry, repository, tag, digest };
}


/***/ }),

/***/ 49997:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   p: () => (/* binding */ nearest)
/* harmony export */ });
/* harmony import */ var fastest_levenshtein__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(21916);

/** The nearest of some words to a text, or undefined where none is near. */
function nearest(text, words) {
    const [best] = words
        .map(word => ({ word, far: (0,fastest_levenshtein__WEBPACK_IMPORTED_MODULE_0__/* .distance */ .Io)(text.toLowerCase(), word) }))
        .sort((a, b) => a.far - b.far);
    return best && best.far <= Math.max(2, best.word.length / 3) ? best.word : undefined;
}


/***/ })

};
