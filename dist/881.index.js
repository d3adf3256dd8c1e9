export const id = 881;
export const ids = [881];
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

/***/ 39881:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  buildStorage: () => (/* binding */ buildStorage)
});

// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(76760);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(51455);
// EXTERNAL MODULE: ./node_modules/picomatch/index.js
var picomatch = __webpack_require__(14006);
var picomatch_default = /*#__PURE__*/__webpack_require__.n(picomatch);
// EXTERNAL MODULE: ./src/errors.ts
var src_errors = __webpack_require__(83916);
;// CONCATENATED MODULE: ./src/discover/modules.ts




const DOTTED_MODULE = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;
/** Takes `path.py:flow name` and `package.module:flow name` apart; a drive letter is not a flow. */
function parseSpec(text) {
    const python = /^(.+?\.py):(.+)$/s.exec(text);
    if (python?.[1] && python[2])
        return { text, target: toPosix(python[1]), flow: python[2].trim() };
    const dotted = /^([\w.]+):(.+)$/s.exec(text);
    if (dotted?.[1] && dotted[2] && DOTTED_MODULE.test(dotted[1]) && dotted[1].length > 1)
        return { text, target: dotted[1], flow: dotted[2].trim() };
    return { text, target: toPosix(text), flow: null };
}
function toPosix(path) {
    return external_node_path_.sep === '\\' ? path.replaceAll('\\', '/') : path;
}
/** The path below the root, or undefined where it leaves it. */
function belowRoot(root, path) {
    const below = toPosix((0,external_node_path_.relative)(root, (0,external_node_path_.isAbsolute)(path) ? path : (0,external_node_path_.join)(root, path)));
    return below === '..' || below.startsWith('../') || (0,external_node_path_.isAbsolute)(below) ? undefined : below;
}
async function kindOf(path) {
    try {
        const stats = await (0,promises_.stat)(path);
        return stats.isDirectory() ? 'folder' : 'file';
    }
    catch {
        return undefined;
    }
}
/** Left out of folder walks and globs: packages' own files, tests, hidden folders, set-up scripts. */
function isWalked(path) {
    const parts = path.split('/');
    const name = parts.pop() ?? '';
    return (name.endsWith('.py') &&
        name !== '__init__.py' &&
        name !== 'setup.py' &&
        name !== 'conftest.py' &&
        !/^test_|_test\.py$/.test(name) &&
        !name.startsWith('.') &&
        !parts.some(part => part.startsWith('.') || part === 'tests' || part === 'test'));
}
const isGlob = (target) => picomatch_default().scan(target).isGlob;
/**
 * The files that `flows` names outright and that exist: they are sources whatever the ignore rules say.
 *
 * @returns paths relative to the root
 */
async function namedFiles(root, flows) {
    const named = [];
    for (const { target } of flows.map(parseSpec)) {
        const path = belowRoot(root, target);
        if (path && (await kindOf((0,external_node_path_.join)(root, path))) === 'file')
            named.push(path);
    }
    return named;
}
/**
 * Resolves the option `flows` to the modules to load: in the order given, within a folder or a glob
 * sorted by path, each module once (specs that name flows of one module are joined).
 *
 * @param sources what the load will see
 * @param flows files, folders, globs, `path.py:flow name`, `package.module` or `package.module:flow name`
 * @throws FlowstoreError MODULE_NOT_FOUND, naming every spec that matches nothing
 */
async function discoverModules(sources, flows) {
    const { root } = sources;
    const paths = sources.files.map(file => file.path);
    const errors = [];
    const found = new Map();
    const take = (file, flow, explicit) => {
        const known = found.get(file);
        const names = known === undefined
            ? flow === null
                ? null
                : [flow]
            : known.flows === null || flow === null
                ? null
                : [...new Set([...known.flows, flow])];
        found.set(file, { file, flows: names, explicit: explicit || (known?.explicit ?? false) });
    };
    const missing = (message, hint) => {
        errors.push(new src_errors/* FlowstoreError */.U3('MODULE_NOT_FOUND', message, { hint }));
    };
    for (const spec of flows.map(parseSpec)) {
        const path = belowRoot(root, spec.target);
        if (path === undefined) {
            missing(`'${spec.text}' lies outside the working directory`, 'Flow modules are loaded from the repository: run from its root, or set the working directory.');
            continue;
        }
        const kind = await kindOf((0,external_node_path_.join)(root, path));
        if (kind === 'file') {
            if (path.endsWith('.py'))
                take(path, spec.flow, true);
            else
                missing(`'${spec.text}' is not a Python module (.py)`);
        }
        else if (kind === 'folder') {
            const prefix = path === '' ? '' : `${path}/`;
            const below = paths.filter(file => file.startsWith(prefix) && isWalked(file.slice(prefix.length)));
            for (const file of below)
                take(file, spec.flow, false);
            if (below.length === 0) {
                missing(`the folder '${spec.text}' has no flow modules`, 'Folder walks leave out __init__.py, setup.py, tests, hidden folders and what .gitignore or .dockerignore excludes; name such a file directly.');
            }
        }
        else if (isGlob(path)) {
            const matches = picomatch_default()(path, { dot: false });
            const matched = paths.filter(file => matches(file) && isWalked(file));
            for (const file of matched)
                take(file, spec.flow, false);
            if (matched.length === 0) {
                missing(`the pattern '${spec.text}' matches no Python module`, 'Patterns are relative to the working directory and, like folder walks, leave out __init__.py, setup.py, tests and ignored files.');
            }
        }
        else if (DOTTED_MODULE.test(spec.target) && !spec.target.endsWith('.py')) {
            const file = moduleFile(spec.target, new Set(paths));
            if (file)
                take(file, spec.flow, true);
            else {
                missing(`there is no file, folder or module '${spec.text}'`, `Looked for ${moduleCandidates(spec.target).join(', ')}.`);
            }
        }
        else {
            missing(`'${spec.text}' does not exist`, `Looked in ${root}.`);
        }
    }
    (0,src_errors/* throwAll */.Kx)(errors);
    return [...found.values()];
}
function moduleCandidates(module) {
    const path = module.replaceAll('.', '/');
    return ['', 'src/'].flatMap(prefix => [`${prefix}${path}.py`, `${prefix}${path}/__init__.py`]);
}
function moduleFile(module, paths) {
    return moduleCandidates(module).find(candidate => paths.has(candidate));
}

// EXTERNAL MODULE: ./src/discover/sources.ts
var discover_sources = __webpack_require__(28049);
// EXTERNAL MODULE: ./src/load/requirements.ts + 1 modules
var load_requirements = __webpack_require__(64272);
// EXTERNAL MODULE: ./src/util/format.ts
var format = __webpack_require__(32693);
// EXTERNAL MODULE: ./src/util/reference.ts
var util_reference = __webpack_require__(13137);
;// CONCATENATED MODULE: ./src/phases/discover.ts






/** Sources above this are worth a look: each load copies or reads them. */
const BIG_SOURCES = 100 * 1024 * 1024;
async function discover(options, surroundings, log, defer) {
    const { cwd } = surroundings;
    const output = (0,external_node_path_.relative)(cwd, (0,external_node_path_.resolve)(cwd, options.outputDirectory)).replaceAll(external_node_path_.sep, '/');
    const named = await namedFiles(cwd, options.flows);
    const sources = await (0,discover_sources/* listSources */.rP)(cwd, [output], named);
    const modules = await discoverModules(sources, options.flows);
    log.info(`${modules.length} ${modules.length === 1 ? 'module' : 'modules'} to look for flows in; the repository has ${sources.files.length} files, ${(0,format/* humanSize */.X)(sources.size)}`);
    if (sources.size > BIG_SOURCES) {
        const largest = (0,discover_sources/* largestFiles */.Sd)(sources, 3).map(file => `${file.path} (${(0,format/* humanSize */.X)(file.size)})`);
        log.notice({
            level: 'notice',
            message: `the sources are big, ${(0,format/* humanSize */.X)(sources.size)}: ${largest.join(', ')}; .dockerignore leaves files out`
        });
    }
    const requirements = await (0,load_requirements/* readRequirements */.F2)(cwd, options.pythonDependencies, options.requirementsFile, { env: surroundings.env, cache: surroundings.cache, log });
    const archives = await (0,load_requirements/* localArchives */.$K)(cwd, requirements);
    return {
        options,
        surroundings,
        log,
        sources: archives.length === 0 ? sources : await (0,discover_sources/* listSources */.rP)(cwd, [output], [...named, ...archives]),
        modules,
        requirements,
        defer
    };
}
/** The image's name below its registry. */
const imageName = ({ options, surroundings: { cwd, env } }) => options.imageName ?? (0,util_reference/* toRepository */.y4)((0,external_node_path_.basename)(env['GITHUB_REPOSITORY'] ?? cwd));

// EXTERNAL MODULE: ./src/prefect/rules.ts
var prefect_rules = __webpack_require__(6148);
;// CONCATENATED MODULE: ./src/load/flows.ts


function flowsOf({ result, pickles }, versions) {
    return result.flows.map(({ file, serialized, ...flow }) => {
        const bytes = pickles.get(file);
        if (bytes === undefined) {
            throw new src_errors/* FlowstoreError */.U3('LOAD_FAILED', `the pickle of flow "${flow.name}" is missing`);
        }
        return { ...flow, bytes, versions, serialized: serialized ?? undefined };
    });
}
/**
 * Imports modules where Python runs, and serializes every flow that they bind.
 *
 * @param helpers how modules of the repository travel: beside the pickles, or inside them
 * @param storageLabels labels that the storage gives its flows; where they are given and the release
 * reads flows.json, flows get {@link Flow.serialized}
 * @param expected the interpreter that the flows must be loaded by; default any
 * @returns the flows, or every problem of every module; no flow at all is a problem, FLOW_NOT_FOUND
 * @throws FlowstoreError LOAD_FAILED where Python gives no result
 */
async function loadFlows(place, modules, helpers, storageLabels, expected) {
    const loaded = await place.load({
        modules,
        helpers,
        pickleProtocols: prefect_rules/* PICKLE_PROTOCOLS */.t,
        expect: expected ?? null,
        flowsJson: storageLabels ? { ...prefect_rules/* FLOWS_JSON */.vh, labels: storageLabels } : null
    });
    const { result, log } = loaded;
    const { differences, helpers: shipped, dependencies } = result;
    const problems = result.problems.map(errorOf);
    const unregistrable = result.unregistrable.map(errorOf);
    const nothing = { python: '', prefect: '', cloudpickle: '' };
    if (differences.length > 0) {
        const found = { flows: [], versions: nothing, helpers: [], problems, unregistrable };
        return { ...found, dependencies, differences, log };
    }
    if (problems.length === 0 && result.versions === null) {
        problems.push(new src_errors/* FlowstoreError */.U3('LOAD_FAILED', 'the loader gave no versions'));
    }
    const versions = result.versions ?? nothing;
    const flows = flowsOf(loaded, versions);
    const incomplete = problems.length === 0 &&
        unregistrable.length === 0 &&
        storageLabels &&
        (0,prefect_rules/* rulesFor */.NP)(versions.prefect).flowsJson
        ? flows.find(flow => flow.serialized === undefined)
        : undefined;
    if (incomplete) {
        throw new src_errors/* FlowstoreError */.U3('LOAD_FAILED', `flow "${incomplete.name}" came without its fields`, {
            file: incomplete.module,
            line: incomplete.line
        });
    }
    if (problems.length === 0 && flows.length === 0)
        problems.push(noFlow(modules));
    return {
        ...{ flows, versions, helpers: shipped, problems, unregistrable, dependencies },
        ...{ differences, log }
    };
}
const errorOf = ({ code, message, file, line, detail, hint }) => new src_errors/* FlowstoreError */.U3(code, message, {
    file: file ?? undefined,
    line: line ?? undefined,
    detail: detail ?? undefined,
    hint: hint ?? undefined
});
/** The error that there is nothing to store. */
const noFlow = (modules) => new src_errors/* FlowstoreError */.U3('FLOW_NOT_FOUND', `no flow in ${modules.map(module => module.file).join(', ')}`, {
    hint: 'A flow is a prefect.Flow bound at module level, also in a list or dict there.'
});

// EXTERNAL MODULE: ./src/load/container.ts + 1 modules
var container = __webpack_require__(82497);
// EXTERNAL MODULE: ./src/load/environment.ts
var load_environment = __webpack_require__(53001);
// EXTERNAL MODULE: ./src/load/interpreter.ts
var interpreter = __webpack_require__(12658);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(48161);
;// CONCATENATED MODULE: ./src/storage/flows-json.ts

/**
 * Labels that a storage gives its flows: local files are on this machine alone, so Prefect's local
 * storage names it. Undefined for storages that no release with a flows.json has a class for.
 */
function storageLabels(kind) {
    if (kind === 'local')
        return [(0,external_node_os_.hostname)()];
    return kind === 'docker' ? [] : undefined;
}
/** As Python sorts text: by code point, where JavaScript takes half of a surrogate pair for one. */
const byCodePoint = (one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other));
/** JSON of an object from the JSON of its fields, keys sorted. */
const objectJson = (fields) => `{${Object.entries(fields)
    .sort(([one], [other]) => byCodePoint(one, other))
    .map(([name, json]) => `${JSON.stringify(name)}: ${json}`)
    .join(', ')}}`;
function sortedJson(value) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        return JSON.stringify(value);
    }
    return objectJson(Object.fromEntries(Object.entries(value).map(([name, field]) => [name, sortedJson(field)])));
}
/**
 * The document that `prefect register --json` takes: every flow of a storage, each with that storage,
 * sorted by name as `prefect build` writes them.
 *
 * @returns undefined where the storage's release reads none or has no class for the storage, and
 * where a flow came without its serialized form
 */
function flowsJson(storage) {
    if (!storage.rules.flowsJson || !storage.readable)
        return undefined;
    const serialized = sortedJson(storage.serialize());
    const flows = [];
    for (const flow of [...storage.added.values()].sort((a, b) => byCodePoint(a.name, b.name))) {
        if (flow.serialized === undefined)
            return undefined;
        flows.push(objectJson({ ...flow.serialized, storage: serialized }));
    }
    return `{"flows": [${flows.join(', ')}], "version": 1}\n`;
}

// EXTERNAL MODULE: ./node_modules/zod/v4/classic/schemas.js + 15 modules
var schemas = __webpack_require__(9691);
// EXTERNAL MODULE: ./node_modules/zod/v4/core/core.js
var core = __webpack_require__(88532);
// EXTERNAL MODULE: ./src/options/build-kwargs.ts
var build_kwargs = __webpack_require__(21532);
;// CONCATENATED MODULE: ./src/storage/own.ts



const OURS = {
    Docker: 'docker',
    Local: 'local',
    LocalStorage: 'local',
    Memory: 'memory',
    Bytes: 'bytes'
};
const words = schemas/* array */.YOg(schemas/* string */.YjP());
const table = schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* string */.YjP());
/** Prefect's parameter, the option that it is here, and how it is read. */
const SCALARS = [
    ['registry_url', 'registry-url', 'registryUrl', schemas/* string */.YjP()],
    ['image_name', 'image-name', 'imageName', schemas/* string */.YjP()],
    ['image_tag', 'image-tag', 'imageTag', schemas/* string */.YjP()],
    ['base_image', 'base-image', 'baseImage', schemas/* string */.YjP()],
    ['dockerfile', 'dockerfile', 'dockerfile', schemas/* string */.YjP()],
    ['dockerignore', 'dockerignore', 'dockerignore', schemas/* string */.YjP()],
    ['prefect_version', 'prefect-version', 'prefectVersion', schemas/* string */.YjP()],
    ['local_image', 'local-image', 'localImage', schemas/* boolean */.zMY()],
    ['prefect_directory', 'prefect-directory', 'prefectDirectory', schemas/* string */.YjP()],
    ['path', 'path', 'path', schemas/* string */.YjP()],
    ['stored_as_script', 'stored-as-script', 'storedAsScript', schemas/* boolean */.zMY()],
    ['directory', 'directory', 'directory', schemas/* string */.YjP()],
    [
        'build_kwargs',
        'build-kwargs',
        'buildKwargs',
        schemas/* unknown */.L5J().transform((value, context) => {
            const parsed = (0,build_kwargs/* parseBuildKwargs */.J)(JSON.stringify(value));
            if (typeof parsed !== 'string')
                return parsed;
            context.addIssue({ code: 'custom', message: parsed });
            return core/* NEVER */.tm;
        })
    ]
];
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const shown = (value) => typeof value === 'string' ? value : JSON.stringify(value);
const onlySources = (value, _options, isDeclared) => isDeclared(String(value));
const notFromContainers = (_value, { storage, loadIn }) => storage === 'docker' || loadIn === 'runner';
/** When a module may say what no option says; what is not here, always. */
const ALLOWED = {
    dockerfile: onlySources,
    dockerignore: onlySources,
    directory: notFromContainers,
    path: notFromContainers,
    stored_as_script: notFromContainers,
    build_kwargs: value => {
        const { network_mode: network, extra_hosts: hosts } = value;
        return network === undefined && hosts === undefined;
    }
};
/**
 * Puts the storages that modules give their flows under the options: what an option says wins and a
 * notice names the difference; what no option says is taken; lists and tables are joined. Flows whose
 * storage is none of ours (S3, GCS, GitHub, …) are left alone, unless `storage` is given.
 *
 * A module is somebody's code, so it gets no file of the machine into an image that is none of the
 * sources, and what was loaded in a container chooses no path on the machine.
 *
 * @param isDeclared tells whether a path, relative to the working directory, is a file of the sources
 */
function mergeOwnStorages(options, flows, isDeclared) {
    const notices = [];
    const conflicts = [];
    const kept = [];
    const secrets = new Set();
    const merged = { ...options };
    const from = new Map();
    const differ = (flow, message) => {
        const at = { file: flow.module, line: flow.line };
        notices.push({ level: 'notice', message: `flow "${flow.name}": ${message}`, ...at });
        conflicts.push(new src_errors/* FlowstoreError */.U3('STORAGE_CONFLICT', `flow "${flow.name}": ${message}`, {
            ...at,
            hint: 'Take the storage out of the module, or set storage-conflict: merge.'
        }));
    };
    for (const flow of flows) {
        const { storage } = flow;
        const kind = storage === null ? undefined : OURS[storage.type];
        if (storage !== null && kind === undefined && !options.given.includes('storage')) {
            notices.push({
                level: 'notice',
                message: `flow "${flow.name}" has ${storage.type} storage of its own and is left alone; set storage to store it here`,
                file: flow.module,
                line: flow.line
            });
            continue;
        }
        kept.push(flow);
        if (flow.runImage !== null && options.storage === 'docker') {
            differ(flow, `its run_config asks for the image ${flow.runImage}; agents run it in the storage's image`);
        }
        if (storage === null)
            continue;
        if (kind !== options.storage) {
            differ(flow, `its own storage is ${storage.type}; it is stored in ${options.storage} storage`);
            continue;
        }
        const own = storage.options;
        const take = (name, schema) => {
            if (own[name] === undefined)
                return undefined;
            const parsed = schema.safeParse(own[name]);
            if (parsed.success)
                return parsed.data;
            differ(flow, `its ${name} can't be read: ${parsed.error.issues[0]?.message ?? ''}`);
            return undefined;
        };
        for (const [name, option, key, schema] of SCALARS) {
            const value = take(name, schema);
            if (value === undefined || same(value, merged[key]))
                continue;
            const allowed = ALLOWED[name]?.(value, options, isDeclared) ?? true;
            if (!options.given.includes(option) && !allowed) {
                differ(flow, `its ${name} ${shown(value)} is not taken from a module: say it as an option`);
                continue;
            }
            if (options.given.includes(option)) {
                differ(flow, `its ${name} is ${shown(value)}; the option says ${shown(options[key])}`);
            }
            else if (from.has(key)) {
                differ(flow, `its ${name} is ${shown(value)}, that of flow "${from.get(key) ?? ''}" is ${shown(merged[key])}, which holds`);
            }
            else {
                merged[key] = value;
                from.set(key, flow.name);
            }
        }
        for (const [name, key] of [
            ['python_dependencies', 'pythonDependencies'],
            ['extra_dockerfile_commands', 'extraDockerfileCommands']
        ]) {
            const have = merged[key];
            merged[key] = [...have, ...(take(name, words) ?? []).filter(word => !have.includes(word))];
        }
        const variables = merged['envVars'];
        for (const [name, value] of Object.entries(take('env_vars', table) ?? {})) {
            if (variables[name] === undefined) {
                merged['envVars'] = { ...merged['envVars'], [name]: value };
            }
            else if (variables[name] !== value) {
                differ(flow, `its env_vars have another ${name}; the first one holds`);
            }
        }
        const files = merged['files'];
        for (const [source, destination] of Object.entries(take('files', table) ?? {})) {
            const taken = files.find(file => file.destination === destination);
            if (taken === undefined && !isDeclared(source)) {
                differ(flow, `its files name ${source}, which is no file of the declared sources`);
            }
            else if (taken === undefined) {
                merged['files'] = [...merged['files'], { source, destination }];
            }
            else if (taken !== undefined && taken.source !== source) {
                differ(flow, `its files put ${source} at ${destination}, where ${taken.source} goes`);
            }
        }
        if (take('ignore_healthchecks', schemas/* boolean */.zMY()) && options.healthcheck) {
            differ(flow, 'it ignores healthchecks; they are made');
        }
        for (const secret of take('secrets', words) ?? [])
            secrets.add(secret);
    }
    return {
        options: merged,
        secrets: [...secrets],
        flows: kept,
        notices,
        conflicts
    };
}
/** What of the options makes the environment image. */
const ENVIRONMENT = [
    'baseImage',
    'dockerfile',
    'dockerignore',
    'buildKwargs',
    'pythonDependencies',
    'envVars',
    'files',
    'extraDockerfileCommands',
    'prefectDirectory',
    'prefectVersion',
    'localImage'
];
/** Whether two sets of options make the same environment image. */
const sameEnvironment = (one, other) => ENVIRONMENT.every(key => same(one[key], other[key]));

// EXTERNAL MODULE: external "node:http"
var external_node_http_ = __webpack_require__(37067);
;// CONCATENATED MODULE: ./src/registry/answer.ts


/** Whether an answer says that the request was done. */
const isDone = ({ status }) => status >= 200 && status < 300;
/** Reads a response to its end, so that its connection can be used again. */
async function readAnswer(response, url) {
    return {
        status: response.status,
        headers: response.headers,
        body: Buffer.from(await response.arrayBuffer()),
        url
    };
}
// OCI distribution 1.1, "Error Codes". `detail` may be of any form, and is left out.
const errorsSchema = schemas/* object */.Ikc({
    errors: schemas/* array */.YOg(schemas/* object */.Ikc({ code: schemas/* string */.YjP().optional(), message: schemas/* string */.YjP().optional() }))
});
// What token services write: OAuth 2.0's form, and Docker Hub's.
const tokenErrorSchema = schemas/* object */.Ikc({
    error: schemas/* string */.YjP().optional(),
    error_description: schemas/* string */.YjP().optional(),
    details: schemas/* string */.YjP().optional(),
    message: schemas/* string */.YjP().optional()
});
function partsOf(text) {
    let json;
    try {
        json = JSON.parse(text);
    }
    catch {
        return [];
    }
    const errors = errorsSchema.safeParse(json);
    if (errors.success) {
        return errors.data.errors.map(({ code, message }) => [code, message].filter(Boolean).join(': '));
    }
    const { error, error_description, details, message } = tokenErrorSchema.safeParse(json).data ?? {};
    return [[error, error_description ?? details ?? message].filter(Boolean).join(': ')];
}
/**
 * The registry's own words of why it did not do a request, or the status in words where it has
 * none. The page of a proxy is nobody's words.
 */
function wordsOf({ body, status }) {
    const text = body.toString('utf8').trim();
    const words = partsOf(text).filter(part => part !== '');
    if (words.length > 0)
        return words.join('; ').slice(0, 500);
    return (text.startsWith('<') ? '' : text.slice(0, 500)) || statusWords(status);
}
/** A status in words. */
const statusWords = (status) => external_node_http_.STATUS_CODES[status] ?? `status ${status}`;

;// CONCATENATED MODULE: ./src/registry/challenge.ts
/**
 * Reads a WWW-Authenticate header: its bearer challenge where it has one, else a basic one.
 *
 * @returns undefined for a header with neither
 */
function parseChallenge(header) {
    const bearer = /(?:^|,)\s*bearer\s+(.*)$/i.exec(header ?? '')?.[1];
    const part = (name) => {
        const found = new RegExp(`(?:^|[\\s,])${name}=(?:"([^"]*)"|([^\\s",]+))`, 'i').exec(bearer ?? '');
        return found?.[1] ?? found?.[2];
    };
    const realm = part('realm');
    if (realm !== undefined) {
        const scopes = part('scope')?.split(' ') ?? [];
        return {
            scheme: 'bearer',
            realm,
            service: part('service') ?? '',
            scopes: scopes.filter(scope => /^[^:]+:.+:[^:]+$/.test(scope)),
            error: part('error')
        };
    }
    return /(?:^|,)\s*basic(?:\s|$)/i.test(header ?? '') ? { scheme: 'basic' } : undefined;
}
/** Whether a scope lets everything in that another asks for: `repository:NAME:ACTION,ACTION`. */
function covers(scope, asked) {
    const [own, other] = [scope, asked].map(text => {
        const colon = text.lastIndexOf(':');
        return { name: text.slice(0, colon), actions: text.slice(colon + 1).split(',') };
    });
    return (own?.name === other?.name && !!other?.actions.every(action => own?.actions.includes(action)));
}

;// CONCATENATED MODULE: ./src/registry/host.ts
/** Whether a registry's host is this machine, where plain HTTP does no harm. */
const isLoopback = (host) => /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/.test(host);
/** The host that answers for a registry as image references name it. */
const hostOf = (registry) => registry === 'docker.io' ? 'registry-1.docker.io' : registry;

;// CONCATENATED MODULE: ./src/registry/authorizer.ts




const tokenSchema = schemas/* object */.Ikc({
    token: schemas/* string */.YjP().optional(),
    access_token: schemas/* string */.YjP().optional()
});
/** A no from the token service is a no from the registry; its 404 must not read as a missing image. */
const asRefusal = (answer) => answer.status >= 500 || [403, 408, 429].includes(answer.status)
    ? answer
    : { ...answer, status: 401 };
/**
 * Answers a registry's challenges with one login: the login itself (Basic), or a token for a set of
 * scopes that is asked for once (Distribution's "Token Authentication Specification").
 */
class Authorizer {
    credentials;
    askService;
    tokens = new Map();
    secrets = new Set();
    bearer;
    basic;
    constructor(credentials, askService) {
        this.credentials = credentials;
        this.askService = askService;
        const { identitytoken, password } = { identitytoken: '', password: '', ...credentials };
        for (const secret of [identitytoken, password])
            if (secret !== '')
                this.secrets.add(secret);
    }
    /**
     * What to send along with a request, from what the registry asked for before.
     *
     * @returns undefined for nothing; an answer where the token service refused
     */
    async known(scopes) {
        return this.basic ?? (this.bearer && this.token(this.bearer, scopes, scopes));
    }
    /**
     * What to send along with a request that was refused.
     *
     * @param sent what it had been sent with
     * @returns undefined where nothing else can be sent; an answer where the token service refused
     */
    async meet(challenge, scopes, sent) {
        if (challenge.scheme === 'basic') {
            if (sent !== undefined && sent === this.basic)
                return undefined;
            return (this.basic = this.login());
        }
        this.bearer = challenge;
        const key = scopes.join(' ');
        // The token is too old, or lacks what the registry has names of its own for.
        if (sent !== undefined && (await this.tokens.get(key)) === sent)
            this.tokens.delete(key);
        const more = challenge.scopes.filter(asked => !scopes.some(scope => covers(scope, asked)));
        return this.token(challenge, scopes, [...scopes, ...more]);
    }
    /** A text without the passwords and tokens of this client, and without what signs a URL. */
    redact(text) {
        let clean = text;
        for (const secret of this.secrets)
            clean = clean.replaceAll(secret, '***');
        return clean.replace(/\/\/[^\s/"'@]*@/g, '//').replace(/\?[\w.~%-]+=[^\s"'<>]*/g, '');
    }
    login() {
        if (this.credentials === undefined || 'identitytoken' in this.credentials)
            return undefined;
        const { username, password } = this.credentials;
        const pair = Buffer.from(`${username}:${password}`).toString('base64');
        this.secrets.add(pair);
        return { header: `Basic ${pair}` };
    }
    token(bearer, scopes, asked) {
        const key = scopes.join(' ');
        const known = this.tokens.get(key);
        if (known !== undefined)
            return known;
        const token = this.newToken(bearer, asked);
        this.tokens.set(key, token);
        const forget = () => this.tokens.delete(key);
        token.then(got => (got === undefined || 'status' in got ? forget() : undefined), forget);
        return token;
    }
    async newToken({ realm, service }, scopes) {
        // A login goes in the clear to this machine alone.
        if (!URL.canParse(realm))
            return undefined;
        const url = new URL(realm);
        if (url.protocol !== 'https:' && !isLoopback(url.host))
            return undefined;
        const answer = await this.askForToken(url, service, scopes);
        if (!isDone(answer))
            return asRefusal(answer);
        let token;
        try {
            const body = tokenSchema.parse(JSON.parse(answer.body.toString('utf8')));
            token = body.token ?? body.access_token;
        }
        catch {
            return undefined;
        }
        if (!token)
            return undefined;
        this.secrets.add(token);
        return { header: `Bearer ${token}` };
    }
    async askForToken(url, service, scopes) {
        if (this.credentials !== undefined && 'identitytoken' in this.credentials) {
            const body = new URLSearchParams({
                grant_type: 'refresh_token',
                service,
                scope: scopes.join(' '),
                refresh_token: this.credentials.identitytoken,
                client_id: 'flowstore'
            });
            return this.askService(url, {
                method: 'POST',
                headers: { 'content-type': 'application/x-www-form-urlencoded' },
                body: body.toString()
            });
        }
        url.searchParams.set('service', service);
        for (const scope of scopes)
            url.searchParams.append('scope', scope);
        const login = this.login();
        return this.askService(url, {
            method: 'GET',
            headers: login ? { authorization: login.header } : {}
        });
    }
}

// EXTERNAL MODULE: external "node:timers/promises"
var external_node_timers_promises_ = __webpack_require__(58500);
;// CONCATENATED MODULE: ./src/registry/retry.ts

const sleep = milliseconds => (0,external_node_timers_promises_.setTimeout)(milliseconds);
/** Pauses before the second, third and fourth time, in milliseconds. */
const PAUSES = [500, 1_500, 4_500];
const LONGEST_PAUSE = 60_000;
/** Statuses of trouble that passes. */
const PASSING = new Set([408, 429, 500, 502, 503, 504]);
/** Whether a status tells of trouble that may pass. */
const isPassing = (status) => PASSING.has(status);
// What undici and the system call a connection that was there and broke. One that was never there
// is not waited for: a daemon behind a proxy of its own may have it at once.
const BROKEN = new Set([
    'ECONNRESET',
    'ECONNABORTED',
    'EPIPE',
    'EAI_AGAIN',
    'UND_ERR_SOCKET',
    'UND_ERR_HEADERS_TIMEOUT',
    'UND_ERR_BODY_TIMEOUT'
]);
/** What was thrown, and what was thrown below it. */
function causesOf(error) {
    if (typeof error !== 'object' || error === null)
        return [];
    return [error, ...causesOf(error.cause)];
}
/** Why fetch threw: the system's code where there is one, else its words. */
function causeOf(error) {
    const causes = causesOf(error);
    const code = causes.map(cause => cause.code).find(found => typeof found === 'string');
    const { message } = causes.at(-1) ?? {};
    return code ?? (typeof message === 'string' ? message : String(error));
}
const isBroken = (error) => causesOf(error).some(({ name, code }) => name === 'TimeoutError' || (typeof code === 'string' && BROKEN.has(code)));
/** Milliseconds that a Retry-After header asks for, seconds or a date (RFC 9110, section 10.2.3). */
function askedPause(header, now) {
    if (header === null)
        return undefined;
    const until = /^\d+$/.test(header.trim()) ? now + Number(header) * 1000 : Date.parse(header);
    return Number.isNaN(until) ? undefined : Math.min(Math.max(until - now, 0), LONGEST_PAUSE);
}
/**
 * Does something again while the registry is in trouble that may pass, or the connection broke:
 * up to four times, with growing pauses, or with the pause that the registry asks for.
 *
 * @returns the last answer, whatever it says
 * @throws what the last attempt threw
 */
async function retrying(attempt, wait) {
    for (const pause of PAUSES) {
        let asked;
        try {
            const answer = await attempt();
            if (!isPassing(answer.status))
                return answer;
            asked = askedPause(answer.headers.get('retry-after'), Date.now());
        }
        catch (error) {
            if (!isBroken(error))
                throw error;
        }
        await wait(asked ?? pause);
    }
    return attempt();
}

;// CONCATENATED MODULE: ./src/registry/unsupported.ts
/**
 * Something that this client can't do in a registry, and that a daemon's own build and push may
 * still do: the registry is out of reach from here, takes no upload where the specification has it,
 * or the image is of a kind that has no layers to add to.
 */
class AppendUnsupported extends Error {
    reason;
    constructor(
    /** Why, as a clause. */
    reason, options) {
        super(`a layer can't be added in the registry: ${reason}`, options);
        this.reason = reason;
        this.name = 'AppendUnsupported';
    }
}

;// CONCATENATED MODULE: ./src/registry/connection.ts






const TIMEOUT = 30_000;
/** Bytes in a millisecond that the slowest connection is given time for. */
const SLOWEST = 50;
const REDIRECTS = 5;
// Such a registry does speak TLS: plain HTTP would only hide why it is not trusted.
const isCertificateTrouble = (error) => /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME|TIMEOUT/.test(causeOf(error));
/**
 * Requests to one registry: its scheme, its login, redirects. An answer of any status is an
 * answer; {@link AppendUnsupported} is thrown where there is none.
 */
class Connection {
    registry;
    fetch;
    authorizer;
    scheme;
    constructor(registry, credentials, fetch) {
        this.registry = registry;
        this.fetch = fetch;
        this.authorizer = new Authorizer(credentials, (url, request) => this.call(url, request));
        if (!isLoopback(registry))
            this.scheme = 'https';
    }
    /** A text without anything secret that this connection knows. */
    redact(text) {
        return this.authorizer.redact(text);
    }
    /** Whether an address is of the registry itself. */
    isOwn(url) {
        return url.host === new URL(`${url.protocol}//${hostOf(this.registry)}`).host;
    }
    /**
     * Sends a request. What the registry asks for in return (a login, a token of the request's
     * scopes) is got and sent along, from then on with every request.
     */
    async ask(request) {
        const { scopes } = request;
        let authorization = await this.authorizer.known(scopes);
        let isOld = authorization !== undefined;
        for (;;) {
            if (authorization !== undefined && 'status' in authorization)
                return authorization;
            const answer = await this.send(request, authorization);
            const challenge = parseChallenge(answer.headers.get('www-authenticate'));
            if (challenge === undefined || !this.isOwn(answer.url))
                return answer;
            const isLacking = answer.status === 403 &&
                challenge.scheme === 'bearer' &&
                challenge.error === 'insufficient_scope';
            if (answer.status !== 401 && !isLacking)
                return answer;
            // A login or token of a moment ago is refused for good.
            if (authorization !== undefined && !isOld)
                return answer;
            const next = await this.authorizer.meet(challenge, scopes, authorization);
            if (next === undefined)
                return answer;
            authorization = next;
            isOld = false;
        }
    }
    async send(request, authorization) {
        if (this.scheme !== undefined)
            return this.follow(request, this.scheme, authorization);
        // A daemon speaks plain HTTP with a registry of this machine too, where it has no TLS.
        try {
            const answer = await this.follow(request, 'https', authorization);
            this.scheme = 'https';
            return answer;
        }
        catch (error) {
            if (isCertificateTrouble(error))
                throw error;
        }
        const answer = await this.follow(request, 'http', authorization);
        this.scheme = 'http';
        return answer;
    }
    async follow({ method, target, headers, body }, scheme, authorization) {
        const base = `${scheme}://${hostOf(this.registry)}`;
        let url = this.address(target, new URL(base), scheme);
        for (let redirects = 0;; redirects += 1) {
            // Storage elsewhere has a signature in its address; the registry's login is none of its business.
            const login = authorization && this.isOwn(url) ? { authorization: authorization.header } : {};
            const answer = await this.call(url, {
                method,
                headers: { ...headers, ...login },
                ...(body === undefined ? {} : { body })
            });
            const location = answer.headers.get('location');
            const isReading = method === 'GET' || method === 'HEAD';
            const statuses = isReading ? [301, 302, 303, 307, 308] : [307, 308];
            if (!statuses.includes(answer.status) || location === null || redirects === REDIRECTS) {
                // The page of another host may repeat what its address was signed with.
                return isDone(answer) || this.isOwn(url) ? answer : { ...answer, body: Buffer.alloc(0) };
            }
            if (!URL.canParse(location, url.href))
                return answer;
            url = this.address(location, url, scheme);
        }
    }
    /** Of the registry itself the scheme is known: a proxy before it may not tell it of TLS. */
    address(target, base, scheme) {
        const url = new URL(target, base);
        if (this.isOwn(url))
            url.protocol = `${scheme}:`;
        return url;
    }
    async call(url, request) {
        const time = TIMEOUT + Math.ceil((request.body?.length ?? 0) / SLOWEST);
        const signal = AbortSignal.timeout(time);
        try {
            const response = await this.fetch(url, { ...request, redirect: 'manual', signal });
            return await readAnswer(response, url);
        }
        catch (error) {
            throw new AppendUnsupported(`${url.host} can't be reached: ${causeOf(error)}`, {
                cause: error
            });
        }
    }
}

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(77598);
// EXTERNAL MODULE: ./src/util/hash.ts
var util_hash = __webpack_require__(95138);
;// CONCATENATED MODULE: ./src/registry/digest.ts


/** The digest of content as manifests write it (OCI image 1.1, "Digests"). */
const digestOf = (content) => `sha256:${(0,util_hash/* sha256 */.sc)(content)}`;
/** Whether a text is a digest rather than a tag. */
const isDigest = (reference) => reference.includes(':');
/** Whether content has a digest. One of an algorithm that the specification doesn't register is none of anything. */
function hasDigest(content, digest) {
    const [algorithm = '', hex] = digest.split(':', 2);
    return (['sha256', 'sha512'].includes(algorithm) &&
        (0,external_node_crypto_.createHash)(algorithm).update(content).digest('hex') === hex);
}

;// CONCATENATED MODULE: ./src/registry/media-types.ts
/** The two families of media types: OCI image 1.1 ("OCI Image Media Types") and Docker schema 2. */
const OCI = {
    index: 'application/vnd.oci.image.index.v1+json',
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    config: 'application/vnd.oci.image.config.v1+json',
    layer: 'application/vnd.oci.image.layer.v1.tar+gzip'
};
const DOCKER = {
    index: 'application/vnd.docker.distribution.manifest.list.v2+json',
    manifest: 'application/vnd.docker.distribution.manifest.v2+json',
    config: 'application/vnd.docker.container.image.v1+json',
    layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip'
};
/** What is asked for: a registry makes an old schema 1 of what is not accepted. */
const MANIFEST_TYPES = [OCI.index, OCI.manifest, DOCKER.index, DOCKER.manifest];

;// CONCATENATED MODULE: ./src/registry/refusal.ts



const loginHint = (registry, repository, what) => `Log in to ${registry} before this step (docker/login-action, docker login) with an account that may ${what} ${repository}.`;
const isLogin = (status) => status === 401 || status === 403;
/** A push that a registry refuses, in its words. */
function pushRefused(registry, repository, { status, words }, cause) {
    return new src_errors/* FlowstoreError */.U3('PUSH_REFUSED', `${registry} refuses a push to ${repository} (${status}): ${words}`, { hint: isLogin(status) ? loginHint(registry, repository, 'write to') : undefined, cause });
}
const inTrouble = (registry, { status, words }) => new src_errors/* FlowstoreError */.U3('REGISTRY', `${registry} is in trouble (${status}): ${words}`, {
    hint: 'It was asked several times. Run this again later.'
});
/**
 * Why a write was not done. Where a repository or its uploads are not to be found, a daemon's push
 * may know better: it makes some repositories on the way.
 */
function writeFailure(registry, repository, refusal) {
    const { status, words } = refusal;
    if (status === 404 || status === 405) {
        return new AppendUnsupported(`${registry} takes no upload to ${repository} (${status}): ${words}`);
    }
    return isPassing(status)
        ? inTrouble(registry, refusal)
        : pushRefused(registry, repository, refusal);
}
/** Why something could not be read. */
function readFailure(registry, repository, refusal) {
    const { status, words } = refusal;
    if (status === 405) {
        return new AppendUnsupported(`${registry} lets nothing be read (${status}): ${words}`);
    }
    if (isPassing(status))
        return inTrouble(registry, refusal);
    return new src_errors/* FlowstoreError */.U3('REGISTRY', `${registry} does not let ${repository} be read (${status}): ${words}`, { hint: isLogin(status) ? loginHint(registry, repository, 'read') : undefined });
}

;// CONCATENATED MODULE: ./src/registry/client.ts









const ACCEPT = MANIFEST_TYPES.join(', ');
/**
 * Speaks the OCI distribution specification (1.1) with one registry: HTTPS, and plain HTTP where a
 * registry on this machine has no TLS. Trouble that passes is waited out: every request is sent up
 * to four times. What is read is checked against its digest.
 *
 * Every method throws a FlowstoreError with the registry's words (REGISTRY; PUSH_REFUSED for a
 * write that it does not let in), or {@link AppendUnsupported} for what a daemon may still do.
 */
class RegistryClient {
    registry;
    connection;
    access;
    wait;
    constructor(
    /** The registry's host, as image references have it. */
    registry, credentials, options = {}) {
        this.registry = registry;
        this.connection = new Connection(registry, credentials, options.fetch ?? globalThis.fetch);
        this.access = options.access ?? 'pull';
        this.wait = options.sleep ?? sleep;
    }
    /**
     * Asks whether a push to a repository would be let in, by opening an upload ("Pushing blobs",
     * POST then PUT) and dropping it again. It is only a question, and is asked once.
     *
     * @returns the refusal, or undefined where the upload was opened
     * @throws AppendUnsupported where the registry can't be reached
     */
    async pushRefusal(repository) {
        const scopes = writing(repository);
        const target = uploads(repository);
        const answer = await this.connection.ask({ method: 'POST', target, scopes });
        if (!isDone(answer))
            return this.refusalOf(answer);
        const location = locationOf(answer);
        if (location !== undefined && this.connection.isOwn(location)) {
            await this.connection
                .ask({ method: 'DELETE', target: location, scopes })
                .catch(() => undefined);
        }
        return undefined;
    }
    /**
     * Reads a manifest by tag or digest ("Pulling manifests").
     *
     * @returns undefined where the repository has none of that name
     */
    async manifest(repository, reference) {
        const answer = await this.read(repository, `manifests/${reference}`, ACCEPT);
        if (answer.status === 404)
            return undefined;
        const digest = this.verify(repository, answer, isDigest(reference) ? reference : undefined);
        const body = answer.body.toString('utf8');
        const header = answer.headers.get('content-type')?.split(';')[0]?.trim();
        return { digest, mediaType: mediaTypeIn(body) ?? header ?? '', body };
    }
    /**
     * The digest of the manifest that a tag names ("Pulling manifests", HEAD), or undefined where
     * the repository has none. Where a registry's answer leaves the digest out, which it may, the
     * manifest itself is read.
     */
    async digest(repository, reference) {
        const answer = await this.retried({
            method: 'HEAD',
            target: `/v2/${repository}/manifests/${reference}`,
            scopes: this.reading(repository),
            headers: { accept: ACCEPT }
        });
        const digest = answer.headers.get('docker-content-digest');
        if (isDone(answer) && digest !== null)
            return digest;
        if (answer.status === 404)
            return undefined;
        if (isPassing(answer.status)) {
            throw readFailure(this.registry, repository, this.refusalOf(answer));
        }
        // A refusal has words only where there is a body.
        return (await this.manifest(repository, reference))?.digest;
    }
    /** Reads a blob into memory ("Pulling blobs"); it may lie at another host. */
    async blob(repository, digest) {
        const answer = await this.read(repository, `blobs/${digest}`);
        if (answer.status === 404) {
            throw new src_errors/* FlowstoreError */.U3('REGISTRY', `${this.registry}/${repository} lacks the blob ${digest}`);
        }
        this.verify(repository, answer, digest);
        return answer.body;
    }
    /**
     * Puts a blob into a repository unless it is there ("Pushing blobs": HEAD, mounting, POST then
     * PUT).
     *
     * @param from another repository of this registry that may have it, to mount it from
     */
    async putBlob(repository, content, from) {
        const digest = digestOf(content);
        const head = await this.retried({
            method: 'HEAD',
            target: `/v2/${repository}/blobs/${digest}`,
            scopes: writing(repository)
        });
        if (isDone(head))
            return { digest, uploaded: false };
        if (isPassing(head.status)) {
            throw writeFailure(this.registry, repository, this.refusalOf(head));
        }
        // Any other answer is no reason not to try: the upload tells.
        let session = from === undefined ? undefined : await this.mount(repository, digest, from);
        if (session?.status === 201)
            return { digest, uploaded: false };
        const answer = await retrying(async () => {
            const opened = session ?? (await this.openUpload(repository));
            session = undefined;
            return isDone(opened) ? this.upload(repository, opened, content, digest) : opened;
        }, this.wait);
        if (answer.status === 413) {
            const words = `it takes no blob of ${(0,format/* humanSize */.X)(content.length)}`;
            throw pushRefused(this.registry, repository, { status: 413, words });
        }
        if (!isDone(answer))
            throw writeFailure(this.registry, repository, this.refusalOf(answer));
        this.compare(repository, digest, answer.headers.get('docker-content-digest') ?? digest);
        return { digest, uploaded: true };
    }
    /**
     * Puts a manifest under a tag or its digest ("Pushing manifests").
     *
     * @returns its digest, which the registry's answer was compared with
     */
    async putManifest(repository, reference, mediaType, body) {
        const digest = digestOf(body);
        const answer = await this.retried({
            method: 'PUT',
            target: `/v2/${repository}/manifests/${reference}`,
            scopes: writing(repository),
            headers: { 'content-type': mediaType },
            body: Buffer.from(body)
        });
        if (!isDone(answer))
            throw writeFailure(this.registry, repository, this.refusalOf(answer));
        const given = answer.headers.get('docker-content-digest') ?? (await this.digest(repository, reference));
        this.compare(`${repository}:${reference}`, digest, given ?? 'no manifest');
        return digest;
    }
    reading(repository) {
        return [`repository:${repository}:${this.access}`];
    }
    async read(repository, path, accept = '*/*') {
        const answer = await this.retried({
            method: 'GET',
            target: `/v2/${repository}/${path}`,
            scopes: this.reading(repository),
            headers: { accept }
        });
        if (isDone(answer) || answer.status === 404)
            return answer;
        throw readFailure(this.registry, repository, this.refusalOf(answer));
    }
    /**
     * Asks once to mount a blob: the upload that follows where it is not would tell of any trouble.
     *
     * @returns 201 where it was mounted, the session of an upload, or undefined for neither
     */
    async mount(repository, digest, from) {
        const query = new URLSearchParams({ mount: digest, from });
        const request = {
            method: 'POST',
            target: `${uploads(repository)}?${query.toString()}`,
            scopes: [...writing(repository), `repository:${from}:pull`]
        };
        const answer = await this.connection.ask(request).catch(() => undefined);
        return answer && isDone(answer) ? answer : undefined;
    }
    openUpload(repository) {
        return this.connection.ask({
            method: 'POST',
            target: uploads(repository),
            scopes: writing(repository)
        });
    }
    async upload(repository, session, content, digest) {
        const location = locationOf(session);
        if (location === undefined) {
            throw new AppendUnsupported(`${this.registry} says not where to upload to`);
        }
        // The query is the registry's own, to the letter: it may be signed.
        const separator = location.search === '' ? '?' : '&';
        return this.connection.ask({
            method: 'PUT',
            target: new URL(`${location.href}${separator}digest=${encodeURIComponent(digest)}`),
            scopes: writing(repository),
            headers: { 'content-type': 'application/octet-stream' },
            body: content
        });
    }
    retried(request) {
        return retrying(() => this.connection.ask(request), this.wait);
    }
    refusalOf(answer) {
        return { status: answer.status, words: this.connection.redact(wordsOf(answer)) };
    }
    /** The digest of an answer's content, compared with what was asked for and what the registry says. */
    verify(repository, { body, headers }, asked) {
        const given = headers.get('docker-content-digest');
        for (const digest of [asked, given]) {
            if (digest && !hasDigest(body, digest))
                this.compare(repository, digest, digestOf(body));
        }
        return asked ?? digestOf(body);
    }
    compare(name, expected, found) {
        if (expected === found)
            return;
        throw new src_errors/* FlowstoreError */.U3('REGISTRY', `${this.registry}/${name}: the registry has ${found} where ${expected} belongs`);
    }
}
const uploads = (repository) => `/v2/${repository}/blobs/uploads/`;
const writing = (repository) => [`repository:${repository}:pull,push`];
/** Where an answer says to go on, which may be relative (RFC 9110, section 10.2.2). */
function locationOf({ headers, url }) {
    const location = headers.get('location');
    return location !== null && URL.canParse(location, url.href) ? new URL(location, url) : undefined;
}
/** The mediaType in a manifest itself, which the header has to repeat (OCI image 1.1, "Image Manifest"). */
function mediaTypeIn(body) {
    try {
        const { mediaType } = JSON.parse(body);
        return typeof mediaType === 'string' ? mediaType : undefined;
    }
    catch {
        return undefined;
    }
}

;// CONCATENATED MODULE: ./src/util/platform.ts
/** Other names of architectures, as `docker --platform` takes them and Node has them. */
const ALIASES = {
    x64: 'amd64',
    x86_64: 'amd64',
    'x86-64': 'amd64',
    aarch64: 'arm64',
    armhf: 'arm',
    armel: 'arm',
    i386: '386',
    ia32: '386'
};
/** `os/architecture` of what an image, a daemon or `--platform` says, without a variant. */
function platformOf(os, architecture) {
    const name = architecture.toLowerCase();
    return `${os.toLowerCase()}/${ALIASES[name] ?? name}`;
}
/** `os/architecture` of a text such as `linux/arm64/v8` or `amd64`. */
function parsePlatform(text) {
    const [first = '', second] = text.split('/');
    return second === undefined ? platformOf('linux', first) : platformOf(first, second);
}

// EXTERNAL MODULE: ./src/image/pull.ts
var pull = __webpack_require__(57806);
;// CONCATENATED MODULE: ./src/image/variables.ts
/** Variables as an image's configuration has them, `NAME=value` each. */
const variablesOf = (env) => Object.fromEntries((env ?? []).map(pair => {
    const equals = pair.indexOf('=');
    return [pair.slice(0, equals), pair.slice(equals + 1)];
}));

;// CONCATENATED MODULE: ./src/image/base.ts








const pullHint = (platform) => (words, registry) => {
    if (/unauthorized|denied|no basic auth/i.test(words)) {
        return `Log in to ${registry} first (docker login), or check the name: registries say the same of images that aren't there.`;
    }
    return platform !== undefined && /no matching manifest|operating system or arch/i.test(words)
        ? `Take another platform in build-kwargs, or a base image that has ${platform}.`
        : 'Check base-image; for an image that only the daemon has, set local-image: true.';
};
/** Repository of the tags that base images without a digest get. */
const BASE_NAME = 'flowstore-base';
/**
 * Has the base image in the daemon: pulled, or with `local` taken from the daemon's images.
 *
 * @param platform `os/architecture`; default the daemon's
 * @throws FlowstoreError BASE_IMAGE_PULL, also for an image of another platform; BASE_IMAGE_PYTHON for
 * one without Python, or that the daemon can't run
 */
async function baseImage(daemon, reference, local, findCredentials, log, platform) {
    const { docker } = daemon;
    if (!local) {
        const what = 'the base image';
        await (0,pull/* pullImage */.Z)(daemon, {
            reference,
            findCredentials,
            platform,
            what,
            hint: pullHint(platform)
        });
    }
    const { facts, digest } = await inspected(daemon, reference);
    const image = docker.getImage(reference);
    const has = platformOf(facts.Os, facts.Architecture);
    // Docker pulls and builds on an image of another platform all the same, and labels the result wrongly.
    if (platform !== undefined && parsePlatform(platform) !== has) {
        throw new src_errors/* FlowstoreError */.U3('BASE_IMAGE_PULL', `the base image ${reference} is for ${has}, and build-kwargs asks for ${platform}`, { hint: `Take a base image that has ${platform}, or leave platform out of build-kwargs.` });
    }
    let from = digest === undefined ? undefined : `${reference.split('@')[0] ?? reference}@${digest}`;
    if (from === undefined) {
        // An id can't stand behind FROM; a tag made of it can.
        const tag = facts.Id.replace('sha256:', '').slice(0, 20);
        await image.tag({ repo: BASE_NAME, tag });
        from = `${BASE_NAME}:${tag}`;
    }
    const { executable, versions } = await probe(daemon, facts.Id, reference, has);
    log.info(`Base image ${reference}: Python ${versions.python}, ${versions.prefect === null ? 'no Prefect' : `Prefect ${versions.prefect}`}`);
    const config = facts.Config;
    return {
        reference,
        from,
        digest: digest ?? facts.Id,
        platform: has,
        user: config.User,
        // An imported image has null here, whatever the types say.
        env: variablesOf(config.Env),
        // The loader starts what stands on PATH, so its name does.
        python: external_node_path_.posix.basename(executable),
        versions
    };
}
/** What the daemon knows of an image, and the digest that its registry knows it by. */
async function inspected({ docker }, reference) {
    const facts = await docker
        .getImage(reference)
        .inspect()
        .catch((error) => {
        throw new src_errors/* FlowstoreError */.U3('BASE_IMAGE_PULL', `the daemon has no image ${reference}`, {
            hint: 'With local-image the base image is never pulled; build it first, or leave local-image out.',
            cause: error
        });
    });
    const { repository, registry } = (0,util_reference/* parseReference */.F2)(reference);
    const named = (facts.RepoDigests ?? []).find(name => {
        const parsed = (0,util_reference/* parseReference */.F2)(name);
        return parsed.repository === repository && parsed.registry === registry;
    });
    return { facts, digest: named?.split('@')[1] };
}
/**
 * {@link BaseImage.digest} without pulling or starting anything: asked from the daemon for a local
 * image, else from the registry. Undefined where the registry can't be asked from here.
 *
 * @throws FlowstoreError BASE_IMAGE_PULL for a local image that the daemon does not have
 */
async function baseDigest(daemon, reference, local, findCredentials) {
    if (local) {
        const { facts, digest } = await inspected(await daemon(), reference);
        return digest ?? facts.Id;
    }
    const { registry, repository, tag, digest } = (0,util_reference/* parseReference */.F2)(reference);
    if (digest !== undefined)
        return digest;
    try {
        const client = new RegistryClient(registry, await findCredentials(registry));
        return await client.digest(repository, tag ?? 'latest');
    }
    catch {
        // The daemon's pull has the last word, and says what is wrong.
        return undefined;
    }
}
async function probe({ docker }, id, reference, platform) {
    try {
        return await (0,container/* containerPython */.g)(docker, id).probe();
    }
    catch (error) {
        const { message, detail } = error;
        const why = { detail: detail ?? message, cause: error };
        const { Os, Arch } = await docker.version();
        const own = platformOf(Os, Arch);
        if (own !== platform && /exec format error/i.test(`${message}\n${detail ?? ''}`)) {
            throw new src_errors/* FlowstoreError */.U3('BASE_IMAGE_PYTHON', `the base image ${reference} is for ${platform}, and the daemon is ${own} without emulation`, {
                ...why,
                hint: `Flows are loaded and checked in the image: use a base image for ${own}, a machine that is ${platform}, or set emulation up first (docker/setup-qemu-action).`
            });
        }
        throw new src_errors/* FlowstoreError */.U3('BASE_IMAGE_PYTHON', `the base image ${reference} has no Python 3 that runs`, {
            ...why,
            hint: 'Flows are loaded and run by the Python of the base image: take one that has it, such as python:3.9.'
        });
    }
}

// EXTERNAL MODULE: ./src/load/pip.ts
var load_pip = __webpack_require__(28789);
// EXTERNAL MODULE: ./src/load/virtual-environment.ts
var virtual_environment = __webpack_require__(8515);
// EXTERNAL MODULE: ./src/util/version.ts
var version = __webpack_require__(76092);
// EXTERNAL MODULE: ./src/version.ts
var src_version = __webpack_require__(311);
// EXTERNAL MODULE: ./src/util/docker.ts + 1 modules
var util_docker = __webpack_require__(63372);
// EXTERNAL MODULE: ./src/util/tar.ts
var util_tar = __webpack_require__(62603);
;// CONCATENATED MODULE: ./src/image/build.ts



/** A build that failed: which step, and what was printed until then. */
class BuildFailure extends Error {
    lines;
    constructor(message, lines, options) {
        super(message, options);
        this.lines = lines;
    }
    /** The error of a build whose end says why it failed. */
    imageBuild(what, file) {
        return new src_errors/* FlowstoreError */.U3('IMAGE_BUILD', `${what} can't be built: ${this.message}`, {
            file,
            detail: lastLines(this.lines),
            hint: [this.message, ...this.lines].some(line => /exec format error/i.test(line))
                ? 'The daemon has no emulation for this platform: leave platform out of build-kwargs, use a machine of that platform, or set emulation up first (docker/setup-qemu-action).'
                : undefined,
            cause: this
        });
    }
}
const lastLines = (lines) => lines.slice(-20).join('\n') || undefined;
/** Where the Dockerfile lies in the context; a repository's own may be beside it. */
const DOCKERFILE = '.flowstore.Dockerfile';
/** The options that have a value. */
const given = (options) => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
/**
 * Builds an image with BuildKit (Docker Engine API, "Build an image", version 2); the context is
 * streamed to the daemon.
 *
 * @returns the image's id
 * @throws BuildFailure when a step fails; FlowstoreError IMAGE_BUILD when there is no image at the end,
 * FILE_CHANGED and FILE_UNREADABLE for the context
 */
async function buildImage({ docker }, { dockerfile, context, labels, tag, kwargs = {} }, log) {
    const tar = (0,util_tar/* packTar */.nG)([...context, { path: DOCKERFILE, content: dockerfile }]);
    const lines = [];
    let id;
    try {
        const stream = await docker.buildImage(tar, {
            version: '2',
            dockerfile: DOCKERFILE,
            ...given({
                t: tag,
                labels: labels ?? kwargs.labels,
                buildargs: kwargs.buildargs,
                target: kwargs.target,
                networkmode: kwargs.network_mode,
                platform: kwargs.platform,
                nocache: kwargs.nocache,
                pull: kwargs.pull,
                extrahosts: kwargs.extra_hosts &&
                    Object.entries(kwargs.extra_hosts)
                        .map(pair => pair.join(':'))
                        .join(','),
                shmsize: kwargs.shmsize
            })
        });
        await (0,util_docker/* followProgress */.F3)(docker, stream, event => {
            id = event.aux?.ID ?? id;
            for (const line of (event.stream ?? '').split('\n')) {
                if (line === '')
                    continue;
                lines.push(line);
                log.debug(line);
            }
        });
    }
    catch (error) {
        // The context's own failure: no step failed.
        if (error instanceof src_errors/* FlowstoreError */.U3)
            throw error;
        throw new BuildFailure((0,util_docker/* daemonWords */.UO)(error), lines, { cause: error });
    }
    // A daemon without BuildKit's ids, or one that lost the image: never go on with nothing.
    if (id === undefined) {
        throw new src_errors/* FlowstoreError */.U3('IMAGE_BUILD', 'the build ended without an image', {
            detail: lastLines(lines)
        });
    }
    return id;
}

;// CONCATENATED MODULE: ./src/image/commands.ts
/** Lines of a Dockerfile as its instructions: what a `\` or a here-document continues is one. */
function instructionsOf(lines) {
    const instructions = [];
    let ends = [];
    let continued = false;
    for (const line of lines) {
        const comment = /^\s*#/.test(line);
        if (continued || ends.length > 0)
            instructions.at(-1)?.push(line);
        else
            instructions.push([line]);
        if (ends.length > 0) {
            if (line.replace(/^\t+/, '').trimEnd() === ends[0])
                ends = ends.slice(1);
            continue;
        }
        // A comment between continued lines ends nothing, and one by itself continues nothing.
        if (!comment)
            continued = /\\\s*$/.test(line);
        if (!comment && /^\s*(?:RUN|COPY|ADD)\s/i.test(instructions.at(-1)?.[0] ?? '')) {
            ends = [...line.matchAll(/<<-?(["']?)([A-Za-z_]\w*)\1/g)].map(match => match[2] ?? '');
        }
    }
    return instructions.map(parts => parts.join('\n'));
}
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
/** Whether a text names a folder, or something in it. */
function mentions(text, folder) {
    const home = folder.startsWith('/root/') ? ['~', '$HOME', '${HOME}'] : [];
    const names = [folder, ...home.map(word => folder.replace('/root', word))].map(escaped);
    return new RegExp(`(?<![\\w.-])(?:${names.join('|')})(?![\\w-]|\\.\\w)`).test(text);
}
/**
 * Divides instructions: Prefect runs all of them after the flows are copied, but only what names a
 * folder of theirs can tell the difference. The others can be part of the environment, which is kept.
 *
 * @param lines lines of a Dockerfile
 * @param folders where flows, their modules and Prefect's own files lie
 */
function splitCommands(lines, folders) {
    const all = instructionsOf(lines);
    const first = all.findIndex(text => folders.some(folder => mentions(text, folder)));
    if (first === -1)
        return { early: all, late: [] };
    const early = all.slice(0, first);
    return {
        early,
        // Unlike ENV, WORKDIR and SHELL, arguments do not go on into an image built on this one.
        late: [...early.filter(text => /^\s*ARG\s/i.test(text)), ...all.slice(first)]
    };
}

;// CONCATENATED MODULE: ./src/image/dockerfile.ts
/** A value between double quotes, as `ENV` and `LABEL` read it. */
const quoted = (value) => `"${value.replace(/[\\"$]/g, '\\$&')}"`;
/** `ENV` with each variable on a line of its own. */
const envInstruction = (variables) => `ENV ${Object.entries(variables)
    .map(([name, value]) => `${name}=${quoted(value)}`)
    .join(' \\\n    ')}`;
/** `COPY` in its JSON form, which any path can stand in. */
const copyInstruction = (source, destination) => `COPY ${JSON.stringify([source, destination])}`;
/** Instructions as the text of a Dockerfile. */
const dockerfileText = (instructions) => `${instructions.join('\n')}\n`;

;// CONCATENATED MODULE: ./src/image/files.ts






/** Entries of a folder with all that is in it, or of a file; links stay links, but for the first. */
async function treeEntries(path, at, kept) {
    const entries = [];
    const add = async (from, to, first) => {
        const facts = await (first ? (0,promises_.stat)(from) : (0,promises_.lstat)(from));
        if (facts.isDirectory()) {
            entries.push({ path: to, folder: true });
            for (const name of (await (0,promises_.readdir)(from)).sort()) {
                await add((0,external_node_path_.join)(from, name), `${to}/${name}`, false);
            }
        }
        else if (!first && !kept(from))
            return;
        else if (facts.isSymbolicLink())
            entries.push({ path: to, link: await (0,promises_.readlink)(from) });
        else {
            const mode = (facts.mode & 0o100) === 0 ? 0o644 : 0o755;
            entries.push({ path: to, source: from, size: facts.size, mode });
        }
    };
    await add(path, at, true);
    return entries;
}
/** Entries of all that a glob matches, with the tree below the glob's fixed part. */
async function globEntries(cwd, glob, at, kept) {
    const { base } = picomatch_default().scan(glob);
    const matches = picomatch_default()(external_node_path_.posix.relative(base, external_node_path_.posix.normalize(glob)));
    const root = (0,external_node_path_.resolve)(cwd, base);
    const all = await treeEntries(root, at, kept).catch(() => []);
    const found = all.filter(entry => matches(entry.path.slice(at.length + 1)) && !('folder' in entry));
    if (found.length === 0) {
        throw new src_errors/* FlowstoreError */.U3('FILE_NOT_FOUND', `'${glob}' in files matches no file`, {
            hint: `Looked in ${cwd}.`
        });
    }
    return found;
}
/** All that an image will have of entries: identifies them. */
const contentsOf = (context) => Promise.all(context.map(contentOf));
async function contentOf(entry) {
    if ('source' in entry)
        return [entry.path, entry.mode, await (0,util_hash/* sha256File */.Q3)(entry.source)];
    return 'link' in entry ? [entry.path, 'link', entry.link] : [entry.path];
}
/**
 * Turns the option `files` into instructions and a build context. Folders and globs keep their tree;
 * what `.dockerignore` leaves out of them stays out, a file named directly counts; links stay links;
 * of the mode the executable bit counts.
 *
 * @param cwd the folder that sources are relative to
 * @param filter what `.dockerignore` keeps, by paths relative to `cwd`
 * @throws FlowstoreError FILE_NOT_FOUND for a glob that matches nothing
 */
async function copiedFiles(cwd, files, filter) {
    const instructions = [];
    const context = [];
    const kept = (path) => {
        const below = (0,external_node_path_.relative)(cwd, path).replaceAll(external_node_path_.sep, '/');
        return below.startsWith('../') || filter(below);
    };
    for (const [index, { source, destination }] of files.entries()) {
        const path = (0,external_node_path_.resolve)(cwd, source);
        const facts = await (0,promises_.stat)(path).catch(() => undefined);
        const isFile = facts !== undefined && !facts.isDirectory();
        const at = `files/${index}${isFile ? `/${(0,external_node_path_.basename)(path)}` : ''}`;
        context.push(...(facts === undefined
            ? await globEntries(cwd, source, at, kept)
            : await treeEntries(path, at, kept)));
        instructions.push(isFile
            ? copyInstruction(at, destination)
            : copyInstruction(`${at}/`, `${destination.replace(/\/$/, '')}/`));
    }
    return { instructions, context };
}

// EXTERNAL MODULE: external "node:zlib"
var external_node_zlib_ = __webpack_require__(38522);
;// CONCATENATED MODULE: ./src/image/labels.ts


/** Label that holds an image's key. */
const KEY_LABEL = 'io.flowstore.key';
const ABOUT_LABEL = 'io.flowstore.environment';
const STORAGE_LABEL = 'io.flowstore.storage';
const BUILD_LABEL = 'io.flowstore.build';
const aboutSchema = schemas/* object */.Ikc({
    key: schemas/* string */.YjP(),
    /** The base image as it was asked for. */
    base: schemas/* string */.YjP(),
    /** `major.minor.micro`. */
    python: schemas/* string */.YjP(),
    prefect: schemas/* string */.YjP(),
    /** `platform.machine()`, such as `x86_64`. */
    machine: schemas/* string */.YjP(),
    /** Every distribution: its normalized name, to its version. */
    packages: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* string */.YjP()),
    /** The Dockerfile that makes the image. */
    dockerfile: schemas/* string */.YjP(),
    /** Instructions for after the flows. */
    late: schemas/* array */.YOg(schemas/* string */.YjP())
});
function parsed(text) {
    try {
        return JSON.parse(text ?? '');
    }
    catch {
        return undefined;
    }
}
/** The label that says what an environment image has. */
const aboutLabel = (about) => ({
    [ABOUT_LABEL]: JSON.stringify(about)
});
/**
 * What an environment image says of itself.
 *
 * @param key the key that it was looked for by; an image of another key is not believed
 */
function readAbout(labels, key) {
    const about = aboutSchema.safeParse(parsed(labels[ABOUT_LABEL]));
    return about.success && about.data.key === key && labels[KEY_LABEL] === key
        ? about.data
        : undefined;
}
const builtSchema = schemas/* object */.Ikc({
    flows: schemas/* array */.YOg(schemas/* object */.Ikc({
        name: schemas/* string */.YjP(),
        module: schemas/* string */.YjP(),
        line: schemas/* number */.aig().int(),
        location: schemas/* string */.YjP(),
        size: schemas/* number */.aig().int()
    })),
    versions: schemas/* object */.Ikc({ python: schemas/* string */.YjP(), prefect: schemas/* string */.YjP(), cloudpickle: schemas/* string */.YjP() }),
    dockerfile: schemas/* string */.YjP(),
    flowsJson: schemas/* string */.YjP().nullable()
});
/** The labels of an image with flows: its key, its storage as JSON, and the rest of the build. */
const imageLabels = (key, storage, built) => ({
    [KEY_LABEL]: key,
    [STORAGE_LABEL]: JSON.stringify(storage),
    [BUILD_LABEL]: (0,external_node_zlib_.gzipSync)(JSON.stringify(built)).toString('base64')
});
/**
 * What an image with flows says of itself, or undefined where it says nothing, or is of another key.
 */
function readImageLabels(labels, key) {
    if (labels[KEY_LABEL] !== key)
        return undefined;
    const storage = parsed(labels[STORAGE_LABEL]);
    let text;
    try {
        text = (0,external_node_zlib_.gunzipSync)(Buffer.from(labels[BUILD_LABEL] ?? '', 'base64')).toString('utf8');
    }
    catch {
        return undefined;
    }
    const built = builtSchema.safeParse(parsed(text));
    return storage !== undefined && built.success ? { storage, built: built.data } : undefined;
}

;// CONCATENATED MODULE: ./src/image/environment.ts

















/** Reads what an environment image is made of. */
async function environmentInputs(spec) {
    const { requirements, sources, filter = () => true, buildKwargs, ...rest } = spec;
    const files = await copiedFiles(sources.root, spec.files, filter);
    const hash = (0,util_hash/* sha256Json */.iE)([
        src_version/* VERSION */.x,
        rest,
        { ...ownKwargs(buildKwargs), nocache: undefined },
        { ...requirements, texts: [...requirements.texts] },
        files.instructions,
        await contentsOf(files.context),
        requirements.local.length > 0 ? await (0,discover_sources/* sourcesHash */.tM)(sources) : null
    ]);
    return { spec, files, hash };
}
/**
 * Identifies an environment image by all that goes into it. What pip finds on a day is not in it:
 * that is what an image's digest is for.
 *
 * @param base digest of the base image
 * @param platform `os/architecture`: a digest may name images of several
 */
const environmentKey = ({ hash }, base, platform) => (0,util_hash/* sha256Json */.iE)([hash, base, platform]).slice(0, 20);
/** What the user's own Dockerfile doesn't take: that is in its image already. */
function ownKwargs(kwargs = {}) {
    const { labels, network_mode, platform, nocache, extra_hosts, shmsize } = kwargs;
    return { labels, network_mode, platform, nocache, extra_hosts, shmsize };
}
/** Where helper modules of the repository lie in an image; on PYTHONPATH. */
const MODULES_FOLDER = '/opt/flowstore';
const CONTEXT = 'requirements';
const MOUNT = '/tmp/flowstore-requirements';
const isRoot = (user) => /^(root|0)?(:.*)?$/.test(user);
function prefectOf({ prefectVersion, requirements }, base) {
    const prefect = prefectVersion ?? (0,prefect_rules/* pinnedPrefect */.k_)((0,load_requirements/* requirementLines */.p$)(requirements)) ?? base.versions.prefect;
    if (prefect === null) {
        throw new src_errors/* FlowstoreError */.U3('PREFECT_NOT_FOUND', `the base image ${base.reference} has no Prefect, and no version is asked for`, {
            hint: 'Set prefect-version, or pin prefect in python-dependencies or the requirements file.'
        });
    }
    return prefect;
}
/** The folders of an image that flows and what is theirs lie in. */
function flowFolders({ prefectDirectory, path, withoutFlows }, prefect) {
    if (withoutFlows)
        return [];
    // Which release a git ref is, is known when it is installed.
    const homes = (0,prefect_rules/* isRelease */.MU)(prefect) ? [(0,prefect_rules/* rulesFor */.NP)(prefect).home] : prefect_rules/* PREFECT_HOMES */.vu;
    const folder = path === undefined ? '/' : external_node_path_.posix.dirname(path);
    return [
        MODULES_FOLDER,
        ...(prefectDirectory === undefined ? homes : [prefectDirectory]),
        ...(path === undefined ? [] : [folder === '/' ? path : folder])
    ];
}
/** Requirement files that the build mounts. */
function requirementEntries({ texts, local }, sources, runs) {
    const leaves = (path) => /^\.\.(?:\/|$)/.test(external_node_path_.posix.normalize(path));
    const outside = [...texts.keys()].find(path => leaves(path) || external_node_path_.posix.isAbsolute(path));
    if (outside !== undefined) {
        throw new src_errors/* FlowstoreError */.U3('INVALID_OPTION', `the requirements file '${outside}' lies outside the working directory`, { hint: 'An image is made of what the repository has: move it there.' });
    }
    const away = local.find(line => line.startsWith('.') && leaves(line.split(/[\s[;#]/)[0] ?? ''));
    if (away !== undefined) {
        throw new src_errors/* FlowstoreError */.U3('INVALID_OPTION', `the requirement '${away}' lies outside the working directory`, { hint: 'An image is made of what the repository has: run flowstore in a folder above both.' });
    }
    const entries = new Map();
    const put = (entry) => entries.set(entry.path, entry);
    if (local.length > 0)
        (0,container/* sourceEntries */.c)(sources, CONTEXT).forEach(put);
    for (const [path, content] of [...texts, ...runs.flatMap(run => [...run.texts])]) {
        put({ path: `${CONTEXT}/${path}`, content });
    }
    return [...entries.values()];
}
const INSTALL_GIT = `RUN command -v git || ${[
    'if command -v apk; then apk add --no-cache git',
    'elif command -v apt-get; then apt-get update && apt-get install -y --no-install-recommends git ca-certificates && rm -rf /var/lib/apt/lists/*',
    "else echo 'ERROR: the base image has no git, and no apk or apt-get to install it with' >&2; exit 1",
    'fi'
].join('; ')}`;
/**
 * Plans an environment image: the Dockerfile's instructions and their context, identified by a key.
 * Prefect and all dependencies are installed in one go, so that one resolution holds for all; where
 * the base image has Prefect already it stays as it is.
 *
 * @throws FlowstoreError PREFECT_NOT_FOUND, UNSUPPORTED_PREFECT, BASE_IMAGE_PYTHON for an image
 * without pip, INVALID_OPTION for requirements that can't go into an image
 */
function planEnvironment(inputs, base, log) {
    const { spec, files } = inputs;
    const requirements = (0,load_pip/* withoutEditable */.Pu)(spec.requirements);
    const { python, pip } = base.versions;
    const prefect = prefectOf(spec, base);
    const rules = (0,prefect_rules/* rulesFor */.NP)((0,prefect_rules/* isRelease */.MU)(prefect) ? prefect : prefect_rules/* NEWEST_PREFECT */.Jb);
    const has = base.versions.prefect === prefect;
    const wanted = (0,prefect_rules/* prefectRequirements */.Oy)(prefect);
    const anything = !has ||
        requirements.lines.length > 0 ||
        (0,load_requirements/* requirementLines */.p$)(requirements).some(line => line.trim());
    const minor = (0,version/* minorOf */.H)(python);
    if (!has && (0,prefect_rules/* isRelease */.MU)(prefect) && !rules.pythons.includes(minor)) {
        log.notice({
            level: 'warning',
            message: `Prefect ${prefect} is known to run on Python ${rules.pythons.join(', ')}; the base image ${base.reference} has ${python}`
        });
    }
    const instructions = [];
    const context = [];
    const path = base.env['PYTHONPATH'];
    const variables = {
        PREFECT__USER_CONFIG_PATH: `${spec.prefectDirectory ?? rules.home}/config.toml`,
        ...spec.envVars
    };
    const modules = [spec.envVars['PYTHONPATH'] ?? path, MODULES_FOLDER].filter(Boolean).join(':');
    instructions.push(envInstruction({ ...variables, PYTHONPATH: modules }));
    if (!isRoot(base.user))
        instructions.push('USER root');
    if (anything) {
        if (pip === null) {
            throw new src_errors/* FlowstoreError */.U3('BASE_IMAGE_PYTHON', `the base image ${base.reference} has Python ${python} but no pip`, { hint: 'Prefect and dependencies are installed with pip: take an image that has it.' });
        }
        const editable = spec.requirements.local.find(load_pip/* isEditable */.Xl);
        if (editable !== undefined) {
            log.notice({
                level: 'notice',
                message: `'${editable}' goes into the image as a normal install: there is no work tree there`
            });
        }
        // What the image has of Prefect stays; pins hold for it all the same.
        const runs = (0,load_pip/* pipRuns */.MX)(requirements, { prefect, lines: wanted, present: has }, file => file);
        context.push(...requirementEntries(requirements, spec.sources, runs));
        const upgrade = (0,prefect_rules/* pipUpgrade */.S5)(python, pip);
        const install = `${base.python} -m pip install --disable-pip-version-check --no-input`;
        const fromGit = (0,load_requirements/* requirementLines */.p$)(requirements).some(line => /^[^#]*\bgit\+/.test(line));
        if (!(0,prefect_rules/* isRelease */.MU)(prefect) || fromGit)
            instructions.push(INSTALL_GIT);
        instructions.push([
            `RUN --mount=type=bind,source=${CONTEXT},target=${MOUNT},rw`,
            '    --mount=type=cache,target=/root/.cache/pip',
            '    export PIP_ROOT_USER_ACTION=ignore PIP_BREAK_SYSTEM_PACKAGES=1 PIP_CACHE_DIR=/root/.cache/pip',
            ...(upgrade === undefined ? [] : [`    && ${install} ${upgrade}`]),
            `    && cd ${MOUNT}`,
            ...runs.map(run => `    && ${[install, ...run.args, '-r', run.file].join(' ')}`)
        ].join(' \\\n'));
    }
    const { early, late } = splitCommands(spec.extraCommands ?? [], flowFolders(spec, prefect));
    instructions.push(...files.instructions, ...early);
    context.push(...files.context);
    const home = spec.prefectDirectory;
    const inHome = home === undefined ? rules.dockerFolder : `${home}/flows`;
    const flows = spec.path === undefined ? inHome : external_node_path_.posix.dirname(spec.path);
    instructions.push(
    // Layers put files into folders that are there, and Python finds its own modules compiled.
    `RUN mkdir -p ${[MODULES_FOLDER, flows].map(shellQuoted).join(' ')} && { PYTHONDONTWRITEBYTECODE= ${base.python} -c 'import prefect, cloudpickle' || true; }`);
    const asRoot = (lines) => lines.length === 0 || isRoot(base.user) ? lines : ['USER root', ...lines, `USER ${base.user}`];
    if (!isRoot(base.user))
        instructions.push(`USER ${base.user}`);
    return {
        key: environmentKey(inputs, base.digest, base.platform),
        buildKwargs: ownKwargs(spec.buildKwargs),
        lateInstructions: asRoot(late),
        ...{ prefect, instructions, context, base }
    };
}
const shellQuoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
/** An environment image as a registry has it, or undefined for one that is not of the key. */
function remoteEnvironment(remote, name, key, buildKwargs) {
    for (const { config } of remote.platforms) {
        const about = readAbout(config.config?.Labels ?? {}, key);
        if (about === undefined)
            continue;
        const variables = variablesOf(config.config?.['Env']);
        const { digest } = remote;
        return { key, image: `${name}@${digest}`, digest, about, variables, buildKwargs, remote };
    }
    return undefined;
}
/** Tag of an environment image in a daemon. */
const localTag = (key) => `flowstore-environment:${key}`;
/** The environment image of a key that the daemon has, or undefined. */
async function localEnvironment({ docker }, key, buildKwargs) {
    const image = localTag(key);
    const facts = await docker
        .getImage(image)
        .inspect()
        .catch(() => undefined);
    // An image without labels has null here, whatever the types say.
    const about = facts && readAbout(facts.Config.Labels ?? {}, key);
    return (about && {
        ...{ key, image, digest: facts.Id, about, buildKwargs },
        variables: variablesOf(facts.Config.Env)
    });
}
/** Output of pip and the like, without the step's own line. */
const reason = (failure) => (0,virtual_environment/* pipReason */.I_)(failure.lines.join('\n'));
/**
 * Builds an environment image, and labels it with what it turned out to have.
 *
 * @throws FlowstoreError DEPENDENCY_INSTALL with pip's own lines, IMAGE_BUILD
 */
async function buildEnvironment(daemon, plan, log) {
    const { key, base, buildKwargs, instructions } = plan;
    log.info(`Environment ${key}: building it on ${base.reference}, with Prefect ${plan.prefect}`);
    const labels = { ...buildKwargs.labels, [KEY_LABEL]: key };
    const tag = localTag(key);
    try {
        const made = await buildImage(daemon, {
            dockerfile: dockerfileText([`FROM ${base.from}`, ...instructions]),
            context: plan.context,
            ...{ labels, tag, kwargs: buildKwargs }
        }, log);
        const { versions, packages, machine } = await (0,container/* containerPython */.g)(daemon.docker, made).probe();
        const about = {
            ...{ key, base: base.reference, machine, packages },
            python: versions.python,
            prefect: versions.prefect ?? plan.prefect,
            late: [...plan.lateInstructions],
            dockerfile: dockerfileText([
                base.dockerfile?.trimEnd() ?? `FROM ${base.from}`,
                ...instructions
            ])
        };
        await buildImage(daemon, {
            dockerfile: dockerfileText([`FROM ${tag}`]),
            context: [],
            labels: { ...labels, ...aboutLabel(about) },
            ...{ tag, kwargs: { platform: buildKwargs.platform } }
        }, log);
        const environment = await localEnvironment(daemon, key, buildKwargs);
        if (environment === undefined) {
            throw new src_errors/* FlowstoreError */.U3('IMAGE_BUILD', `the environment image ${tag} was built and is gone`, {
                hint: 'Something else removed it from the daemon meanwhile: run this again.'
            });
        }
        return environment;
    }
    catch (error) {
        if (!(error instanceof BuildFailure))
            throw error;
        const pipFailed = / -m pip install /.test(error.message) || error.lines.some(line => /^ERROR: /.test(line));
        throw new src_errors/* FlowstoreError */.U3(pipFailed ? 'DEPENDENCY_INSTALL' : 'IMAGE_BUILD', pipFailed
            ? `the flows' dependencies can't be installed on ${base.reference} (Python ${base.versions.python})`
            : `the environment image can't be built: ${error.message}`, { detail: reason(error) || undefined, cause: error });
    }
}

;// CONCATENATED MODULE: ./src/image/push.ts





const refused = (reference, refusal, cause) => {
    const { registry, repository } = (0,util_reference/* parseReference */.F2)(reference);
    return pushRefused(registry, repository, refusal, cause);
};
/** Where a registry can't be asked from here, the daemon's push tells. */
async function askForRefusal(reference, credentials) {
    const { registry, repository } = (0,util_reference/* parseReference */.F2)(reference);
    try {
        return await new RegistryClient(registry, credentials).pushRefusal(repository);
    }
    catch {
        return undefined;
    }
}
/**
 * Asks the registry, before any work, whether it will let a push in. Only a plain no counts: a
 * registry that the daemon alone can reach, or one in trouble, is left to the push itself.
 *
 * @throws FlowstoreError PUSH_REFUSED with status and the registry's words
 */
async function checkPushAccess(reference, findCredentials) {
    const credentials = await findCredentials((0,util_reference/* parseReference */.F2)(reference).registry);
    const refusal = await askForRefusal(reference, credentials);
    if (refusal && [401, 403].includes(refusal.status))
        throw refused(reference, refusal);
}
/**
 * Pushes an image that the daemon has, then asks the registry which manifest its tag names.
 *
 * @param reference `registry/name:tag`
 * @returns the manifest's digest, as the registry gives it
 * @throws FlowstoreError PUSH_REFUSED with status and the registry's words; REGISTRY when the tag
 * does not name what was pushed
 */
async function pushImage({ docker }, reference, findCredentials) {
    const { registry, tag } = (0,util_reference/* parseReference */.F2)(reference);
    const credentials = await findCredentials(registry);
    // Without the header old daemons refuse the request itself.
    const authconfig = { serveraddress: registry, ...credentials };
    const image = docker.getImage(reference);
    let pushed;
    try {
        const stream = await image.push({ tag, authconfig });
        await (0,util_docker/* followProgress */.F3)(docker, stream, event => {
            pushed = event.aux?.Digest ?? pushed;
        });
    }
    catch (error) {
        const refusal = await askForRefusal(reference, credentials);
        if (refusal)
            throw refused(reference, refusal, error);
        throw new src_errors/* FlowstoreError */.U3('PUSH_REFUSED', `the push of ${reference} failed: ${(0,util_docker/* daemonWords */.UO)(error)}`, {
            cause: error
        });
    }
    let digest;
    try {
        // Through the daemon: it reaches the registry that it pushed to, wherever it runs.
        const facts = (await image.distribution({ authconfig }));
        digest = facts.Descriptor.digest;
    }
    catch (error) {
        throw new src_errors/* FlowstoreError */.U3('REGISTRY', `${registry} does not tell the digest of ${reference}: ${(0,util_docker/* daemonWords */.UO)(error)}`, { cause: error });
    }
    if (pushed !== undefined && pushed !== digest) {
        throw new src_errors/* FlowstoreError */.U3('REGISTRY', `${reference} names ${digest}, not the ${pushed} that was pushed`, { hint: 'Another push to the same tag came between: let one job at a time push a tag.' });
    }
    return digest;
}
/**
 * Pushes an image under further tags.
 *
 * @throws as {@link pushImage}
 */
async function pushTags(daemon, { name, repository }, tags, findCredentials) {
    for (const tag of tags) {
        await daemon.docker.getImage(name).tag({ repo: repository, tag });
        await pushImage(daemon, `${repository}:${tag}`, findCredentials);
    }
}

;// CONCATENATED MODULE: ./src/image/user-dockerfile.ts






/**
 * Builds the user's own Dockerfile, with the working directory as its context, as a base image.
 *
 * @throws FlowstoreError IMAGE_BUILD with the last lines of the step that failed
 */
async function userBaseImage(daemon, { path, cwd, dockerignore, buildKwargs }, log) {
    const dockerfile = await (0,promises_.readFile)((0,external_node_path_.resolve)(cwd, path), 'utf8');
    const filter = await (0,discover_sources/* dockerFilter */.RR)(cwd, dockerignore);
    const { context } = await copiedFiles(cwd, [{ source: '.', destination: '/' }], filter);
    const root = 'files/0';
    let id;
    log.info(`Building ${path}`);
    try {
        id = await buildImage(daemon, {
            dockerfile,
            context: context
                .filter(entry => entry.path !== root)
                .map(entry => ({ ...entry, path: entry.path.slice(root.length + 1) })),
            kwargs: buildKwargs
        }, log);
    }
    catch (error) {
        throw error instanceof BuildFailure ? error.imageBuild(path, path) : error;
    }
    const tag = id.replace('sha256:', '').slice(0, 20);
    await daemon.docker.getImage(id).tag({ repo: BASE_NAME, tag });
    const base = await baseImage(daemon, `${BASE_NAME}:${tag}`, true, () => Promise.resolve(undefined), log);
    return { ...base, dockerfile };
}

// EXTERNAL MODULE: ./src/registry/credentials.ts
var registry_credentials = __webpack_require__(3653);
;// CONCATENATED MODULE: ./src/registry/documents.ts




// Only what is relied on is described: everything else in these documents is kept as it is.
const descriptorSchema = schemas/* looseObject */._H3({
    mediaType: schemas/* string */.YjP(),
    digest: schemas/* string */.YjP(),
    size: schemas/* number */.aig(),
    annotations: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* string */.YjP()).nullish(),
    platform: schemas/* looseObject */._H3({ os: schemas/* string */.YjP(), architecture: schemas/* string */.YjP(), variant: schemas/* string */.YjP().optional() })
        .optional()
});
const manifestSchema = schemas/* looseObject */._H3({
    config: descriptorSchema,
    layers: schemas/* array */.YOg(descriptorSchema)
});
const indexSchema = schemas/* looseObject */._H3({ manifests: schemas/* array */.YOg(descriptorSchema) });
const configSchema = schemas/* looseObject */._H3({
    rootfs: schemas/* looseObject */._H3({ diff_ids: schemas/* array */.YOg(schemas/* string */.YjP()) }),
    history: schemas/* array */.YOg(schemas/* looseObject */._H3({})).nullish(),
    config: schemas/* looseObject */._H3({ Labels: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* string */.YjP()).nullish() }).nullish()
});
/** The family that a media type is of, as that part of an image. */
const familyOf = (part, type) => [OCI, DOCKER].find(family => family[part] === type);
/** Reads a document, keeping the value as it was written: its keys and their order. */
function parse(schema, text, what) {
    let value;
    try {
        value = JSON.parse(text);
    }
    catch {
        throw new AppendUnsupported(`${what} is no JSON`);
    }
    const checked = schema.safeParse(value);
    if (!checked.success)
        throw new AppendUnsupported(`${what} is not of the known form`);
    return value;
}
/** Reads the manifest of one image. */
const parseManifest = ({ body, digest }) => parse(manifestSchema, body, `the manifest ${digest}`);
/** Reads an index, or a manifest list. */
const parseIndex = ({ body, digest }) => parse(indexSchema, body, `the index ${digest}`);
/** Reads the configuration that a manifest names by its digest. */
const parseConfig = (content, digest) => parse(configSchema, content.toString('utf8'), `the configuration ${digest}`);
/** A descriptor of other content, with all else that the old one says but the content itself. */
function descriptorOf(old, content) {
    const descriptor = {
        ...old,
        digest: digestOf(content),
        size: Buffer.byteLength(content)
    };
    delete descriptor['data'];
    return descriptor;
}

;// CONCATENATED MODULE: ./src/registry/images.ts


/**
 * Whether an entry of an index is BuildKit's statement about another entry ("Image attestation
 * storage"). Once that other image has a new layer, the statement is about none.
 */
const isAttestation = ({ annotations, platform }) => Object.keys(annotations ?? {}).some(name => name.startsWith('vnd.docker.reference.')) ||
    (platform?.os === 'unknown' && platform.architecture === 'unknown');
async function readPlatform(client, repository, manifest, platform) {
    if (familyOf('manifest', manifest.mediaType) === undefined) {
        throw new AppendUnsupported(`${manifest.digest} is of the kind ${manifest.mediaType}`);
    }
    const { config } = parseManifest(manifest);
    if (familyOf('config', config.mediaType) === undefined) {
        throw new AppendUnsupported(`${manifest.digest} is no image but ${config.mediaType}`);
    }
    const content = await client.blob(repository, config.digest);
    return {
        platform,
        manifest,
        config: parseConfig(content, config.digest)
    };
}
/**
 * Reads an image: its manifest and its configuration, of each platform where there are several.
 *
 * @returns undefined where the repository has none of that name
 * @throws AppendUnsupported for what is no image of the OCI's or Docker's schema 2
 */
async function readImage(client, repository, reference) {
    const manifest = await client.manifest(repository, reference);
    if (manifest === undefined)
        return undefined;
    const { digest, mediaType } = manifest;
    if (familyOf('index', mediaType) === undefined) {
        const image = await readPlatform(client, repository, manifest, undefined);
        return { digest, mediaType, manifest, platforms: [image] };
    }
    const entries = parseIndex(manifest).manifests.filter(entry => !isAttestation(entry));
    if (entries.length === 0)
        throw new AppendUnsupported(`the index ${digest} has no image`);
    const platforms = await Promise.all(entries.map(async (entry) => {
        const stored = await client.manifest(repository, entry.digest);
        if (stored === undefined) {
            throw new AppendUnsupported(`the repository lacks ${entry.digest} of the index ${digest}`);
        }
        return readPlatform(client, repository, stored, entry.platform);
    }));
    return { digest, mediaType, manifest, platforms };
}
/**
 * Gives an image more tags, one request each. The first one is there before the others are begun.
 */
async function tagImage(client, repository, { mediaType, body }, tags) {
    const [first, ...others] = tags;
    if (first === undefined)
        return;
    const put = (tag) => client.putManifest(repository, tag, mediaType, body);
    await put(first);
    await Promise.all(others.map(put));
}

;// CONCATENATED MODULE: ./src/phases/target.ts






/** The place that the image is pushed to, or undefined where it is not pushed. */
async function targetOf(run, credentials) {
    const { storage, push, registryUrl } = run.options;
    if (storage !== 'docker' || !push || registryUrl === undefined)
        return undefined;
    const name = `${registryUrl}/${imageName(run)}`;
    const { registry, repository } = (0,util_reference/* parseReference */.F2)(name);
    const client = new RegistryClient(registry, await credentials(registry), { access: 'pull,push' });
    return { name, registry, repository, client, unsupported: undefined };
}
/** The image of a tag; undefined also where the registry can't be asked, which the target then says. */
async function imageOf(target, tag) {
    if (target.unsupported !== undefined)
        return undefined;
    try {
        return await readImage(target.client, target.repository, tag);
    }
    catch (error) {
        if (!(error instanceof AppendUnsupported))
            throw error;
        target.unsupported = error.reason;
        return undefined;
    }
}
/** See {@link checkPushAccess}. */
const checkAccess = (target, credentials) => checkPushAccess(target.name, credentials);

;// CONCATENATED MODULE: ./src/phases/environment.ts














/** The tag of an environment image in the image's own repository. */
const remoteTag = (key) => `env-${key}`;
/** @throws FlowstoreError MISSING_OPTION where nothing says which Prefect to install */
async function planImage(run) {
    const { options, surroundings, sources, requirements } = run;
    const { cwd, env } = surroundings;
    const { dockerfile, dockerignore, tlsConfig } = options;
    const version = options.prefectVersion ?? (0,prefect_rules/* pinnedPrefect */.k_)((0,load_requirements/* requirementLines */.p$)(requirements));
    if (options.baseImage === undefined && dockerfile === undefined && version === undefined) {
        throw new src_errors/* FlowstoreError */.U3('MISSING_OPTION', "the option 'prefect-version' is required: no Prefect is pinned, and no base-image is given", {
            hint: 'Set prefect-version, pin prefect in python-dependencies or the requirements file, or say a base-image that has Prefect.'
        });
    }
    const credentials = (0,registry_credentials/* dockerCredentials */.d)(env);
    const connection = tlsConfig === undefined
        ? env
        : { ...env, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: (0,external_node_path_.resolve)(cwd, tlsConfig) };
    let connecting;
    return {
        inputs: await environmentInputs({
            prefectVersion: options.prefectVersion,
            requirements,
            envVars: options.envVars,
            files: options.files,
            filter: await (0,discover_sources/* dockerFilter */.RR)(cwd, dockerignore),
            extraCommands: options.extraDockerfileCommands,
            prefectDirectory: options.prefectDirectory,
            path: options.storage === 'docker' ? options.path : undefined,
            withoutFlows: options.storage !== 'docker',
            buildKwargs: { ...options.buildKwargs, ...(options.refresh ? { nocache: true } : {}) },
            sources
        }),
        base: dockerfile === undefined
            ? (options.baseImage ?? (0,prefect_rules/* defaultBaseImage */.qS)(version ?? '', options.python))
            : undefined,
        target: await targetOf(run, credentials),
        credentials,
        daemon: () => (connecting ??= (0,util_docker/* connectDocker */.Z8)(options.baseUrl, connection))
    };
}
/** The environment image that the registry has under a key. */
async function inRegistry({ log }, { target, inputs }, key) {
    const remote = target && (await imageOf(target, remoteTag(key)));
    if (remote === undefined)
        return undefined;
    const found = remoteEnvironment(remote, target?.name ?? '', key, inputs.spec.buildKwargs ?? {});
    if (found === undefined) {
        log.notice({
            level: 'warning',
            message: `the image ${remoteTag(key)} in the registry does not say that it is the environment of that key: it is made anew`
        });
    }
    return found;
}
/**
 * The environment image, where nothing has to be made, pulled or started to have it: from the registry
 * that the image goes to, or without a push from the daemon. Undefined also where it is to be made anew.
 */
async function findEnvironment(run, work) {
    const { options, log } = run;
    const { inputs, base, target, credentials, daemon } = work;
    const buildKwargs = inputs.spec.buildKwargs ?? {};
    if (base === undefined || buildKwargs.nocache)
        return undefined;
    const digest = await baseDigest(daemon, base, options.localImage, credentials);
    if (digest === undefined)
        return undefined;
    const { platform } = buildKwargs;
    const key = environmentKey(inputs, digest, platform === undefined ? platformOf('linux', process.arch) : parsePlatform(platform));
    const found = target && target.unsupported === undefined
        ? await inRegistry(run, work, key)
        : await localEnvironment(await daemon(), key, buildKwargs);
    if (found) {
        log.info(`Environment ${key}: ${found.remote ? 'the registry' : 'the daemon'} has it`);
    }
    return found;
}
/**
 * Makes the environment image, where the daemon and the registry don't have it, and pushes it there.
 *
 * @throws FlowstoreError what would fail later for sure fails here first: DAEMON, PUSH_REFUSED,
 * BASE_IMAGE_PULL, and all that building throws
 */
async function makeEnvironment(run, work) {
    const { options, surroundings, log } = run;
    const { inputs, target, credentials } = work;
    const { dockerfile, dockerignore, localImage, buildKwargs: given } = options;
    const buildKwargs = inputs.spec.buildKwargs ?? {};
    const daemon = await work.daemon();
    if (target)
        await checkAccess(target, credentials);
    const base = work.base === undefined
        ? await userBaseImage(daemon, { path: dockerfile ?? '', cwd: surroundings.cwd, dockerignore, buildKwargs: given }, log)
        : await baseImage(daemon, work.base, localImage, credentials, log, given.platform);
    const plan = planEnvironment(inputs, base, log);
    const { key } = plan;
    const fresh = buildKwargs.nocache === true;
    const local = fresh ? undefined : await localEnvironment(daemon, key, buildKwargs);
    if (local)
        log.info(`Environment ${key}: the daemon has it`);
    const remote = local || fresh ? undefined : await inRegistry(run, work, key);
    if (remote) {
        log.info(`Environment ${key}: the registry has it`);
        return remote;
    }
    const made = local ?? (await buildEnvironment(daemon, plan, log));
    return target === undefined ? made : pushed(run, work, target, made);
}
/** An environment image of the daemon, in the registry as well. */
async function pushed(run, work, target, environment) {
    const daemon = await work.daemon();
    const tag = remoteTag(environment.key);
    await daemon.docker.getImage(environment.image).tag({ repo: target.name, tag });
    await pushImage(daemon, `${target.name}:${tag}`, work.credentials);
    run.log.info(`Environment ${environment.key}: pushed as ${target.name}:${tag}`);
    return (await inRegistry(run, work, environment.key)) ?? environment;
}
/** Has an environment image in the daemon, pulled where it is in its registry only. */
async function inDaemon({ image, remote }, { daemon: connect, credentials }) {
    const daemon = await connect();
    if (remote === undefined)
        return daemon;
    const known = await daemon.docker
        .getImage(image)
        .inspect()
        .catch(() => undefined);
    if (known === undefined) {
        await (0,pull/* pullImage */.Z)(daemon, {
            reference: image,
            findCredentials: credentials,
            what: 'the environment image',
            hint: (_words, registry) => `Log in to ${registry} (docker login).`
        });
    }
    return daemon;
}

// EXTERNAL MODULE: ./src/load/loader.ts + 2 modules
var loader = __webpack_require__(49539);
// EXTERNAL MODULE: ./src/storage/deserialize.ts
var deserialize = __webpack_require__(40534);
// EXTERNAL MODULE: ./src/storage/docker.ts
var docker = __webpack_require__(90461);
;// CONCATENATED MODULE: ./src/phases/look-up.ts









/**
 * Identifies an image by all that a load can see and all that decides what becomes of it: the very
 * environment image, the sources, the modules asked for, the loader. What the modules' storages say
 * is in the sources.
 */
async function imageKey({ sources, modules, options }, { environment }) {
    const { loadIn, python, storedAsScript, path, healthcheck, storageConflict } = options;
    return (0,util_hash/* sha256Json */.iE)([
        environment.key,
        // Made anew, an environment may have other packages; without a registry none is kept for long.
        environment.remote?.digest ?? null,
        await (0,discover_sources/* sourcesHash */.tM)(sources),
        modules,
        { loadIn, python: loadIn === 'image' ? undefined : python, storedAsScript, path },
        { healthcheck, storageConflict },
        src_version/* VERSION */.x,
        await (0,util_hash/* sha256File */.Q3)(loader/* LOADER_FILE */.vr)
    ]).slice(0, 20);
}
/** The image that the same input has made before, where the registry has it under this run's tag. */
async function knownImage(run, image) {
    const { target } = image.work;
    const { options, log } = run;
    if (target === undefined || image.environment.remote === undefined || options.force) {
        return undefined;
    }
    const { key } = image;
    const tag = options.imageTag ?? key;
    const known = await imageOf(target, tag);
    const labels = known?.platforms[0]?.config.config?.Labels;
    const found = readImageLabels(labels ?? {}, key);
    if (known === undefined || found === undefined)
        return undefined;
    let storage;
    try {
        storage = (0,deserialize/* deserialize */.i)(found.storage);
    }
    catch {
        return undefined;
    }
    const same = storage instanceof docker/* DockerStorage */.Q &&
        storage.registryUrl === options.registryUrl &&
        storage.imageName === imageName(run) &&
        storage.imageTag === tag;
    if (!same)
        return undefined;
    log.info(`Unchanged: ${target.name}:${tag} was made of the same input`);
    return {
        ...{ run, known, target, built: found.built },
        storage: found.storage
    };
}

// EXTERNAL MODULE: ./src/load/find-python.ts
var find_python = __webpack_require__(21396);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(73024);
;// CONCATENATED MODULE: ./src/load/staging.ts




const EPOCH = new Date(0);
/**
 * Copies the declared sources into an empty folder, so that a load on this machine sees what one in a
 * container does: nothing that was ignored, fixed modes and times, no link out of the repository.
 */
async function stageSources(sources) {
    const root = await (0,promises_.mkdtemp)((0,external_node_path_.join)((0,external_node_os_.tmpdir)(), 'flowstore-sources-'));
    const remove = () => (0,promises_.rm)(root, { recursive: true, force: true });
    try {
        const folders = new Set(sources.files.map(file => (0,external_node_path_.dirname)(file.path)));
        for (const folder of folders)
            await (0,promises_.mkdir)((0,external_node_path_.join)(root, folder), { recursive: true });
        await Promise.all(sources.files.map(async ({ path, link, executable }) => {
            const to = (0,external_node_path_.join)(root, path);
            if (link !== undefined) {
                const target = external_node_path_.posix.normalize(external_node_path_.posix.join(external_node_path_.posix.dirname(path), link));
                if (!external_node_path_.posix.isAbsolute(link) && !target.startsWith('..'))
                    await (0,promises_.symlink)(link, to);
                return;
            }
            await (0,promises_.copyFile)((0,external_node_path_.join)(sources.root, path), to, external_node_fs_.constants.COPYFILE_FICLONE);
            await (0,promises_.chmod)(to, executable ? 0o755 : 0o644);
            await (0,promises_.utimes)(to, EPOCH, EPOCH);
        }));
        return { sources: { ...sources, root }, remove };
    }
    catch (error) {
        await remove();
        throw error;
    }
}

;// CONCATENATED MODULE: ./src/phases/python.ts









/** What differs, for people. */
const differenceText = (differences) => {
    const first = ['python', 'machine', 'prefect', 'cloudpickle'];
    const rank = ({ what }) => (first.includes(what) ? first.indexOf(what) : 9);
    const named = [...differences]
        .sort((one, other) => rank(one) - rank(other))
        .slice(0, 3)
        .map(({ what, expected, found }) => `${what} is ${found ?? 'absent'}, ${expected} in the image`);
    const more = differences.length - named.length;
    return `${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
};
/** Packages that install others: no flow is made or read by them. */
const INSTALLERS = new Set(['pip', 'setuptools', 'wheel', 'uv']);
const packagesOf = ({ about }) => Object.fromEntries(Object.entries(about.packages).filter(([name]) => !INSTALLERS.has(name)));
/** The interpreter that an environment image has: with every package, or with what pickles hang on. */
function interpreterOf(environment, every) {
    const { python, machine } = environment.about;
    const packages = packagesOf(environment);
    return {
        python: (0,version/* minorOf */.H)(python),
        machine,
        packages: every
            ? packages
            : Object.fromEntries(Object.entries(packages).filter(([name]) => ['prefect', 'cloudpickle'].includes(name)))
    };
}
/** Opens a Python in a container of the environment image. */
async function openContainer(run, { work, environment }, why) {
    const { docker } = await inDaemon(environment, work);
    const session = await (0,container/* containerPython */.g)(docker, environment.image, run.sources).open();
    run.defer(() => session.close());
    return { session, container: session, in: 'image', why };
}
/** Variables of an image that mean something else, or nothing, outside it. */
const OF_THE_IMAGE = /^(PATH|HOME|PYTHONPATH|PYTHONHOME|LD_LIBRARY_PATH|PIP_.*|UV_.*)$/;
/** Opens an interpreter of this machine as if it were the image's: same sources, same variables. */
async function openLike(run, { environment }, python, why, expected) {
    const { env, cwd } = run.surroundings;
    const staged = await stageSources(run.sources);
    run.defer(() => staged.remove());
    const path = (0,external_node_path_.isAbsolute)(python) || !/[/\\]/.test(python) ? python : (0,external_node_path_.resolve)(cwd, python);
    const variables = Object.entries(environment.variables).filter(([n]) => !OF_THE_IMAGE.test(n));
    const place = (0,interpreter/* interpreterPython */.p)({
        python: path,
        sources: staged.sources,
        // What it takes to start; nothing else of this machine's.
        env: {
            PATH: [(0,external_node_path_.isAbsolute)(path) ? (0,external_node_path_.dirname)(path) : undefined, env['PATH']]
                .filter(Boolean)
                .join(external_node_path_.delimiter),
            LD_LIBRARY_PATH: env['LD_LIBRARY_PATH'],
            SYSTEMROOT: env['SYSTEMROOT']
        },
        envVars: Object.fromEntries(variables)
    });
    const session = await place.open();
    run.defer(() => session.close());
    return { session, in: 'runner', why, expected };
}
/** An interpreter with the very packages of the environment image: the kept one, else a new one. */
async function exactPython(run, { environment }) {
    const { options, surroundings, log, sources, requirements } = run;
    const { about, key } = environment;
    const minor = (0,version/* minorOf */.H)(about.python);
    return (0,load_environment/* loadingPython */.n)({
        python: options.python ?? minor,
        prefectVersion: about.prefect,
        requirements,
        sources,
        exact: { key, python: minor, packages: packagesOf(environment) },
        ...surroundings
    }, log);
}
/**
 * The interpreters of this machine to try for flows of an image, best first. The next is asked for only
 * where the one before is not like the image's.
 */
async function* interpretersLike(run, image) {
    const { options, surroundings } = run;
    const { environment } = image;
    const every = interpreterOf(environment, true);
    const asked = options.python;
    const isVersion = asked !== undefined && /^\d+\.\d+(\.\d+)?$/.test(asked);
    const kept = (0,load_environment/* keptPython */.$)(surroundings.cache, environment.key);
    if (kept !== undefined && (asked === undefined || isVersion)) {
        yield await openLike(run, image, kept, 'an interpreter kept for this environment', every);
    }
    const [first] = asked === undefined || isVersion
        ? [...(0,find_python/* onPath */.L)(surroundings.env, 'python3'), ...(0,find_python/* onPath */.L)(surroundings.env, 'python')]
        : [asked];
    if (first !== undefined) {
        const given = asked !== undefined && !isVersion;
        const expected = interpreterOf(environment, options.loadIn === 'auto' || !given);
        yield await openLike(run, image, first, `${first} is like the image's Python`, expected);
    }
}
/** An interpreter of this machine that is made for flows of an image. */
async function* interpreterMade(run, image) {
    const python = await exactPython(run, image);
    const every = interpreterOf(image.environment, true);
    yield await openLike(run, image, python, 'an interpreter made for this environment', every);
}
/** Why flows of an image can't be loaded outside it without another result, or undefined. */
function boundToImage({ options }) {
    if (options.dockerfile !== undefined)
        return 'a dockerfile makes the environment';
    if (options.files.length > 0)
        return 'files are put into the image';
    if (options.extraDockerfileCommands.length > 0)
        return 'extra commands run in the image';
    return undefined;
}
/** @throws FlowstoreError VERSION_MISMATCH */
function mismatch(differences) {
    return new src_errors/* FlowstoreError */.U3('VERSION_MISMATCH', `the runner and the image differ: ${differenceText(differences)}`, {
        hint: "Load the flows in the image (load-in: image), or choose an interpreter like the image's with python."
    });
}

;// CONCATENATED MODULE: ./src/phases/load.ts











/** Has the environment image: found where it is, else made. */
async function imageEnvironment(run) {
    const work = await planImage(run);
    const environment = (await findEnvironment(run, work)) ?? (await makeEnvironment(run, work));
    return { work, environment };
}
const load = async (run, { session, expected }) => {
    const { options, log, modules } = run;
    const found = await loadFlows(session, modules, options.storage === 'docker' ? 'reference' : 'value', storageLabels(options.storage), expected);
    if (found.log.trim() !== '')
        log.debug(found.log.trimEnd());
    return found;
};
/** Loads the flows of an image where the options say. */
async function loadForImage(run, image) {
    const { options, log } = run;
    const inContainer = async (why) => {
        if (options.loadIn !== 'image')
            log.info(`Loading in a container of the image: ${why}`);
        const loading = await openContainer(run, image, why);
        return { loading, loaded: await load(run, loading) };
    };
    if (options.loadIn === 'image')
        return inContainer('load-in asks for it');
    const bound = options.loadIn === 'auto' ? boundToImage(run) : undefined;
    if (bound !== undefined)
        return inContainer(bound);
    let last;
    const onRunner = async (candidates) => {
        for await (const loading of candidates) {
            const loaded = await load(run, loading);
            if (loaded.differences.length === 0) {
                log.info(`Loading on the runner: ${loading.why}`);
                return { loading, loaded };
            }
            last = loaded.differences;
        }
        return undefined;
    };
    const found = await onRunner(interpretersLike(run, image));
    if (found)
        return found;
    const why = last ? differenceText(last) : 'no interpreter is at hand';
    if (options.loadIn === 'auto') {
        try {
            await image.work.daemon();
            return await inContainer(why);
        }
        catch (error) {
            if (!(error instanceof src_errors/* FlowstoreError */.U3) || error.code !== 'DAEMON')
                throw error;
            log.info(`${error.message}; no interpreter here is like the image's: ${why}`);
        }
    }
    const made = await onRunner(interpreterMade(run, image));
    if (made)
        return made;
    throw mismatch(last ?? []);
}
/** Loads flows that go into no image: on this machine, or in a container of one. */
async function loadEmbedded(run) {
    const { options, surroundings, log, sources, requirements } = run;
    const { cwd, env, cache } = surroundings;
    const { image, python } = await log.phase('environment', async () => options.loadIn === 'image'
        ? { image: await imageEnvironment(run), python: '' }
        : {
            image: undefined,
            python: await (0,load_environment/* loadingPython */.n)({
                ...{ python: options.python, prefectVersion: options.prefectVersion },
                ...{ requirements, sources, cwd, env, cache }
            }, log)
        });
    return log.phase('load', async () => {
        const place = image
            ? (0,container/* containerPython */.g)((await inDaemon(image.environment, image.work)).docker, image.environment.image, sources)
            : (0,interpreter/* interpreterPython */.p)({ python, sources, env, envVars: options.envVars });
        const session = await place.open();
        run.defer(() => session.close());
        const loading = { session, in: image ? 'image' : 'runner', why: '' };
        return { loading, loaded: await load(run, loading) };
    });
}
async function loadOnce(run) {
    const { options, log } = run;
    if (options.storage !== 'docker') {
        return { run, image: undefined, ...(await loadEmbedded(run)) };
    }
    const found = await log.phase('environment', async () => {
        const work = await planImage(run);
        const environment = (await findEnvironment(run, work)) ?? (await makeEnvironment(run, work));
        const image = { work, environment };
        const planned = { ...image, key: await imageKey(run, image) };
        return (await knownImage(run, planned)) ?? planned;
    });
    if ('known' in found)
        return found;
    return { run, image: found, ...(await log.phase('load', () => loadForImage(run, found))) };
}
const usesImage = ({ storage, loadIn }) => storage === 'docker' || loadIn === 'image';
const withOptions = async (run, options) => ({
    ...run,
    options,
    requirements: await (0,load_requirements/* readRequirements */.F2)(run.surroundings.cwd, options.pythonDependencies, options.requirementsFile, { env: run.surroundings.env, cache: run.surroundings.cache, log: run.log })
});
/**
 * Loads the flows, with what the storages in their modules ask for: that is known once they are
 * loaded, so where it makes another environment they are loaded again, in that one. Where the registry
 * has an image of the same input nothing is loaded.
 *
 * @throws FlowstoreError (or FlowstoreErrors with all that is wrong with the modules)
 */
async function loadMerged(first) {
    const { log, modules } = first;
    let found = await loadOnce(first);
    if ('known' in found)
        return found;
    const missing = found.loaded.dependencies.filter(line => !first.options.pythonDependencies.includes(line));
    if (found.loaded.problems.length > 0 && missing.length > 0 && usesImage(first.options)) {
        const { options } = first;
        log.info(`A module does not import; its Docker storage asks for ${missing.join(' ')}`);
        const pythonDependencies = [...options.pythonDependencies, ...missing];
        found = await loadOnce(await withOptions(first, { ...options, pythonDependencies }));
        if ('known' in found)
            return found;
    }
    (0,src_errors/* throwAll */.Kx)(found.loaded.problems);
    const { options } = found.run;
    const declared = new Set(first.sources.files.filter(file => file.link === undefined).map(file => file.path));
    const merged = mergeOwnStorages(options, found.loaded.flows, path => declared.has(path));
    if (options.storageConflict === 'error')
        (0,src_errors/* throwAll */.Kx)(merged.conflicts);
    for (const notice of merged.notices)
        log.notice(notice);
    if (merged.flows.length === 0)
        throw noFlow(modules);
    const { registryUrl, imageName, imageTag } = merged.options;
    const elsewhere = registryUrl !== options.registryUrl || imageName !== options.imageName;
    if ((elsewhere || !sameEnvironment(options, merged.options)) && usesImage(options)) {
        log.info('The storages of the modules ask for another environment or place');
        found = await loadOnce(await withOptions(found.run, merged.options));
        if ('known' in found)
            return found;
        (0,src_errors/* throwAll */.Kx)(found.loaded.problems);
    }
    else if (found.image && imageTag !== options.imageTag) {
        const known = await knownImage({ ...found.run, options: merged.options }, found.image);
        if (known)
            return known;
    }
    for (const { message, file, line } of found.loaded.unregistrable) {
        log.notice({ level: 'warning', message: `no flows.json: ${message}`, file, line });
    }
    const kept = new Set(merged.flows.map(flow => flow.name));
    return {
        ...found,
        run: { ...found.run, options: merged.options },
        secrets: merged.secrets,
        loaded: { ...found.loaded, flows: found.loaded.flows.filter(flow => kept.has(flow.name)) }
    };
}

// EXTERNAL MODULE: external "node:stream/promises"
var external_node_stream_promises_ = __webpack_require__(46466);
;// CONCATENATED MODULE: ./src/load/healthcheck.ts

/**
 * Reads flows back in a fresh interpreter that has seen none of the user's modules, in an empty folder.
 *
 * @param where the flow's final file: its path where Python runs, or its content
 * @throws FlowstoreError HEALTHCHECK for every flow that does not come back, with what was raised
 */
async function healthcheck(place, flows, where) {
    const { flows: checked } = await place.check(flows.map(flow => ({ name: flow.name, ...where(flow) })));
    (0,src_errors/* throwAll */.Kx)(flows.flatMap((flow, index) => {
        const check = checked[index];
        if (check?.ok && check.name === flow.name)
            return [];
        return [
            new src_errors/* FlowstoreError */.U3('HEALTHCHECK', `flow "${flow.name}" does not load back: ${check?.error ?? 'no reason given'}`, {
                file: flow.module,
                line: flow.line,
                detail: check?.detail ?? undefined,
                hint: check?.missingModule
                    ? `It needs the module '${check.missingModule}' at run time: add its package to python-dependencies.`
                    : undefined
            })
        ];
    }));
}

// EXTERNAL MODULE: ./src/storage/file.ts
var file = __webpack_require__(30423);
// EXTERNAL MODULE: ./src/util/log.ts
var log = __webpack_require__(29906);
// EXTERNAL MODULE: external "node:stream/consumers"
var consumers_ = __webpack_require__(38321);
;// CONCATENATED MODULE: ./src/image/flows.ts






/**
 * The instructions that put flows and modules on an environment image, and their context.
 *
 * @param late further instructions, for after the flows
 */
function flowInstructions({ flows, modules }, late) {
    const folders = [...new Set([...flows.keys()].map(location => external_node_path_.posix.dirname(location)))];
    return {
        instructions: [
            // Modules change less often than flows do.
            ...(modules.length > 0 ? [copyInstruction('modules/', `${MODULES_FOLDER}/`)] : []),
            ...folders.map((folder, index) => copyInstruction(`flows/${index}/`, `${folder}/`)),
            ...late
        ],
        context: [
            ...modules.map(({ path, source, size }) => ({ path: `modules/${path}`, source, size })),
            ...[...flows].map(([location, content]) => ({
                path: `flows/${folders.indexOf(external_node_path_.posix.dirname(location))}/${external_node_path_.posix.basename(location)}`,
                content
            }))
        ]
    };
}
/**
 * The layer as an archive of the image's files: entries sorted, epoch times, root's, and no folder but
 * those of modules, so that what an environment image has stays as it is. The same content makes the
 * same bytes.
 */
async function layerTar({ flows, modules }) {
    const folders = new Set();
    for (const { path } of modules) {
        for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
            folders.add(`${MODULES_FOLDER}/${path.slice(0, at)}`);
        }
    }
    const entries = [
        ...[...folders].map(path => ({ path: path.slice(1), folder: true })),
        ...modules.map(({ path, source, size }) => ({
            path: `${MODULES_FOLDER}/${path}`.slice(1),
            ...{ source, size }
        })),
        ...[...flows].map(([location, content]) => ({ path: location.slice(1), content }))
    ].sort((one, other) => (one.path < other.path ? -1 : 1));
    return (0,consumers_.buffer)((0,util_tar/* packTar */.nG)(entries));
}
/**
 * Builds the image: the flows, and the modules they need, on an environment image.
 *
 * @returns the image's id; it has no tag yet
 * @throws FlowstoreError IMAGE_BUILD
 */
async function flowImage(daemon, environment, layer, labels, log) {
    const { instructions, context } = flowInstructions(layer, environment.about.late);
    try {
        return await buildImage(daemon, {
            dockerfile: dockerfileText([`FROM ${environment.image}`, ...instructions]),
            context,
            labels: { ...environment.buildKwargs.labels, ...labels },
            kwargs: environment.buildKwargs
        }, log);
    }
    catch (error) {
        throw error instanceof BuildFailure ? error.imageBuild('the image') : error;
    }
}

;// CONCATENATED MODULE: ./src/image/docker.ts

























/** Bytes of a file's name on the filesystems that images are on. */
const LONGEST = 255;
/**
 * Prefect's `Docker` storage: an image with Prefect, dependencies and files, and the flows on top of
 * them at the locations of the Prefect release.
 */
class Docker extends docker/* DockerStorage */.Q {
    baseImage;
    pythonDependencies;
    envVars;
    files;
    baseUrl;
    localImage;
    options;
    root;
    env;
    log;
    credentials;
    daemon;
    connecting;
    basing;
    planning;
    preparing;
    pushedDigest;
    /** @throws FlowstoreError STORAGE_INVALID in Prefect's words for a file whose path is relative */
    constructor(options = {}, collaborators = {}) {
        super(options);
        this.baseImage =
            options.baseImage ?? (0,prefect_rules/* defaultBaseImage */.qS)(this.prefectVersion, undefined, this.rules.release);
        this.pythonDependencies = options.pythonDependencies ?? [];
        this.envVars = options.envVars ?? {};
        this.files = options.files ?? {};
        this.baseUrl = options.baseUrl;
        this.localImage = options.localImage ?? false;
        this.options = options;
        this.env = collaborators.env ?? {};
        this.root = collaborators.root ?? process.cwd();
        this.log = collaborators.log ?? (0,log.silentLog)();
        this.credentials = (0,registry_credentials/* dockerCredentials */.d)(this.env);
        this.daemon = collaborators.daemon;
        if (collaborators.environment)
            this.preparing = Promise.resolve(collaborators.environment);
        const relative = Object.keys(this.files).filter(path => !(0,external_node_path_.isAbsolute)(path));
        if (relative.length > 0) {
            throw new src_errors/* FlowstoreError */.U3('STORAGE_INVALID', `Provided paths ${relative.join(', ')} are not absolute file paths, please provide absolute paths only.`);
        }
    }
    /** Digest of the pushed image's manifest; undefined until it is pushed. */
    get digest() {
        return this.pushedDigest;
    }
    /**
     * Has the base image in the daemon.
     *
     * @throws FlowstoreError DAEMON, BASE_IMAGE_PULL, BASE_IMAGE_PYTHON
     */
    pullImage() {
        const { dockerfile, dockerignore, buildKwargs = {} } = this.options;
        return (this.basing ??= this.connect().then(daemon => dockerfile === undefined
            ? baseImage(daemon, this.baseImage, this.localImage, this.credentials, this.log, buildKwargs.platform)
            : userBaseImage(daemon, { path: dockerfile, cwd: this.root, dockerignore, buildKwargs }, this.log)));
    }
    /**
     * Writes the Dockerfile and its build context into a folder: `docker build FOLDER` gives the image.
     *
     * @returns path of the Dockerfile
     */
    async createDockerfile(directory) {
        const { context } = await this.plan();
        const layer = flowInstructions(await this.layer(), (await this.environment()).about.late);
        const path = (0,external_node_path_.join)(directory, 'Dockerfile');
        await (0,promises_.mkdir)(directory, { recursive: true });
        await (0,external_node_stream_promises_.pipeline)((0,util_tar/* packTar */.nG)([...context, ...layer.context]), (0,util_tar/* extractTar */.nN)(directory));
        await (0,promises_.writeFile)(path, await this.dockerfile());
        return path;
    }
    /** The Dockerfile of the whole image, as one text. */
    async dockerfile() {
        const { about } = await this.environment();
        const { instructions } = flowInstructions(await this.layer(), about.late);
        return about.dockerfile + dockerfileText(instructions);
    }
    /**
     * Builds the image, reads each flow back in a container of it, tags it and pushes it.
     *
     * Without a registry Prefect refuses a push before 0.6.5; since then it warns, and pushes nothing.
     *
     * @throws FlowstoreError STORAGE_INVALID for a push that the release refuses, and all that building,
     * checking and pushing can throw; a failed healthcheck leaves no image
     */
    async buildImage(push = true, check = true) {
        const pushed = push && Boolean(this.registryUrl);
        if (push && !pushed) {
            const { nameNeedsRegistry, registryMissing } = this.rules;
            if (nameNeedsRegistry)
                throw new src_errors/* FlowstoreError */.U3('STORAGE_INVALID', registryMissing);
            this.log.notice({ level: 'warning', message: registryMissing });
        }
        const daemon = await this.connect();
        const environment = await this.environment();
        const layer = await this.layer();
        const flows = [...this.added.values()];
        this.nameImage(environment);
        const labels = await this.labels();
        const id = await this.log.phase('build', () => flowImage(daemon, environment, layer, labels, this.log));
        try {
            if (check) {
                await this.log.phase('healthcheck', () => healthcheck((0,container/* containerPython */.g)(daemon.docker, id), flows, flow => ({
                    path: this.flows.get(flow.name) ?? ''
                })));
            }
            await daemon.docker.getImage(id).tag({ repo: this.repository, tag: this.imageTag ?? '' });
        }
        catch (error) {
            await daemon.docker
                .getImage(id)
                .remove()
                .catch(() => undefined);
            throw error;
        }
        if (pushed)
            await this.log.phase('push', () => this.pushImage(this.repository, this.imageTag ?? ''));
        return this;
    }
    /**
     * Pushes an image that the daemon has.
     *
     * @returns the digest that the registry gives for it
     * @throws FlowstoreError PUSH_REFUSED, REGISTRY
     */
    async pushImage(name, tag) {
        const daemon = await this.connect();
        this.pushedDigest = await pushImage(daemon, `${name}:${tag}`, this.credentials);
        return this.pushedDigest;
    }
    build({ push = true, healthcheck: check = true } = {}) {
        return this.buildImage(push, check);
    }
    connect() {
        return (this.connecting ??= this.daemon?.() ?? (0,util_docker/* connectDocker */.Z8)(this.baseUrl, this.env));
    }
    plan() {
        return (this.planning ??= this.makePlan());
    }
    environment() {
        return (this.preparing ??= this.makeEnvironment());
    }
    async makePlan() {
        const { pythonDependencies, envVars, files, root: cwd } = this;
        const requirements = await (0,load_requirements/* readRequirements */.F2)(cwd, pythonDependencies, undefined);
        const inputs = await environmentInputs({
            prefectVersion: this.options.prefectVersion ?? this.rules.release,
            requirements,
            envVars,
            files: Object.entries(files).map(([source, destination]) => ({ source, destination })),
            filter: await (0,discover_sources/* dockerFilter */.RR)(cwd, this.options.dockerignore),
            extraCommands: this.options.extraDockerfileCommands ?? [],
            prefectDirectory: this.prefectDirectory,
            path: this.path,
            buildKwargs: this.options.buildKwargs ?? {},
            sources: requirements.local.length > 0 ? await (0,discover_sources/* listSources */.rP)(cwd) : (0,discover_sources/* noSources */.S0)(cwd)
        });
        return planEnvironment(inputs, await this.pullImage(), this.log);
    }
    async makeEnvironment() {
        const daemon = await this.connect();
        const plan = await this.plan();
        const known = plan.buildKwargs.nocache
            ? undefined
            : await localEnvironment(daemon, plan.key, plan.buildKwargs);
        return known ?? buildEnvironment(daemon, plan, this.log);
    }
    /** What a build gives back beside the storage. */
    async built() {
        const [first] = this.added.values();
        const dockerfile = await this.dockerfile();
        return {
            flows: [...this.added.values()].map(flow => ({
                name: flow.name,
                module: flow.module,
                line: flow.line,
                location: this.flows.get(flow.name) ?? '',
                size: (0,file/* flowFile */.v)(flow, this.rules).length
            })),
            versions: first?.versions ?? { python: '', prefect: this.rules.release, cloudpickle: '' },
            dockerfile,
            flowsJson: flowsJson(this) ?? null
        };
    }
    /** The labels of the image: they say again what the build gave back. */
    async labels() {
        return imageLabels(this.options.key ?? this.imageTag ?? '', this.serialize(), await this.built());
    }
    /** The flows and their modules, as the last layer has them. */
    async layer() {
        const flows = [...this.added].map(([name, flow]) => [
            this.flows.get(name) ?? '',
            flow
        ]);
        const modules = this.options.modules ?? [];
        const long = flows.find(([location]) => Buffer.byteLength(external_node_path_.posix.basename(location)) > LONGEST);
        if (long) {
            const [location, { name, module, line }] = long;
            throw new src_errors/* FlowstoreError */.U3('STORAGE_INVALID', `flow "${name.slice(0, 40)}…" would lie in a file whose name has ${external_node_path_.posix.basename(location).length} characters, and ${LONGEST} is the most`, { file: module, line, hint: 'Prefect derives the location from the name: shorten it.' });
        }
        if (!this.storedAsScript) {
            return {
                flows: new Map(flows.map(([location, flow]) => [location, (0,file/* flowFile */.v)(flow, this.rules)])),
                modules
            };
        }
        const scripts = [...new Set(flows.map(([, flow]) => flow.module))];
        if (scripts.length > 1) {
            throw new src_errors/* FlowstoreError */.U3('STORAGE_INVALID', `a script storage holds one module, and the flows are of ${scripts.join(', ')}`);
        }
        const [script] = scripts;
        return {
            flows: new Map(script === undefined
                ? []
                : [[this.path ?? '', await (0,promises_.readFile)((0,external_node_path_.join)(this.root, script))]]),
            modules
        };
    }
    /** Prefect names an image that has no name by UUIDs; the same content gets the same name here. */
    nameImage({ key, about }) {
        const flows = [...this.added.values()];
        const [first] = flows;
        this.imageName ??= (0,util_reference/* toRepository */.y4)(flows.length === 1 && first ? first.slug : (0,external_node_path_.basename)(this.root));
        this.imageTag ??= (0,util_hash/* sha256Json */.iE)([
            key,
            about.late,
            flows.map(flow => [flow.name, (0,util_hash/* sha256 */.sc)(flow.bytes)])
        ]).slice(0, 20);
    }
}

// EXTERNAL MODULE: ./src/options/tags.ts
var options_tags = __webpack_require__(99493);
;// CONCATENATED MODULE: ./src/registry/layer.ts


const LEVEL = 6;
/** Where gzip says which system wrote it (RFC 1952, section 2.3), and its word for none. */
const SYSTEM = 9;
const UNKNOWN = 255;
/**
 * Compresses an archive into a layer (OCI image 1.1, "Image Layer Filesystem Changeset"). The same
 * archive gives the same bytes: zlib writes no time, and the system's name is taken out.
 */
function gzipLayer(tar) {
    const content = (0,external_node_zlib_.gzipSync)(tar, { level: LEVEL });
    content[SYSTEM] = UNKNOWN;
    return { content, digest: digestOf(content), diffId: digestOf(tar) };
}

;// CONCATENATED MODULE: ./src/registry/append.ts






function appended({ manifest, config }, layer, history, labels, created) {
    const newConfig = Buffer.from(JSON.stringify({
        ...config,
        created,
        config: { ...config.config, Labels: { ...config.config?.Labels, ...labels } },
        rootfs: { ...config.rootfs, diff_ids: [...config.rootfs.diff_ids, layer.diffId] },
        history: [...(config.history ?? []), { created, ...history }]
    }));
    const old = parseManifest(manifest);
    const family = familyOf('manifest', manifest.mediaType) ?? OCI;
    const body = JSON.stringify({
        ...old,
        config: descriptorOf(old.config, newConfig),
        layers: [
            ...old.layers,
            { mediaType: family.layer, size: layer.content.length, digest: layer.digest }
        ]
    });
    return {
        config: newConfig,
        manifest: { digest: digestOf(body), mediaType: manifest.mediaType, body }
    };
}
/**
 * Puts one more layer on an image, on that of each platform, without reading the layers that it
 * has. What a manifest names is in the repository before the manifest is ("Pushing manifests"),
 * and the tags come last: none ever names half an image. The same input gives the same digests.
 *
 * @param repository where the image is, and where the new one goes
 * @param labels go over the image's own
 * @param tags to give the new image; without any it is there by its digest alone
 * @returns the digest that the tags now name
 */
async function appendLayer(client, repository, image, { tar, createdBy, comment }, labels, tags, { created }) {
    const layer = gzipLayer(tar);
    const history = { created_by: createdBy, ...(comment === undefined ? {} : { comment }) };
    const parts = image.platforms.map(platform => appended(platform, layer, history, labels, created.toISOString()));
    await Promise.all([layer.content, ...parts.map(part => part.config)].map(blob => client.putBlob(repository, blob)));
    const [first] = parts;
    let manifest = first?.manifest;
    if (familyOf('index', image.mediaType) !== undefined) {
        await Promise.all(parts.map(({ manifest: part }) => tagImage(client, repository, part, [part.digest])));
        manifest = newIndex(image, parts);
    }
    if (manifest === undefined)
        throw new AppendUnsupported(`${image.digest} has no image`);
    await tagImage(client, repository, manifest, tags.length === 0 ? [manifest.digest] : tags);
    return manifest.digest;
}
function newIndex(image, parts) {
    const renewed = new Map(image.platforms.map(({ manifest }, at) => [manifest.digest, parts[at]?.manifest.body]));
    const old = parseIndex(image.manifest);
    const body = JSON.stringify({
        ...old,
        manifests: old.manifests.flatMap(entry => {
            const manifest = renewed.get(entry.digest);
            return manifest === undefined ? [] : [descriptorOf(entry, manifest)];
        })
    });
    return { digest: digestOf(body), mediaType: image.mediaType, body };
}

// EXTERNAL MODULE: ./src/storage/local.ts
var storage_local = __webpack_require__(72922);
// EXTERNAL MODULE: ./src/storage/storage.ts
var storage = __webpack_require__(32912);
;// CONCATENATED MODULE: ./src/phases/store.ts


















/**
 * A helper module as the declared sources have it, links followed within them. A load runs somebody's
 * code, which could name any file of the runner.
 */
async function store_moduleFile({ root, files }, { file, path }) {
    const source = await (0,promises_.realpath)((0,external_node_path_.join)(root, file)).catch(() => undefined);
    const declared = source === undefined ? undefined : (0,external_node_path_.relative)(await (0,promises_.realpath)(root), source).replaceAll(external_node_path_.sep, '/');
    const found = files.find(entry => entry.path === declared && entry.link === undefined);
    if (source === undefined || found === undefined) {
        throw new src_errors/* FlowstoreError */.U3('LOAD_FAILED', `the load wants '${file}' in the image, which is no file of the declared sources`);
    }
    return { source, path, size: found.size };
}
/** The storage of an image, with every flow in it. */
async function dockerStorage({ run, loaded, secrets }, { environment, work, key }) {
    const { options, surroundings, log, sources } = run;
    const storage = new Docker({
        release: loaded.versions.prefect,
        secrets,
        registryUrl: options.registryUrl,
        imageName: imageName(run),
        imageTag: options.imageTag ?? key,
        prefectVersion: options.prefectVersion,
        prefectDirectory: options.prefectDirectory,
        path: options.path,
        storedAsScript: options.storedAsScript,
        key,
        modules: await Promise.all(loaded.helpers.map(helper => store_moduleFile(sources, helper)))
    }, {
        ...{ root: surroundings.cwd, env: surroundings.env, log, environment },
        daemon: () => inDaemon(environment, work)
    });
    for (const flow of loaded.flows)
        storage.addFlow(flow);
    const taken = options.files.find(({ destination }) => [...storage.flows.values()].includes(destination));
    if (taken) {
        throw new src_errors/* FlowstoreError */.U3('FILE_DESTINATION', `'${taken.source}' in files would lie where a flow does: ${taken.destination}`);
    }
    return storage;
}
/**
 * Reads the flows back from the layer: in the container that loaded them, if its files are still those
 * of the image, else in a new one; on the runner, from a folder that has the layer's modules.
 */
async function checkLayer({ run, loaded, loading }, { environment, work }, storage, layer, tar) {
    const located = (flow) => ({ path: storage.flows.get(flow.name) ?? '' });
    const inContainer = async (session) => {
        await session.putArchive(tar);
        await healthcheck(session, loaded.flows, located);
    };
    if (loading.container === undefined) {
        const stored = (flow) => ({ content: storedBytes(flow, storage) });
        const checker = {
            check: (flows) => loading.session.check(flows, layer.modules)
        };
        await healthcheck(checker, loaded.flows, stored);
        return;
    }
    const changed = await loading.container.changes();
    if (changed?.length === 0) {
        await inContainer(loading.container);
        return;
    }
    const what = changed?.slice(0, 3).join(', ') ?? 'files that are too many to look at';
    run.log.info(`Modules may have changed ${what} while they were loaded: a new container checks`);
    const { docker } = await inDaemon(environment, work);
    const fresh = (0,container/* containerPython */.g)(docker, environment.image);
    await (0,loader/* inSession */.Cp)(() => fresh.open(), inContainer);
}
/** The image, its flows at their locations, checked and pushed. */
async function storeInImage(found, image) {
    const { run, loading } = found;
    const { options, log } = run;
    const storage = await dockerStorage(found, image);
    const tags = furtherTags(run);
    const { target } = image.work;
    const unable = appendObstacle(run, image);
    if (unable === undefined && target) {
        const layer = await storage.layer();
        const tar = await layerTar(layer);
        if (options.healthcheck) {
            await log.phase('healthcheck', () => checkLayer(found, image, storage, layer, tar));
        }
        // What is left is the registry's: the container goes meanwhile.
        void loading.session.close();
        const digest = await log.phase('push', () => append(run, target, image, storage, tar, tags));
        if (digest !== undefined)
            return { storage, digest, tags };
    }
    else if (options.assemble === 'append') {
        throw cannotAppend(unable ?? 'the image is not pushed');
    }
    else if (unable !== undefined) {
        log.info(`The daemon builds the image: ${unable}`);
    }
    await storage.build({ push: options.push, healthcheck: options.healthcheck });
    if (target && tags.length > 0) {
        await log.phase('tags', async () => pushTags(await inDaemon(image.environment, image.work), storage, tags, image.work.credentials));
    }
    return { storage, digest: storage.digest, tags: target ? tags : [] };
}
/** Why a layer can't be put on the environment image in the registry, or undefined. */
function appendObstacle({ options }, { environment, work }) {
    if (options.assemble === 'build')
        return 'assemble asks for it';
    if (work.target === undefined)
        return undefined;
    if (work.target.unsupported !== undefined)
        return work.target.unsupported;
    if (environment.about.late.length > 0)
        return 'extra-dockerfile-commands run after the flows';
    return environment.remote === undefined ? 'the registry lacks the environment image' : undefined;
}
const cannotAppend = (why, cause) => new src_errors/* FlowstoreError */.U3('REGISTRY', `the flows can't be put on the environment image: ${why}`, {
    hint: 'With assemble: auto the daemon builds and pushes the image instead.',
    cause
});
/** The digest of the image with its layer, or undefined where the daemon has to do it after all. */
async function append({ options, log }, { client, repository }, { environment }, storage, tar, tags) {
    const { remote, buildKwargs } = environment;
    if (remote === undefined)
        return undefined;
    const count = storage.flows.size;
    try {
        return await appendLayer(client, repository, remote, { tar, createdBy: `flowstore ${src_version/* VERSION */.x}: ${count} ${count === 1 ? 'flow' : 'flows'}` }, { ...buildKwargs.labels, ...(await storage.labels()) }, [storage.imageTag ?? '', ...tags], { created: new Date() });
    }
    catch (error) {
        if (!(error instanceof AppendUnsupported))
            throw error;
        if (options.assemble === 'append')
            throw cannotAppend(error.reason, error);
        log.notice({
            level: 'notice',
            message: `the daemon builds and pushes the image, for ${error.reason}`
        });
        return undefined;
    }
}
/** The tags of the option `tags` for this commit, but for the image's own. */
function furtherTags({ options, surroundings, log }) {
    const { tags, left } = (0,options_tags/* resolveTags */.yN)(options.tags, (0,options_tags/* commitNames */.o5)(surroundings.env));
    if (left.length > 0)
        log.info(`No value here for ${left.map(t => `'${t}'`).join(', ')} in tags`);
    return tags.filter(tag => tag !== options.imageTag);
}
function embeddedStorage(options, cwd, release, secrets) {
    switch (options.storage) {
        case 'local':
            return new storage_local/* LocalStorage */.D({
                release,
                secrets,
                path: options.path,
                storedAsScript: options.storedAsScript,
                directory: options.directory?.startsWith('~')
                    ? options.directory
                    : options.directory && (0,external_node_path_.resolve)(cwd, options.directory)
            });
        case 'memory':
            return new storage/* Memory */.ce({ release, secrets });
        case 'bytes':
            return new storage/* Bytes */.Ix({ release, secrets });
        case 'docker':
            throw new Error('docker storage is not an embedded one');
    }
}
/** A storage without an image, its flows checked where they were loaded. */
async function storeEmbedded({ run, loaded, loading, secrets }) {
    const { options, surroundings, log } = run;
    const { prefect } = loaded.versions;
    const storage = embeddedStorage(options, surroundings.cwd, prefect, secrets);
    if (!storage.readable) {
        log.notice({
            level: 'warning',
            message: `Prefect ${prefect} has no ${storage.name} storage: it can't read this storage.json itself`
        });
    }
    if (options.healthcheck) {
        await log.phase('healthcheck', () => healthcheck(loading.session, loaded.flows, flow => ({ content: storedBytes(flow, storage) })));
    }
    await log.phase('store', async () => {
        try {
            for (const flow of loaded.flows)
                storage.addFlow(flow);
            await storage.build();
        }
        catch (error) {
            if (storage instanceof storage_local/* LocalStorage */.D)
                storage.removeFiles();
            throw error;
        }
    });
    return storage;
}
/** A flow as its storage keeps it. */
const storedBytes = (flow, storage) => storage.kind === 'local' || storage.kind === 'docker' ? (0,file/* flowFile */.v)(flow, storage.rules) : flow.bytes;

// EXTERNAL MODULE: ./src/report.ts
var src_report = __webpack_require__(70665);
;// CONCATENATED MODULE: ./src/pipeline.ts









function reportOf({ options, surroundings, log }, outcome) {
    const folder = (0,external_node_path_.resolve)(surroundings.cwd, options.outputDirectory);
    const { storage, built, image } = outcome;
    const locations = built.flows.map(({ name, location }) => [name, location]);
    return {
        outputs: {
            storage: JSON.stringify(storage),
            'storage-path': (0,external_node_path_.join)(folder, 'storage.json'),
            'flows-path': built.flowsJson === null ? '' : (0,external_node_path_.join)(folder, 'flows.json'),
            flows: JSON.stringify(Object.fromEntries(locations)),
            image: image ? `${image.repository}:${image.tag}` : '',
            'image-name': image?.name ?? '',
            'image-tag': image?.tag ?? '',
            tags: image?.tags.join('\n') ?? '',
            digest: image?.digest ?? '',
            'image-ref': image?.digest === undefined ? '' : `${image.repository}@${image.digest}`,
            changed: String(outcome.changed),
            'artifact-id': '',
            'artifact-url': ''
        },
        versions: { ...built.versions, flowstore: src_version/* VERSION */.x },
        load: outcome.load,
        phases: log.phases,
        flows: built.flows,
        notices: log.notices
    };
}
/** Flows that were loaded, in an image. */
async function inImage(found, planned) {
    const { storage, digest, tags } = await storeInImage(found, planned);
    const { imageName: name = '', imageTag: tag = '', repository } = storage;
    return {
        storage: storage.serialize(),
        built: await storage.built(),
        image: { repository, name, tag, digest, tags },
        changed: true,
        load: { in: found.loading.in, why: found.loading.why }
    };
}
/** Flows that the registry has an image of already: it gets its further tags. */
async function unchanged({ run, known, target, storage, built }) {
    const tags = furtherTags(run);
    if (tags.length > 0) {
        await run.log.phase('tags', () => tagImage(target.client, target.repository, known.manifest, tags));
    }
    const { image_name: name, image_tag: tag } = storage;
    return {
        storage,
        built,
        image: {
            repository: target.name,
            name: String(name),
            tag: String(tag),
            ...{ digest: known.digest, tags }
        },
        changed: false,
        load: null
    };
}
/**
 * The whole run: discovers the flow modules, loads and serializes their flows, reads each back in a
 * fresh interpreter, and adds them to the storage; for docker storage it makes and pushes the image,
 * or finds the one that the same input made before. No file, output or artifact is published; a failure
 * leaves none behind.
 *
 * @throws FlowstoreError (or FlowstoreErrors with all that one phase found)
 */
async function buildStorage(options, surroundings, log) {
    const ends = [];
    const defer = end => ends.push(end);
    try {
        const first = await log.phase('discover', () => discover(options, surroundings, log, defer));
        const found = await loadMerged(first);
        if ('known' in found)
            return buildOf(found.run, await unchanged(found));
        if (found.image)
            return buildOf(found.run, await inImage(found, found.image));
        const storage = await storeEmbedded(found);
        return buildOf(found.run, embedded(storage, found), storage);
    }
    finally {
        await Promise.allSettled(ends.map(end => end()));
    }
}
function embedded(storage, { loaded, loading }) {
    return {
        storage: storage.serialize(),
        built: {
            flows: loaded.flows.map(flow => ({
                name: flow.name,
                module: flow.module,
                line: flow.line,
                location: storage.flows.get(flow.name) ?? '',
                size: storedBytes(flow, storage).length
            })),
            versions: loaded.versions,
            dockerfile: '',
            flowsJson: flowsJson(storage) ?? null
        },
        changed: true,
        load: { in: loading.in, why: loading.why }
    };
}
function buildOf(run, outcome, storage) {
    const { built } = outcome;
    const report = reportOf(run, outcome);
    const local = storage instanceof storage_local/* LocalStorage */.D ? storage : undefined;
    return {
        report,
        files: new Map([
            ['storage.json', `${JSON.stringify(outcome.storage, null, 2)}\n`],
            ...(built.flowsJson === null ? [] : [['flows.json', built.flowsJson]]),
            ['report.json', (0,src_report/* reportJson */.l)(report)],
            ...(outcome.image ? [['Dockerfile', built.dockerfile]] : [])
        ]),
        artifactFiles: new Map(local
            ? [...local.flows.values()].map(path => [
                `flows/${(0,external_node_path_.relative)(local.directory, path).replaceAll(external_node_path_.sep, '/') || (0,external_node_path_.basename)(path)}`,
                path
            ])
            : []),
        discard: () => local?.removeFiles()
    };
}


/***/ }),

/***/ 70665:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   P: () => (/* binding */ OUTPUT_NAMES),
/* harmony export */   l: () => (/* binding */ reportJson)
/* harmony export */ });
/** Names of the outputs, in the order of `action.yml`. */
const OUTPUT_NAMES = [
    'storage',
    'storage-path',
    'flows-path',
    'flows',
    'image',
    'image-name',
    'image-tag',
    'tags',
    'digest',
    'image-ref',
    'changed',
    'artifact-id',
    'artifact-url'
];
/** A report as `report.json` has it. */
const reportJson = (report) => `${JSON.stringify(report, null, 2)}\n`;


/***/ }),

/***/ 32693:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   X: () => (/* binding */ humanSize)
/* harmony export */ });
/** A size as a person reads it, in binary steps: `512 B`, `3.2 KiB`, `1.0 GiB`. */
function humanSize(bytes) {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
    let size = bytes;
    let unit = 0;
    while (size >= 1024 && unit < units.length - 1) {
        size /= 1024;
        unit += 1;
    }
    return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}


/***/ })

};
