export const id = 367;
export const ids = [367];
export const modules = {

/***/ 21916:
/***/ ((__unused_webpack_module, exports) => {

var __webpack_unused_export__;

__webpack_unused_export__ = true;
exports.Io = __webpack_unused_export__ = void 0;
var peq = new Uint32Array(0x10000);
var myers_32 = function (a, b) {
    var n = a.length;
    var m = b.length;
    var lst = 1 << (n - 1);
    var pv = -1;
    var mv = 0;
    var sc = n;
    var i = n;
    while (i--) {
        peq[a.charCodeAt(i)] |= 1 << i;
    }
    for (i = 0; i < m; i++) {
        var eq = peq[b.charCodeAt(i)];
        var xv = eq | mv;
        eq |= ((eq & pv) + pv) ^ pv;
        mv |= ~(eq | pv);
        pv &= eq;
        if (mv & lst) {
            sc++;
        }
        if (pv & lst) {
            sc--;
        }
        mv = (mv << 1) | 1;
        pv = (pv << 1) | ~(xv | mv);
        mv &= xv;
    }
    i = n;
    while (i--) {
        peq[a.charCodeAt(i)] = 0;
    }
    return sc;
};
var myers_x = function (b, a) {
    var n = a.length;
    var m = b.length;
    var mhc = [];
    var phc = [];
    var hsize = Math.ceil(n / 32);
    var vsize = Math.ceil(m / 32);
    for (var i = 0; i < hsize; i++) {
        phc[i] = -1;
        mhc[i] = 0;
    }
    var j = 0;
    for (; j < vsize - 1; j++) {
        var mv_1 = 0;
        var pv_1 = -1;
        var start_1 = j * 32;
        var vlen_1 = Math.min(32, m) + start_1;
        for (var k = start_1; k < vlen_1; k++) {
            peq[b.charCodeAt(k)] |= 1 << k;
        }
        for (var i = 0; i < n; i++) {
            var eq = peq[a.charCodeAt(i)];
            var pb = (phc[(i / 32) | 0] >>> i) & 1;
            var mb = (mhc[(i / 32) | 0] >>> i) & 1;
            var xv = eq | mv_1;
            var xh = ((((eq | mb) & pv_1) + pv_1) ^ pv_1) | eq | mb;
            var ph = mv_1 | ~(xh | pv_1);
            var mh = pv_1 & xh;
            if ((ph >>> 31) ^ pb) {
                phc[(i / 32) | 0] ^= 1 << i;
            }
            if ((mh >>> 31) ^ mb) {
                mhc[(i / 32) | 0] ^= 1 << i;
            }
            ph = (ph << 1) | pb;
            mh = (mh << 1) | mb;
            pv_1 = mh | ~(xv | ph);
            mv_1 = ph & xv;
        }
        for (var k = start_1; k < vlen_1; k++) {
            peq[b.charCodeAt(k)] = 0;
        }
    }
    var mv = 0;
    var pv = -1;
    var start = j * 32;
    var vlen = Math.min(32, m - start) + start;
    for (var k = start; k < vlen; k++) {
        peq[b.charCodeAt(k)] |= 1 << k;
    }
    var score = m;
    for (var i = 0; i < n; i++) {
        var eq = peq[a.charCodeAt(i)];
        var pb = (phc[(i / 32) | 0] >>> i) & 1;
        var mb = (mhc[(i / 32) | 0] >>> i) & 1;
        var xv = eq | mv;
        var xh = ((((eq | mb) & pv) + pv) ^ pv) | eq | mb;
        var ph = mv | ~(xh | pv);
        var mh = pv & xh;
        score += (ph >>> (m - 1)) & 1;
        score -= (mh >>> (m - 1)) & 1;
        if ((ph >>> 31) ^ pb) {
            phc[(i / 32) | 0] ^= 1 << i;
        }
        if ((mh >>> 31) ^ mb) {
            mhc[(i / 32) | 0] ^= 1 << i;
        }
        ph = (ph << 1) | pb;
        mh = (mh << 1) | mb;
        pv = mh | ~(xv | ph);
        mv = ph & xv;
    }
    for (var k = start; k < vlen; k++) {
        peq[b.charCodeAt(k)] = 0;
    }
    return score;
};
var distance = function (a, b) {
    if (a.length < b.length) {
        var tmp = b;
        b = a;
        a = tmp;
    }
    if (b.length === 0) {
        return a.length;
    }
    if (a.length <= 32) {
        return myers_32(a, b);
    }
    return myers_x(a, b);
};
exports.Io = distance;
var closest = function (str, arr) {
    var min_distance = Infinity;
    var min_index = 0;
    for (var i = 0; i < arr.length; i++) {
        var dist = distance(str, arr[i]);
        if (dist < min_distance) {
            min_distance = dist;
            min_index = i;
        }
    }
    return arr[min_index];
};
__webpack_unused_export__ = closest;


/***/ }),

/***/ 21532:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   J: () => (/* binding */ parseBuildKwargs),
/* harmony export */   u: () => (/* binding */ addedStepKwargs)
/* harmony export */ });
/* harmony import */ var zod__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9691);
/* harmony import */ var _util_text_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(49997);


/** The arguments for steps beyond the user's own Dockerfile: what only that takes is in its image already. */
const addedStepKwargs = ({ labels, network_mode, platform, nocache, extra_hosts, shmsize }) => ({ labels, network_mode, platform, nocache, extra_hosts, shmsize });
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

/***/ 99493:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   o5: () => (/* binding */ commitNames),
/* harmony export */   qH: () => (/* binding */ tagProblem),
/* harmony export */   yN: () => (/* binding */ resolveTags)
/* harmony export */ });
/* harmony import */ var _util_reference_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(13137);
/* harmony import */ var _util_text_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(49997);


const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;
const NAMES = ['branch', 'sha', 'pr', 'version'];
/** What is wrong with a template, if anything. */
function tagProblem(template) {
    const unknown = [...template.matchAll(PLACEHOLDER)]
        .map(([, name = '']) => name)
        .filter(name => !NAMES.some(known => known === name));
    if (unknown.length > 0) {
        const near = (0,_util_text_js__WEBPACK_IMPORTED_MODULE_1__/* .nearest */ .p)(unknown[0] ?? '', NAMES);
        return [
            `has a tag with '{{ ${unknown.join(' }}, {{ ')} }}'; there are ${NAMES.map(name => `{{ ${name} }}`).join(', ')}${near ? `; did you mean '${near}'?` : ''}`
        ];
    }
    return (0,_util_reference_js__WEBPACK_IMPORTED_MODULE_0__/* .isTag */ .dz)(template.replace(PLACEHOLDER, 'x'))
        ? []
        : [`has '${template}', which is no tag: up to 128 letters, digits, . _ -, the first no . or -`];
}
/**
 * What a CI service says of the commit in its variables: GitHub (`GITHUB_*`), GitLab (`CI_*`), Jenkins
 * (`BRANCH_NAME`, `GIT_COMMIT`, `CHANGE_ID`, `TAG_NAME`).
 */
function commitNames(env) {
    const given = (name) => env[name] || undefined;
    const ref = given('GITHUB_REF') ?? '';
    const tag = /^refs\/tags\/(.+)$/.exec(ref)?.[1] ?? given('CI_COMMIT_TAG') ?? given('TAG_NAME');
    return {
        branch: given('GITHUB_HEAD_REF') ??
            /^refs\/heads\/(.+)$/.exec(ref)?.[1] ??
            given('CI_MERGE_REQUEST_SOURCE_BRANCH_NAME') ??
            given('CI_COMMIT_BRANCH') ??
            given('CHANGE_BRANCH') ??
            given('BRANCH_NAME'),
        sha: given('GITHUB_SHA') ?? given('CI_COMMIT_SHA') ?? given('GIT_COMMIT'),
        pr: /^refs\/pull\/(\d+)\//.exec(ref)?.[1] ?? given('CI_MERGE_REQUEST_IID') ?? given('CHANGE_ID'),
        version: tag?.replace(/^v(?=\d)/, '')
    };
}
/**
 * The tags that templates stand for. `{{ sha }}` is the first seven characters; characters that a tag
 * can't have become `-`.
 *
 * @returns the tags, each once, and the templates that have no value for this commit
 */
function resolveTags(templates, commit) {
    const tags = new Set();
    const left = [];
    for (const template of templates) {
        let whole = true;
        const tag = template.replace(PLACEHOLDER, (_all, name) => {
            const value = commit[name];
            whole &&= value !== undefined;
            return (name === 'sha' ? value?.slice(0, 7) : value) ?? '';
        });
        const valid = tag
            .replace(/[^\w.-]+/g, '-')
            .replace(/^[.-]+/, '')
            .slice(0, 128);
        if (whole && (0,_util_reference_js__WEBPACK_IMPORTED_MODULE_0__/* .isTag */ .dz)(valid))
            tags.add(valid);
        else
            left.push(template);
    }
    return { tags: [...tags], left };
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
