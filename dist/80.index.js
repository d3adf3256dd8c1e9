export const id = 80;
export const ids = [80];
export const modules = {

/***/ 23657:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   _: () => (/* binding */ inspected),
/* harmony export */   s: () => (/* binding */ baseDigest)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(83916);
/* harmony import */ var _registry_client_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(86624);
/* harmony import */ var _util_reference_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(13137);



/** What the daemon knows of an image, and the digest that its registry knows it by. */
async function inspected({ engine }, reference) {
    const facts = await engine.image(reference).catch((error) => {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('BASE_IMAGE_PULL', `the daemon has no image ${reference}`, {
            hint: 'With local-image the base image is never pulled; build it first, or leave local-image out.',
            cause: error
        });
    });
    const { repository, registry } = (0,_util_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .parseReference */ .F2)(reference);
    const named = (facts.RepoDigests ?? []).find(name => {
        const parsed = (0,_util_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .parseReference */ .F2)(name);
        return parsed.repository === repository && parsed.registry === registry;
    });
    return { facts, digest: named?.split('@')[1] };
}
/**
 * The digest of a base image without pulling or starting anything: asked from the daemon for a local
 * image, else from the registry. Undefined where the registry can't be asked from here.
 *
 * @throws FlowstoreError BASE_IMAGE_PULL for a local image that the daemon does not have
 */
async function baseDigest(daemon, reference, local, findCredentials) {
    if (local) {
        const { facts, digest } = await inspected(await daemon(), reference);
        return digest ?? facts.Id;
    }
    const { registry, repository, tag, digest } = (0,_util_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .parseReference */ .F2)(reference);
    if (digest !== undefined)
        return digest;
    try {
        const client = new _registry_client_js__WEBPACK_IMPORTED_MODULE_1__/* .RegistryClient */ .b(registry, await findCredentials(registry));
        return await client.digest(repository, tag ?? 'latest');
    }
    catch {
        // The daemon's pull has the last word, and says what is wrong.
        return undefined;
    }
}


/***/ }),

/***/ 72179:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   ob: () => (/* binding */ copyInstruction),
/* harmony export */   qE: () => (/* binding */ dockerfileText),
/* harmony export */   sd: () => (/* binding */ envInstruction)
/* harmony export */ });
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


/***/ }),

/***/ 18256:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   IX: () => (/* binding */ localTag),
/* harmony export */   J4: () => (/* binding */ environmentKey),
/* harmony export */   bx: () => (/* binding */ localEnvironment),
/* harmony export */   o5: () => (/* binding */ remoteEnvironment),
/* harmony export */   rg: () => (/* binding */ environmentInputs)
/* harmony export */ });
/* harmony import */ var _discover_sources_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(28049);
/* harmony import */ var _options_build_kwargs_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(21532);
/* harmony import */ var _util_hash_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(95138);
/* harmony import */ var _version_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(311);
/* harmony import */ var _files_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(76222);
/* harmony import */ var _labels_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(20086);
/* harmony import */ var _variables_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(4664);







/** Raised with every change of what is made of the same input, so that no older image is taken for it. */
const RECIPE = 3;
/** Reads what an environment image is made of. */
async function environmentInputs(spec) {
    const { requirements, installer = 'auto', sources, filter, buildKwargs, ...rest } = spec;
    const files = await (0,_files_js__WEBPACK_IMPORTED_MODULE_3__/* .copiedFiles */ .M)(sources.root, spec.files, filter ?? (() => true));
    const hash = (0,_util_hash_js__WEBPACK_IMPORTED_MODULE_2__/* .sha256Json */ .iE)([
        [_version_js__WEBPACK_IMPORTED_MODULE_5__/* .VERSION */ .x, RECIPE],
        rest,
        installer,
        { ...(0,_options_build_kwargs_js__WEBPACK_IMPORTED_MODULE_1__/* .addedStepKwargs */ .u)(buildKwargs ?? {}), nocache: undefined },
        { ...requirements, texts: [...requirements.texts] },
        files.instructions,
        await (0,_files_js__WEBPACK_IMPORTED_MODULE_3__/* .contentsOf */ .K)(files.context),
        requirements.local.length > 0 ? await (0,_discover_sources_js__WEBPACK_IMPORTED_MODULE_0__/* .sourcesHash */ .tM)(sources) : null
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
const environmentKey = ({ hash }, base, platform) => (0,_util_hash_js__WEBPACK_IMPORTED_MODULE_2__/* .sha256Json */ .iE)([hash, base, platform]).slice(0, 20);
/** An environment image as a registry has it, or undefined for one that is not of the key. */
function remoteEnvironment(remote, name, key, buildKwargs) {
    for (const { config } of remote.platforms) {
        const about = (0,_labels_js__WEBPACK_IMPORTED_MODULE_4__/* .readAbout */ .id)(config.config?.Labels ?? {}, key);
        if (about === undefined)
            continue;
        const variables = (0,_variables_js__WEBPACK_IMPORTED_MODULE_6__/* .variablesOf */ .h)(config.config?.['Env']);
        const { digest } = remote;
        return { key, image: `${name}@${digest}`, digest, about, variables, buildKwargs, remote };
    }
    return undefined;
}
/** Tag of an environment image in a daemon. */
const localTag = (key) => `flowstore-environment:${key}`;
/** The environment image of a key that the daemon has, or undefined. */
async function localEnvironment({ engine }, key, buildKwargs) {
    const image = localTag(key);
    const facts = await engine.image(image).catch(() => undefined);
    // An image without labels has null here, whatever the types say.
    const about = facts && (0,_labels_js__WEBPACK_IMPORTED_MODULE_4__/* .readAbout */ .id)(facts.Config.Labels ?? {}, key);
    return (about && {
        ...{ key, image, digest: facts.Id, about, buildKwargs },
        variables: (0,_variables_js__WEBPACK_IMPORTED_MODULE_6__/* .variablesOf */ .h)(facts.Config.Env)
    });
}


/***/ }),

/***/ 76222:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   K: () => (/* binding */ contentsOf),
/* harmony export */   M: () => (/* binding */ copiedFiles)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(51455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var picomatch__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(14006);
/* harmony import */ var picomatch__WEBPACK_IMPORTED_MODULE_4___default = /*#__PURE__*/__webpack_require__.n(picomatch__WEBPACK_IMPORTED_MODULE_4__);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(83916);
/* harmony import */ var _util_hash_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(95138);
/* harmony import */ var _dockerfile_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(72179);






/** Entries of a folder with all that is in it, or of a file; links stay links, but for the first. */
async function treeEntries(path, at, kept) {
    const entries = [];
    const add = async (from, to, first) => {
        const facts = await (first ? (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.stat)(from) : (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.lstat)(from));
        if (facts.isDirectory()) {
            entries.push({ path: to, folder: true });
            for (const name of (await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readdir)(from)).sort()) {
                await add((0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(from, name), `${to}/${name}`, false);
            }
        }
        else if (!first && !kept(from))
            return;
        else if (facts.isSymbolicLink())
            entries.push({ path: to, link: await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readlink)(from) });
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
    const { base } = picomatch__WEBPACK_IMPORTED_MODULE_4___default().scan(glob);
    const below = node_path__WEBPACK_IMPORTED_MODULE_1__.posix.relative(base, node_path__WEBPACK_IMPORTED_MODULE_1__.posix.normalize(glob));
    const matches = below === '' ? () => false : picomatch__WEBPACK_IMPORTED_MODULE_4___default()(below);
    const root = (0,node_path__WEBPACK_IMPORTED_MODULE_1__.resolve)(cwd, base);
    const all = await treeEntries(root, at, kept).catch(() => []);
    const found = all.filter(entry => matches(entry.path.slice(at.length + 1)) && !('folder' in entry));
    if (found.length === 0) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_2__/* .FlowstoreError */ .U3('FILE_NOT_FOUND', `'${glob}' in files matches no file`, {
            hint: `Looked in ${cwd}.`
        });
    }
    return found;
}
/** All that an image will have of entries: identifies them. */
const contentsOf = (context) => Promise.all(context.map(contentOf));
async function contentOf(entry) {
    if ('source' in entry)
        return [entry.path, entry.mode, await (0,_util_hash_js__WEBPACK_IMPORTED_MODULE_3__/* .sha256File */ .Q3)(entry.source)];
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
        const below = (0,node_path__WEBPACK_IMPORTED_MODULE_1__.relative)(cwd, path).replaceAll(node_path__WEBPACK_IMPORTED_MODULE_1__.sep, '/');
        return below.startsWith('../') || filter(below);
    };
    for (const [index, { source, destination }] of files.entries()) {
        const path = (0,node_path__WEBPACK_IMPORTED_MODULE_1__.resolve)(cwd, source);
        const facts = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.stat)(path).catch(() => undefined);
        const isFile = facts !== undefined && !facts.isDirectory();
        const at = `files/${index}${isFile ? `/${(0,node_path__WEBPACK_IMPORTED_MODULE_1__.basename)(path)}` : ''}`;
        context.push(...(facts === undefined
            ? await globEntries(cwd, source, at, kept)
            : await treeEntries(path, at, kept)));
        instructions.push(isFile
            ? (0,_dockerfile_js__WEBPACK_IMPORTED_MODULE_5__/* .copyInstruction */ .ob)(at, destination)
            : (0,_dockerfile_js__WEBPACK_IMPORTED_MODULE_5__/* .copyInstruction */ .ob)(`${at}/`, `${destination.replace(/\/$/, '')}/`));
    }
    return { instructions, context };
}


/***/ }),

/***/ 20086:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   J0: () => (/* binding */ imageLabels),
/* harmony export */   bt: () => (/* binding */ KEY_LABEL),
/* harmony export */   id: () => (/* binding */ readAbout),
/* harmony export */   lO: () => (/* binding */ readImageLabels),
/* harmony export */   yE: () => (/* binding */ aboutLabel)
/* harmony export */ });
/* harmony import */ var node_zlib__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(38522);
/* harmony import */ var node_zlib__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_zlib__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var zod__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9691);


/** Label that holds an image's key. */
const KEY_LABEL = 'io.flowstore.key';
const ABOUT_LABEL = 'io.flowstore.environment';
const STORAGE_LABEL = 'io.flowstore.storage';
const BUILD_LABEL = 'io.flowstore.build';
const aboutSchema = zod__WEBPACK_IMPORTED_MODULE_1__/* .object */ .Ikc({
    key: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(),
    /** The base image as it was asked for. */
    base: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(),
    /** `major.minor.micro`. */
    python: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(),
    prefect: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(),
    /** `platform.machine()`, such as `x86_64`. */
    machine: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(),
    /** Every distribution: its normalized name, to its version. */
    packages: zod__WEBPACK_IMPORTED_MODULE_1__/* .record */ .g1P(zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(), zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP()),
    /** The Dockerfile that makes the image. */
    dockerfile: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(),
    /** Instructions for after the flows. */
    late: zod__WEBPACK_IMPORTED_MODULE_1__/* .array */ .YOg(zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP())
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
const builtSchema = zod__WEBPACK_IMPORTED_MODULE_1__/* .object */ .Ikc({
    flows: zod__WEBPACK_IMPORTED_MODULE_1__/* .array */ .YOg(zod__WEBPACK_IMPORTED_MODULE_1__/* .object */ .Ikc({
        name: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(),
        module: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(),
        line: zod__WEBPACK_IMPORTED_MODULE_1__/* .number */ .aig().int(),
        location: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(),
        size: zod__WEBPACK_IMPORTED_MODULE_1__/* .number */ .aig().int()
    })),
    versions: zod__WEBPACK_IMPORTED_MODULE_1__/* .object */ .Ikc({ python: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(), prefect: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(), cloudpickle: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP() }),
    dockerfile: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP(),
    /** See `flowsTemplate`. */
    flowsTemplate: zod__WEBPACK_IMPORTED_MODULE_1__/* .string */ .YjP().nullable()
});
/** The labels of an image with flows: its key, its storage as JSON, and the rest of the build. */
const imageLabels = (key, storage, built) => ({
    [KEY_LABEL]: key,
    [STORAGE_LABEL]: JSON.stringify(storage),
    [BUILD_LABEL]: (0,node_zlib__WEBPACK_IMPORTED_MODULE_0__.gzipSync)(JSON.stringify(built)).toString('base64')
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
        text = (0,node_zlib__WEBPACK_IMPORTED_MODULE_0__.gunzipSync)(Buffer.from(labels[BUILD_LABEL] ?? '', 'base64')).toString('utf8');
    }
    catch {
        return undefined;
    }
    const built = builtSchema.safeParse(parsed(text));
    return storage !== undefined && built.success ? { storage, built: built.data } : undefined;
}


/***/ }),

/***/ 4664:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   h: () => (/* binding */ variablesOf)
/* harmony export */ });
/** Variables as an image's configuration has them, `NAME=value` each. */
const variablesOf = (env) => Object.fromEntries((env ?? []).map(pair => {
    const equals = pair.indexOf('=');
    return [pair.slice(0, equals), pair.slice(equals + 1)];
}));


/***/ }),

/***/ 35897:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Eo: () => (/* binding */ noFlow),
/* harmony export */   Pw: () => (/* binding */ missingNotice),
/* harmony export */   mL: () => (/* binding */ loadFlows)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(83916);
/* harmony import */ var _prefect_rules_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6148);


function flowsOf({ result, pickles }, versions) {
    return result.flows.map(({ file, serialized, ...flow }) => {
        const bytes = pickles.get(file);
        if (bytes === undefined) {
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('LOAD_FAILED', `the pickle of flow "${flow.name}" is missing`);
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
        pickleProtocols: _prefect_rules_js__WEBPACK_IMPORTED_MODULE_1__/* .PICKLE_PROTOCOLS */ .t,
        expect: expected ?? null,
        flowsJson: storageLabels ? { ..._prefect_rules_js__WEBPACK_IMPORTED_MODULE_1__/* .FLOWS_JSON */ .vh, labels: storageLabels } : null
    });
    const { result, log } = loaded;
    const { differences, helpers: shipped, dependencies } = result;
    const problems = result.problems.map(errorOf);
    const unregistrable = result.unregistrable.map(errorOf);
    const nothing = { python: '', prefect: '', cloudpickle: '' };
    if (differences.length > 0) {
        const found = {
            flows: [],
            versions: nothing,
            helpers: [],
            missing: [],
            problems,
            unregistrable
        };
        return { ...found, dependencies, differences, log };
    }
    if (problems.length === 0 && result.versions === null) {
        problems.push(new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('LOAD_FAILED', 'the loader gave no versions'));
    }
    const versions = result.versions ?? nothing;
    const flows = flowsOf(loaded, versions);
    const incomplete = problems.length === 0 &&
        unregistrable.length === 0 &&
        storageLabels &&
        (0,_prefect_rules_js__WEBPACK_IMPORTED_MODULE_1__/* .rulesFor */ .NP)(versions.prefect).flowsJson
        ? flows.find(flow => flow.serialized === undefined)
        : undefined;
    if (incomplete) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('LOAD_FAILED', `flow "${incomplete.name}" came without its fields`, {
            file: incomplete.module,
            line: incomplete.line
        });
    }
    if (problems.length === 0 && flows.length === 0)
        problems.push(noFlow(modules));
    return {
        ...{ flows, versions, helpers: shipped, problems, unregistrable, dependencies },
        ...{ missing: result.missing, differences, log }
    };
}
const errorOf = ({ code, message, file, line, detail, hint }) => new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3(code, message, {
    file: file ?? undefined,
    line: line ?? undefined,
    detail: detail ?? undefined,
    hint: hint ?? undefined
});
/** What to say of an import that a run would fail at. */
function missingNotice({ module, flows, file, line }) {
    const names = flows.map(name => `"${name}"`);
    const shown = names.length > 5 ? `${names.slice(0, 5).join(', ')}, ... (${names.length})` : names.join(', ');
    return {
        level: 'warning',
        message: `the module '${module}' is neither in the repository nor installed, and ${flows.length === 1 ? 'flow' : 'flows'} ` +
            `${shown} may import it at run time: add its package to python-dependencies`,
        file,
        line
    };
}
/** The error that there is nothing to store. */
const noFlow = (modules) => new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('FLOW_NOT_FOUND', `no flow in ${modules.map(module => module.file).join(', ')}`, {
    hint: 'A flow is a prefect.Flow bound at module level, also in a list or dict there.'
});


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

/***/ 1666:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  k: () => (/* binding */ discover),
  t: () => (/* binding */ imageName)
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
// EXTERNAL MODULE: ./src/load/requirements.ts
var load_requirements = __webpack_require__(22130);
// EXTERNAL MODULE: ./src/util/format.ts
var format = __webpack_require__(32693);
// EXTERNAL MODULE: ./src/util/reference.ts
var reference = __webpack_require__(13137);
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
const imageName = ({ options, surroundings: { cwd, env } }) => options.imageName ?? (0,reference/* toRepository */.y4)((0,external_node_path_.basename)(env['GITHUB_REPOSITORY'] ?? cwd));


/***/ }),

/***/ 54877:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Fz: () => (/* binding */ planImage),
/* harmony export */   GT: () => (/* binding */ inDaemon),
/* harmony export */   d8: () => (/* binding */ knownBase),
/* harmony export */   p7: () => (/* binding */ environmentOf),
/* harmony export */   vD: () => (/* binding */ remoteTag),
/* harmony export */   z9: () => (/* binding */ inRegistry)
/* harmony export */ });
/* unused harmony export findEnvironment */
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _discover_sources_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(28049);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(83916);
/* harmony import */ var _image_base_digest_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(23657);
/* harmony import */ var _image_ensure_js__WEBPACK_IMPORTED_MODULE_11__ = __webpack_require__(80295);
/* harmony import */ var _image_environment_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(18256);
/* harmony import */ var _load_requirements_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(22130);
/* harmony import */ var _prefect_rules_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(6148);
/* harmony import */ var _registry_credentials_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(3653);
/* harmony import */ var _util_docker_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(80914);
/* harmony import */ var _util_platform_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(88245);
/* harmony import */ var _target_js__WEBPACK_IMPORTED_MODULE_10__ = __webpack_require__(48911);












/** The tag of an environment image in the image's own repository. */
const remoteTag = (key) => `env-${key}`;
/** @throws FlowstoreError MISSING_OPTION where nothing says which Prefect to install */
async function planImage(run) {
    const { options, surroundings, sources, requirements } = run;
    const { cwd, env } = surroundings;
    const { dockerfile, dockerignore, tlsConfig } = options;
    const version = options.prefectVersion ?? (0,_prefect_rules_js__WEBPACK_IMPORTED_MODULE_6__/* .pinnedPrefect */ .k_)((0,_load_requirements_js__WEBPACK_IMPORTED_MODULE_5__/* .requirementLines */ .p$)(requirements));
    if (options.baseImage === undefined && dockerfile === undefined && version === undefined) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_2__/* .FlowstoreError */ .U3('MISSING_OPTION', "the option 'prefect-version' is required: no Prefect is pinned, and no base-image is given", {
            hint: 'Set prefect-version, pin prefect in python-dependencies or the requirements file, or say a base-image that has Prefect.'
        });
    }
    const credentials = (0,_registry_credentials_js__WEBPACK_IMPORTED_MODULE_7__/* .dockerCredentials */ .d)(env);
    const connection = tlsConfig === undefined
        ? env
        : { ...env, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: (0,node_path__WEBPACK_IMPORTED_MODULE_0__.resolve)(cwd, tlsConfig) };
    let connecting;
    return {
        inputs: await (0,_image_environment_js__WEBPACK_IMPORTED_MODULE_4__/* .environmentInputs */ .rg)({
            prefectVersion: options.prefectVersion,
            requirements,
            installer: options.installer,
            envVars: options.envVars,
            files: options.files,
            filter: await (0,_discover_sources_js__WEBPACK_IMPORTED_MODULE_1__/* .dockerFilter */ .RR)(cwd, dockerignore),
            extraCommands: options.extraDockerfileCommands,
            prefectDirectory: options.prefectDirectory,
            path: options.storage === 'docker' ? options.path : undefined,
            withoutFlows: options.storage !== 'docker',
            buildKwargs: { ...options.buildKwargs, ...(options.refresh ? { nocache: true } : {}) },
            sources
        }),
        base: dockerfile === undefined
            ? (options.baseImage ?? (0,_prefect_rules_js__WEBPACK_IMPORTED_MODULE_6__/* .defaultBaseImage */ .qS)(version ?? '', options.python))
            : undefined,
        target: await (0,_target_js__WEBPACK_IMPORTED_MODULE_10__/* .targetOf */ .$)(run, credentials),
        credentials,
        daemon: () => (connecting ??= (0,_util_docker_js__WEBPACK_IMPORTED_MODULE_8__/* .connectDocker */ .Z)(options.baseUrl, connection))
    };
}
/** The environment image that the registry has under a key. */
async function inRegistry({ log }, { target, inputs }, key) {
    const remote = target && (await (0,_target_js__WEBPACK_IMPORTED_MODULE_10__/* .imageOf */ .d)(target, remoteTag(key)));
    if (remote === undefined)
        return undefined;
    const found = (0,_image_environment_js__WEBPACK_IMPORTED_MODULE_4__/* .remoteEnvironment */ .o5)(remote, target?.name ?? '', key, inputs.spec.buildKwargs ?? {});
    if (found === undefined) {
        log.notice({
            level: 'warning',
            message: `the image ${remoteTag(key)} in the registry does not say that it is the environment of that key: it is made anew`
        });
    }
    return found;
}
/**
 * Digest that stands for the base image in keys, where it can be told without a build or a pull: for a
 * Dockerfile of the user's a hash of what goes into its image.
 */
async function knownBase(run, work) {
    const { dockerfile: path, dockerignore, buildKwargs, localImage } = run.options;
    const { base, daemon, credentials } = work;
    if (base !== undefined)
        return (0,_image_base_digest_js__WEBPACK_IMPORTED_MODULE_3__/* .baseDigest */ .s)(daemon, base, localImage, credentials);
    if (path === undefined)
        return undefined;
    const { userBaseDigest } = await Promise.all(/* import() */[__webpack_require__.e(279), __webpack_require__.e(55)]).then(__webpack_require__.bind(__webpack_require__, 45055));
    return userBaseDigest({ path, cwd: run.surroundings.cwd, dockerignore, buildKwargs }, reference => (0,_image_base_digest_js__WEBPACK_IMPORTED_MODULE_3__/* .baseDigest */ .s)(daemon, reference, false, credentials));
}
/**
 * The environment image, where nothing has to be made, pulled or started to have it: from the registry
 * that the image goes to, or without a push from the daemon. Undefined also where it is to be made anew.
 */
async function findEnvironment(run, work) {
    const { log } = run;
    const { inputs, target, daemon } = work;
    const buildKwargs = inputs.spec.buildKwargs ?? {};
    if (buildKwargs.nocache)
        return undefined;
    const digest = await knownBase(run, work);
    if (digest === undefined)
        return undefined;
    const { platform } = buildKwargs;
    const key = (0,_image_environment_js__WEBPACK_IMPORTED_MODULE_4__/* .environmentKey */ .J4)(inputs, digest, platform === undefined ? (0,_util_platform_js__WEBPACK_IMPORTED_MODULE_9__/* .platformOf */ .t)('linux', process.arch) : (0,_util_platform_js__WEBPACK_IMPORTED_MODULE_9__/* .parsePlatform */ .F)(platform));
    const found = target && target.unsupported === undefined
        ? await inRegistry(run, work, key)
        : await (0,_image_environment_js__WEBPACK_IMPORTED_MODULE_4__/* .localEnvironment */ .bx)(await daemon(), key, buildKwargs);
    if (found) {
        log.info(`Environment ${key}: ${found.remote ? 'the registry' : 'the daemon'} has it`);
    }
    return found;
}
/** The environment image: found where it is, else made. */
async function environmentOf(run, work) {
    const found = await findEnvironment(run, work);
    if (found)
        return found;
    // What makes is imported when something is to be made: a look-up is quick.
    const { makeEnvironment } = await Promise.all(/* import() */[__webpack_require__.e(955), __webpack_require__.e(504), __webpack_require__.e(118), __webpack_require__.e(221), __webpack_require__.e(497), __webpack_require__.e(621), __webpack_require__.e(89)]).then(__webpack_require__.bind(__webpack_require__, 48089));
    return makeEnvironment(run, work);
}
/** Has an environment image in the daemon, pulled where it is in its registry only. */
async function inDaemon({ image: reference, remote }, { daemon: connect, credentials }) {
    const daemon = await connect();
    if (remote !== undefined) {
        await (0,_image_ensure_js__WEBPACK_IMPORTED_MODULE_11__/* .ensureImage */ .Y)(daemon, {
            reference,
            findCredentials: credentials,
            what: 'the environment image',
            hint: (_words, registry) => `Log in to ${registry} (docker login).`
        });
    }
    return daemon;
}


/***/ }),

/***/ 69823:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   s: () => (/* binding */ furtherTags)
/* harmony export */ });
/* harmony import */ var _options_tags_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(99493);

/** The tags of the option `tags` for this commit, but for the image's own. */
function furtherTags({ options, surroundings, log }) {
    const { tags, left } = (0,_options_tags_js__WEBPACK_IMPORTED_MODULE_0__/* .resolveTags */ .yN)(options.tags, (0,_options_tags_js__WEBPACK_IMPORTED_MODULE_0__/* .commitNames */ .o5)(surroundings.env));
    if (left.length > 0)
        log.info(`No value here for ${left.map(t => `'${t}'`).join(', ')} in tags`);
    return tags.filter(tag => tag !== options.imageTag);
}


/***/ }),

/***/ 48911:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $: () => (/* binding */ targetOf),
/* harmony export */   d: () => (/* binding */ imageOf)
/* harmony export */ });
/* harmony import */ var _registry_client_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(86624);
/* harmony import */ var _registry_images_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(27373);
/* harmony import */ var _registry_refusal_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(24623);
/* harmony import */ var _registry_unsupported_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(94716);
/* harmony import */ var _util_reference_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(13137);
/* harmony import */ var _discover_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(1666);






/** The place that the image is pushed to, or undefined where it is not pushed. */
async function targetOf(run, credentials) {
    const { storage, push, registryUrl } = run.options;
    if (storage !== 'docker' || !push || registryUrl === undefined)
        return undefined;
    const name = `${registryUrl}/${(0,_discover_js__WEBPACK_IMPORTED_MODULE_5__/* .imageName */ .t)(run)}`;
    const { registry, repository } = (0,_util_reference_js__WEBPACK_IMPORTED_MODULE_4__/* .parseReference */ .F2)(name);
    const client = new _registry_client_js__WEBPACK_IMPORTED_MODULE_0__/* .RegistryClient */ .b(registry, await credentials(registry), { access: 'pull,push' });
    return { name, registry, repository, client, unsupported: undefined };
}
/** The image of a tag; undefined also where the registry can't be asked, which the target then says. */
async function imageOf(target, tag) {
    if (target.unsupported !== undefined)
        return undefined;
    try {
        return await (0,_registry_images_js__WEBPACK_IMPORTED_MODULE_1__/* .readImage */ .A)(target.client, target.repository, tag);
    }
    catch (error) {
        if (error instanceof _registry_unsupported_js__WEBPACK_IMPORTED_MODULE_3__/* .AppendUnsupported */ .g) {
            target.unsupported = error.reason;
            return undefined;
        }
        // Who may not read may not push either: that is what a person wants to hear.
        const { client, registry, repository } = target;
        const refusal = await client.pushRefusal(repository).catch(() => undefined);
        throw refusal ? (0,_registry_refusal_js__WEBPACK_IMPORTED_MODULE_2__/* .pushRefused */ .H)(registry, repository, refusal, error) : error;
    }
}


/***/ }),

/***/ 76080:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  buildStorage: () => (/* binding */ buildStorage)
});

// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(76760);
// EXTERNAL MODULE: ./src/phases/discover.ts + 1 modules
var discover = __webpack_require__(1666);
// EXTERNAL MODULE: ./src/errors.ts
var errors = __webpack_require__(83916);
// EXTERNAL MODULE: ./src/load/flows.ts
var flows = __webpack_require__(35897);
// EXTERNAL MODULE: ./src/load/requirements.ts
var requirements = __webpack_require__(22130);
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
        conflicts.push(new errors/* FlowstoreError */.U3('STORAGE_CONFLICT', `flow "${flow.name}": ${message}`, {
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

// EXTERNAL MODULE: ./src/phases/environment.ts
var phases_environment = __webpack_require__(54877);
// EXTERNAL MODULE: ./src/discover/sources.ts
var discover_sources = __webpack_require__(28049);
// EXTERNAL MODULE: ./src/image/labels.ts
var image_labels = __webpack_require__(20086);
// EXTERNAL MODULE: ./src/load/delivery.ts
var delivery = __webpack_require__(278);
// EXTERNAL MODULE: ./src/storage/deserialize.ts
var deserialize = __webpack_require__(40534);
// EXTERNAL MODULE: ./src/storage/docker.ts
var docker = __webpack_require__(90461);
// EXTERNAL MODULE: ./src/util/hash.ts
var hash = __webpack_require__(95138);
// EXTERNAL MODULE: ./src/version.ts
var version = __webpack_require__(311);
// EXTERNAL MODULE: ./src/phases/target.ts
var phases_target = __webpack_require__(48911);
;// CONCATENATED MODULE: ./src/phases/look-up.ts









/**
 * Identifies an image by all that a load can see and all that decides what becomes of it: the very
 * environment image, the sources, the modules asked for, the loader. What the modules' storages say
 * is in the sources.
 */
async function imageKey({ sources, modules, options }, { environment }) {
    const { loadIn, python, storedAsScript, path, healthcheck, storageConflict } = options;
    return (0,hash/* sha256Json */.iE)([
        environment.key,
        // Made anew, an environment may have other packages; without a registry none is kept for long.
        environment.remote?.digest ?? null,
        await (0,discover_sources/* sourcesHash */.tM)(sources),
        modules,
        { loadIn, python: loadIn === 'image' ? undefined : python, storedAsScript, path },
        { healthcheck, storageConflict },
        version/* VERSION */.x,
        (0,hash/* sha256 */.sc)((await (0,delivery/* loaderDelivery */.y)()).input)
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
    const known = await (0,phases_target/* imageOf */.d)(target, tag);
    const labels = known?.platforms[0]?.config.config?.Labels;
    const found = (0,image_labels/* readImageLabels */.lO)(labels ?? {}, key);
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
        storage.imageName === (0,discover/* imageName */.t)(run) &&
        storage.imageTag === tag;
    if (!same)
        return undefined;
    log.info(`Unchanged: ${target.name}:${tag} was made of the same input`);
    return {
        ...{ run, known, target, built: found.built },
        storage: found.storage
    };
}

;// CONCATENATED MODULE: ./src/phases/load.ts






async function loadOnce(run) {
    const { options, log } = run;
    if (options.storage !== 'docker') {
        const { loadEmbedded } = await Promise.all(/* import() */[__webpack_require__.e(118), __webpack_require__.e(497), __webpack_require__.e(686)]).then(__webpack_require__.bind(__webpack_require__, 92686));
        return { run, image: undefined, ...(await loadEmbedded(run)) };
    }
    const found = await log.phase('environment', async () => {
        const work = await (0,phases_environment/* planImage */.Fz)(run);
        const environment = await (0,phases_environment/* environmentOf */.p7)(run, work);
        const image = { work, environment };
        const planned = { ...image, key: await imageKey(run, image) };
        return (await knownImage(run, planned)) ?? planned;
    });
    if ('known' in found)
        return found;
    const { loadForImage } = await Promise.all(/* import() */[__webpack_require__.e(118), __webpack_require__.e(497), __webpack_require__.e(686)]).then(__webpack_require__.bind(__webpack_require__, 92686));
    return { run, image: found, ...(await log.phase('load', () => loadForImage(run, found))) };
}
const usesImage = ({ storage, loadIn }) => storage === 'docker' || loadIn === 'image';
const withOptions = async (run, options) => ({
    ...run,
    options,
    requirements: await (0,requirements/* readRequirements */.F2)(run.surroundings.cwd, options.pythonDependencies, options.requirementsFile, { env: run.surroundings.env, cache: run.surroundings.cache, log: run.log })
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
    (0,errors/* throwAll */.Kx)(found.loaded.problems);
    const { options } = found.run;
    const declared = new Set(first.sources.files.filter(file => file.link === undefined).map(file => file.path));
    const merged = mergeOwnStorages(options, found.loaded.flows, path => declared.has(path));
    if (options.storageConflict === 'error')
        (0,errors/* throwAll */.Kx)(merged.conflicts);
    for (const notice of merged.notices)
        log.notice(notice);
    if (merged.flows.length === 0)
        throw (0,flows/* noFlow */.Eo)(modules);
    const { registryUrl, imageName, imageTag } = merged.options;
    const elsewhere = registryUrl !== options.registryUrl || imageName !== options.imageName;
    if ((elsewhere || !sameEnvironment(options, merged.options)) && usesImage(options)) {
        log.info('The storages of the modules ask for another environment or place');
        found = await loadOnce(await withOptions(found.run, merged.options));
        if ('known' in found)
            return found;
        (0,errors/* throwAll */.Kx)(found.loaded.problems);
    }
    else if (found.image && imageTag !== options.imageTag) {
        const known = await knownImage({ ...found.run, options: merged.options }, found.image);
        if (known)
            return known;
    }
    for (const { message, file, line } of found.loaded.unregistrable) {
        log.notice({ level: 'warning', message: `no flows.json: ${message}`, file, line });
    }
    for (const missing of found.loaded.missing)
        log.notice((0,flows/* missingNotice */.Pw)(missing));
    const kept = new Set(merged.flows.map(flow => flow.name));
    return {
        ...found,
        run: { ...found.run, options: merged.options },
        secrets: merged.secrets,
        loaded: { ...found.loaded, flows: found.loaded.flows.filter(flow => kept.has(flow.name)) }
    };
}

// EXTERNAL MODULE: ./src/phases/tags.ts
var phases_tags = __webpack_require__(69823);
// EXTERNAL MODULE: ./src/registry/images.ts
var registry_images = __webpack_require__(27373);
// EXTERNAL MODULE: ./src/report.ts
var src_report = __webpack_require__(70665);
// EXTERNAL MODULE: ./src/storage/flows-json.ts
var flows_json = __webpack_require__(20119);
// EXTERNAL MODULE: ./src/storage/file.ts
var file = __webpack_require__(30423);
// EXTERNAL MODULE: ./src/storage/local.ts
var storage_local = __webpack_require__(72922);
;// CONCATENATED MODULE: ./src/pipeline.ts










function reportOf({ options, surroundings, log }, outcome) {
    const folder = (0,external_node_path_.resolve)(surroundings.cwd, options.outputDirectory);
    const { storage, built, image } = outcome;
    const locations = built.flows.map(({ name, location }) => [name, location]);
    return {
        outputs: {
            storage: JSON.stringify(storage),
            'storage-path': (0,external_node_path_.join)(folder, 'storage.json'),
            'flows-path': built.flowsTemplate === null ? '' : (0,external_node_path_.join)(folder, 'flows.json'),
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
        versions: { ...built.versions, flowstore: version/* VERSION */.x },
        load: outcome.load,
        phases: log.phases,
        flows: built.flows,
        notices: log.notices
    };
}
/** Flows that were loaded, in an image. */
async function inImage(found, planned) {
    const { storeInImage } = await Promise.all(/* import() */[__webpack_require__.e(955), __webpack_require__.e(504), __webpack_require__.e(118), __webpack_require__.e(221), __webpack_require__.e(497), __webpack_require__.e(621), __webpack_require__.e(414)]).then(__webpack_require__.bind(__webpack_require__, 82414));
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
    const tags = (0,phases_tags/* furtherTags */.s)(run);
    if (tags.length > 0) {
        await run.log.phase('tags', () => (0,registry_images/* tagImage */.E)(target.client, target.repository, known.manifest, tags));
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
        const first = await log.phase('discover', () => (0,discover/* discover */.k)(options, surroundings, log, defer));
        const found = await loadMerged(first);
        if ('known' in found)
            return buildOf(found.run, await unchanged(found));
        if (found.image)
            return buildOf(found.run, await inImage(found, found.image));
        const { storeEmbedded } = await Promise.all(/* import() */[__webpack_require__.e(955), __webpack_require__.e(504), __webpack_require__.e(118), __webpack_require__.e(221), __webpack_require__.e(497), __webpack_require__.e(621), __webpack_require__.e(414)]).then(__webpack_require__.bind(__webpack_require__, 82414));
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
                size: (0,file/* storedBytes */.Z)(flow, storage).length
            })),
            versions: loaded.versions,
            dockerfile: '',
            flowsTemplate: (0,flows_json/* flowsTemplate */.m)(storage) ?? null
        },
        changed: true,
        load: { in: loading.in, why: loading.why }
    };
}
function buildOf(run, outcome, storage) {
    const { built } = outcome;
    const template = built.flowsTemplate;
    const report = reportOf(run, outcome);
    const local = storage instanceof storage_local/* LocalStorage */.D ? storage : undefined;
    return {
        report,
        files: new Map([
            ['storage.json', `${JSON.stringify(outcome.storage, null, 2)}\n`],
            ...(template === null
                ? []
                : [['flows.json', (0,flows_json/* flowsParts */.Wq)(template, outcome.storage)]]),
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

/***/ 86624:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  b: () => (/* binding */ RegistryClient)
});

// EXTERNAL MODULE: ./src/errors.ts
var errors = __webpack_require__(83916);
// EXTERNAL MODULE: ./src/util/format.ts
var format = __webpack_require__(32693);
// EXTERNAL MODULE: external "node:stream/consumers"
var consumers_ = __webpack_require__(38321);
;// CONCATENATED MODULE: ./src/util/http.ts

/** Milliseconds. */
const CONNECT_TIMEOUT = 10_000;
const agents = new Map();
/** What opens and keeps the connections for an address: to it, or through the proxy of the environment. */
async function agentFor(url) {
    const { getProxyUrl } = await __webpack_require__.e(/* import() */ 783).then(__webpack_require__.bind(__webpack_require__, 19783));
    const proxy = url.protocol === 'https:' ? getProxyUrl(url) : undefined;
    const key = `${url.protocol} ${proxy?.href ?? ''}`;
    const made = async () => {
        const { Agent } = url.protocol === 'https:' ? await Promise.resolve(/* import() */).then(__webpack_require__.t.bind(__webpack_require__, 44708, 23)) : await Promise.resolve(/* import() */).then(__webpack_require__.t.bind(__webpack_require__, 37067, 23));
        if (proxy === undefined)
            return new Agent({ keepAlive: true });
        const { HttpsProxyAgent } = await Promise.all(/* import() */[__webpack_require__.e(830), __webpack_require__.e(833)]).then(__webpack_require__.bind(__webpack_require__, 45833));
        return new HttpsProxyAgent(proxy, { keepAlive: true });
    };
    const agent = agents.get(key) ?? made();
    agents.set(key, agent);
    return agent;
}
/**
 * Sends a request over a connection that is kept for the next. HTTPS goes through the proxy that
 * `https_proxy` and `no_proxy` say, as in the toolkit of GitHub's actions.
 *
 * What Node's own `fetch` would do takes three times as long for the first request of a process.
 *
 * @throws what the system, TLS or the time limit threw
 */
const send = async (url, { method, headers, body, timeout }) => {
    const { request } = url.protocol === 'https:' ? await Promise.resolve(/* import() */).then(__webpack_require__.t.bind(__webpack_require__, 44708, 23)) : await Promise.resolve(/* import() */).then(__webpack_require__.t.bind(__webpack_require__, 37067, 23));
    const agent = await agentFor(url);
    const signal = timeout === undefined ? undefined : AbortSignal.timeout(timeout);
    const options = {
        method,
        headers: { ...headers },
        agent,
        ...(signal && { signal })
    };
    try {
        const message = await new Promise((resolve, reject) => {
            const sent = request(url, options, resolve).on('error', reject);
            sent.on('socket', socket => {
                if (!socket.connecting)
                    return;
                const words = `no connection after ${CONNECT_TIMEOUT / 1000} seconds`;
                const late = Object.assign(new Error(words), { code: 'ETIMEDOUT' });
                const timer = setTimeout(() => sent.destroy(late), CONNECT_TIMEOUT);
                for (const event of ['connect', 'close']) {
                    socket.once(event, () => {
                        clearTimeout(timer);
                    });
                }
            });
            sent.end(body);
        });
        const content = await (0,consumers_.buffer)(message);
        return {
            status: message.statusCode ?? 0,
            headers: {
                get: name => {
                    const value = message.headers[name];
                    return value === undefined ? null : [value].flat().join(', ');
                }
            },
            body: content
        };
    }
    catch (error) {
        throw signal?.aborted ? signal.reason : error;
    }
};

// EXTERNAL MODULE: external "node:http"
var external_node_http_ = __webpack_require__(37067);
// EXTERNAL MODULE: ./node_modules/zod/v4/classic/schemas.js + 15 modules
var schemas = __webpack_require__(9691);
;// CONCATENATED MODULE: ./src/registry/answer.ts


/** Whether an answer says that the request was done. */
const isDone = ({ status }) => status >= 200 && status < 300;
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

// EXTERNAL MODULE: ./src/registry/retry.ts
var retry = __webpack_require__(41521);
// EXTERNAL MODULE: ./src/registry/unsupported.ts
var unsupported = __webpack_require__(94716);
;// CONCATENATED MODULE: ./src/registry/connection.ts






const TIMEOUT = 30_000;
/** Bytes in a millisecond that the slowest connection is given time for. */
const SLOWEST = 50;
const REDIRECTS = 5;
// Such a registry does speak TLS: plain HTTP would only hide why it is not trusted.
const isCertificateTrouble = (error) => /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME|TIMEDOUT/.test((0,retry/* causeOf */.rl)(error));
/**
 * Requests to one registry: its scheme, its login, redirects. An answer of any status is an
 * answer; {@link AppendUnsupported} is thrown where there is none.
 */
class Connection {
    registry;
    sending;
    authorizer;
    scheme;
    constructor(registry, credentials, sending) {
        this.registry = registry;
        this.sending = sending;
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
        const timeout = TIMEOUT + Math.ceil((request.body?.length ?? 0) / SLOWEST);
        try {
            return { ...(await this.sending(url, { ...request, timeout })), url };
        }
        catch (error) {
            throw new unsupported/* AppendUnsupported */.g(`${url.host} can't be reached: ${(0,retry/* causeOf */.rl)(error)}`, {
                cause: error
            });
        }
    }
}

// EXTERNAL MODULE: ./src/registry/digest.ts
var registry_digest = __webpack_require__(35035);
// EXTERNAL MODULE: ./src/registry/media-types.ts
var media_types = __webpack_require__(99867);
// EXTERNAL MODULE: ./src/registry/refusal.ts
var refusal = __webpack_require__(24623);
;// CONCATENATED MODULE: ./src/registry/client.ts










const ACCEPT = media_types/* MANIFEST_TYPES */._P.join(', ');
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
        this.connection = new Connection(registry, credentials, options.send ?? send);
        this.access = options.access ?? 'pull';
        this.wait = options.sleep ?? retry/* sleep */.yy;
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
        const digest = this.verify(repository, answer, (0,registry_digest/* isDigest */.Bc)(reference) ? reference : undefined);
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
        if ((0,retry/* isPassing */.WG)(answer.status)) {
            throw (0,refusal/* readFailure */.f1)(this.registry, repository, this.refusalOf(answer));
        }
        // A refusal has words only where there is a body.
        return (await this.manifest(repository, reference))?.digest;
    }
    /** Reads a blob into memory ("Pulling blobs"); it may lie at another host. */
    async blob(repository, digest) {
        const answer = await this.read(repository, `blobs/${digest}`);
        if (answer.status === 404) {
            throw new errors/* FlowstoreError */.U3('REGISTRY', `${this.registry}/${repository} lacks the blob ${digest}`);
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
        const digest = (0,registry_digest/* digestOf */.ol)(content);
        const head = await this.retried({
            method: 'HEAD',
            target: `/v2/${repository}/blobs/${digest}`,
            scopes: writing(repository)
        });
        if (isDone(head))
            return { digest, uploaded: false };
        if ((0,retry/* isPassing */.WG)(head.status)) {
            throw (0,refusal/* writeFailure */.EU)(this.registry, repository, this.refusalOf(head));
        }
        // Any other answer is no reason not to try: the upload tells.
        let session = from === undefined ? undefined : await this.mount(repository, digest, from);
        if (session?.status === 201)
            return { digest, uploaded: false };
        const answer = await (0,retry/* retrying */.R$)(async () => {
            const opened = session ?? (await this.openUpload(repository));
            session = undefined;
            return isDone(opened) ? this.upload(repository, opened, content, digest) : opened;
        }, this.wait);
        if (answer.status === 413) {
            const words = `it takes no blob of ${(0,format/* humanSize */.X)(content.length)}`;
            throw (0,refusal/* pushRefused */.H)(this.registry, repository, { status: 413, words });
        }
        if (!isDone(answer))
            throw (0,refusal/* writeFailure */.EU)(this.registry, repository, this.refusalOf(answer));
        this.compare(repository, digest, answer.headers.get('docker-content-digest') ?? digest);
        return { digest, uploaded: true };
    }
    /**
     * Puts a manifest under a tag or its digest ("Pushing manifests").
     *
     * @returns its digest, which the registry's answer was compared with
     */
    async putManifest(repository, reference, mediaType, body) {
        const digest = (0,registry_digest/* digestOf */.ol)(body);
        const answer = await this.retried({
            method: 'PUT',
            target: `/v2/${repository}/manifests/${reference}`,
            scopes: writing(repository),
            headers: { 'content-type': mediaType },
            body: Buffer.from(body)
        });
        if (!isDone(answer))
            throw (0,refusal/* writeFailure */.EU)(this.registry, repository, this.refusalOf(answer));
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
        throw (0,refusal/* readFailure */.f1)(this.registry, repository, this.refusalOf(answer));
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
            throw new unsupported/* AppendUnsupported */.g(`${this.registry} says not where to upload to`);
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
        return (0,retry/* retrying */.R$)(() => this.connection.ask(request), this.wait);
    }
    refusalOf(answer) {
        return { status: answer.status, words: this.connection.redact(wordsOf(answer)) };
    }
    /** The digest of an answer's content, compared with what was asked for and what the registry says. */
    verify(repository, { body, headers }, asked) {
        const given = headers.get('docker-content-digest');
        for (const digest of [asked, given]) {
            if (digest && !(0,registry_digest/* hasDigest */.tH)(body, digest))
                this.compare(repository, digest, (0,registry_digest/* digestOf */.ol)(body));
        }
        return asked ?? (0,registry_digest/* digestOf */.ol)(body);
    }
    compare(name, expected, found) {
        if (expected === found)
            return;
        throw new errors/* FlowstoreError */.U3('REGISTRY', `${this.registry}/${name}: the registry has ${found} where ${expected} belongs`);
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


/***/ }),

/***/ 35035:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Bc: () => (/* binding */ isDigest),
/* harmony export */   ol: () => (/* binding */ digestOf),
/* harmony export */   tH: () => (/* binding */ hasDigest)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(77598);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_crypto__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _util_hash_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(95138);


/** The digest of content as manifests write it (OCI image 1.1, "Digests"). */
const digestOf = (content) => `sha256:${(0,_util_hash_js__WEBPACK_IMPORTED_MODULE_1__/* .sha256 */ .sc)(content)}`;
/** Whether a text is a digest rather than a tag. */
const isDigest = (reference) => reference.includes(':');
/** Whether content has a digest. One of an algorithm that the specification doesn't register is none of anything. */
function hasDigest(content, digest) {
    const [algorithm = '', hex] = digest.split(':', 2);
    return (['sha256', 'sha512'].includes(algorithm) &&
        (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)(algorithm).update(content).digest('hex') === hex);
}


/***/ }),

/***/ 26629:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   A1: () => (/* binding */ parseIndex),
/* harmony export */   Ap: () => (/* binding */ familyOf),
/* harmony export */   Ng: () => (/* binding */ parseManifest),
/* harmony export */   nb: () => (/* binding */ descriptorOf),
/* harmony export */   o4: () => (/* binding */ parseConfig)
/* harmony export */ });
/* harmony import */ var zod__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(9691);
/* harmony import */ var _digest_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(35035);
/* harmony import */ var _media_types_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(99867);
/* harmony import */ var _unsupported_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(94716);




// Only what is relied on is described: everything else in these documents is kept as it is.
const descriptorSchema = zod__WEBPACK_IMPORTED_MODULE_3__/* .looseObject */ ._H3({
    mediaType: zod__WEBPACK_IMPORTED_MODULE_3__/* .string */ .YjP(),
    digest: zod__WEBPACK_IMPORTED_MODULE_3__/* .string */ .YjP(),
    size: zod__WEBPACK_IMPORTED_MODULE_3__/* .number */ .aig(),
    annotations: zod__WEBPACK_IMPORTED_MODULE_3__/* .record */ .g1P(zod__WEBPACK_IMPORTED_MODULE_3__/* .string */ .YjP(), zod__WEBPACK_IMPORTED_MODULE_3__/* .string */ .YjP()).nullish(),
    platform: zod__WEBPACK_IMPORTED_MODULE_3__/* .looseObject */ ._H3({ os: zod__WEBPACK_IMPORTED_MODULE_3__/* .string */ .YjP(), architecture: zod__WEBPACK_IMPORTED_MODULE_3__/* .string */ .YjP(), variant: zod__WEBPACK_IMPORTED_MODULE_3__/* .string */ .YjP().optional() })
        .optional()
});
const manifestSchema = zod__WEBPACK_IMPORTED_MODULE_3__/* .looseObject */ ._H3({
    config: descriptorSchema,
    layers: zod__WEBPACK_IMPORTED_MODULE_3__/* .array */ .YOg(descriptorSchema)
});
const indexSchema = zod__WEBPACK_IMPORTED_MODULE_3__/* .looseObject */ ._H3({ manifests: zod__WEBPACK_IMPORTED_MODULE_3__/* .array */ .YOg(descriptorSchema) });
const configSchema = zod__WEBPACK_IMPORTED_MODULE_3__/* .looseObject */ ._H3({
    rootfs: zod__WEBPACK_IMPORTED_MODULE_3__/* .looseObject */ ._H3({ diff_ids: zod__WEBPACK_IMPORTED_MODULE_3__/* .array */ .YOg(zod__WEBPACK_IMPORTED_MODULE_3__/* .string */ .YjP()) }),
    history: zod__WEBPACK_IMPORTED_MODULE_3__/* .array */ .YOg(zod__WEBPACK_IMPORTED_MODULE_3__/* .looseObject */ ._H3({})).nullish(),
    config: zod__WEBPACK_IMPORTED_MODULE_3__/* .looseObject */ ._H3({ Labels: zod__WEBPACK_IMPORTED_MODULE_3__/* .record */ .g1P(zod__WEBPACK_IMPORTED_MODULE_3__/* .string */ .YjP(), zod__WEBPACK_IMPORTED_MODULE_3__/* .string */ .YjP()).nullish() }).nullish()
});
/** The family that a media type is of, as that part of an image. */
const familyOf = (part, type) => [_media_types_js__WEBPACK_IMPORTED_MODULE_1__/* .OCI */ .s6, _media_types_js__WEBPACK_IMPORTED_MODULE_1__/* .DOCKER */ .F8].find(family => family[part] === type);
/** Reads a document, keeping the value as it was written: its keys and their order. */
function parse(schema, text, what) {
    let value;
    try {
        value = JSON.parse(text);
    }
    catch {
        throw new _unsupported_js__WEBPACK_IMPORTED_MODULE_2__/* .AppendUnsupported */ .g(`${what} is no JSON`);
    }
    const checked = schema.safeParse(value);
    if (!checked.success)
        throw new _unsupported_js__WEBPACK_IMPORTED_MODULE_2__/* .AppendUnsupported */ .g(`${what} is not of the known form`);
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
        digest: (0,_digest_js__WEBPACK_IMPORTED_MODULE_0__/* .digestOf */ .ol)(content),
        size: Buffer.byteLength(content)
    };
    delete descriptor['data'];
    return descriptor;
}


/***/ }),

/***/ 27373:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   A: () => (/* binding */ readImage),
/* harmony export */   E: () => (/* binding */ tagImage)
/* harmony export */ });
/* harmony import */ var _documents_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(26629);
/* harmony import */ var _unsupported_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(94716);


/**
 * Whether an entry of an index is BuildKit's statement about another entry ("Image attestation
 * storage"). Once that other image has a new layer, the statement is about none.
 */
const isAttestation = ({ annotations, platform }) => Object.keys(annotations ?? {}).some(name => name.startsWith('vnd.docker.reference.')) ||
    (platform?.os === 'unknown' && platform.architecture === 'unknown');
async function readPlatform(client, repository, manifest, platform) {
    if ((0,_documents_js__WEBPACK_IMPORTED_MODULE_0__/* .familyOf */ .Ap)('manifest', manifest.mediaType) === undefined) {
        throw new _unsupported_js__WEBPACK_IMPORTED_MODULE_1__/* .AppendUnsupported */ .g(`${manifest.digest} is of the kind ${manifest.mediaType}`);
    }
    const { config } = (0,_documents_js__WEBPACK_IMPORTED_MODULE_0__/* .parseManifest */ .Ng)(manifest);
    if ((0,_documents_js__WEBPACK_IMPORTED_MODULE_0__/* .familyOf */ .Ap)('config', config.mediaType) === undefined) {
        throw new _unsupported_js__WEBPACK_IMPORTED_MODULE_1__/* .AppendUnsupported */ .g(`${manifest.digest} is no image but ${config.mediaType}`);
    }
    const content = await client.blob(repository, config.digest);
    return {
        platform,
        manifest,
        config: (0,_documents_js__WEBPACK_IMPORTED_MODULE_0__/* .parseConfig */ .o4)(content, config.digest)
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
    if ((0,_documents_js__WEBPACK_IMPORTED_MODULE_0__/* .familyOf */ .Ap)('index', mediaType) === undefined) {
        const image = await readPlatform(client, repository, manifest, undefined);
        return { digest, mediaType, manifest, platforms: [image] };
    }
    const entries = (0,_documents_js__WEBPACK_IMPORTED_MODULE_0__/* .parseIndex */ .A1)(manifest).manifests.filter(entry => !isAttestation(entry));
    if (entries.length === 0)
        throw new _unsupported_js__WEBPACK_IMPORTED_MODULE_1__/* .AppendUnsupported */ .g(`the index ${digest} has no image`);
    const platforms = await Promise.all(entries.map(async (entry) => {
        const stored = await client.manifest(repository, entry.digest);
        if (stored === undefined) {
            throw new _unsupported_js__WEBPACK_IMPORTED_MODULE_1__/* .AppendUnsupported */ .g(`the repository lacks ${entry.digest} of the index ${digest}`);
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


/***/ }),

/***/ 99867:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   F8: () => (/* binding */ DOCKER),
/* harmony export */   _P: () => (/* binding */ MANIFEST_TYPES),
/* harmony export */   s6: () => (/* binding */ OCI)
/* harmony export */ });
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


/***/ }),

/***/ 24623:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   EU: () => (/* binding */ writeFailure),
/* harmony export */   H: () => (/* binding */ pushRefused),
/* harmony export */   f1: () => (/* binding */ readFailure)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(83916);
/* harmony import */ var _retry_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(41521);
/* harmony import */ var _unsupported_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(94716);



const loginHint = (registry, repository, what) => `Log in to ${registry} before this step (docker/login-action, docker login) with an account that may ${what} ${repository}.`;
const isLogin = (status) => status === 401 || status === 403;
/** A push that a registry refuses, in its words. */
function pushRefused(registry, repository, { status, words }, cause) {
    return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('PUSH_REFUSED', `${registry} refuses a push to ${repository} (${status}): ${words}`, { hint: isLogin(status) ? loginHint(registry, repository, 'write to') : undefined, cause });
}
const inTrouble = (registry, { status, words }) => new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('REGISTRY', `${registry} is in trouble (${status}): ${words}`, {
    hint: 'It was asked several times. Run this again later.'
});
/**
 * Why a write was not done. Where a repository or its uploads are not to be found, a daemon's push
 * may know better: it makes some repositories on the way.
 */
function writeFailure(registry, repository, refusal) {
    const { status, words } = refusal;
    if (status === 404 || status === 405) {
        return new _unsupported_js__WEBPACK_IMPORTED_MODULE_2__/* .AppendUnsupported */ .g(`${registry} takes no upload to ${repository} (${status}): ${words}`);
    }
    return (0,_retry_js__WEBPACK_IMPORTED_MODULE_1__/* .isPassing */ .WG)(status)
        ? inTrouble(registry, refusal)
        : pushRefused(registry, repository, refusal);
}
/** Why something could not be read. */
function readFailure(registry, repository, refusal) {
    const { status, words } = refusal;
    if (status === 405) {
        return new _unsupported_js__WEBPACK_IMPORTED_MODULE_2__/* .AppendUnsupported */ .g(`${registry} lets nothing be read (${status}): ${words}`);
    }
    if ((0,_retry_js__WEBPACK_IMPORTED_MODULE_1__/* .isPassing */ .WG)(status))
        return inTrouble(registry, refusal);
    return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('REGISTRY', `${registry} does not let ${repository} be read (${status}): ${words}`, { hint: isLogin(status) ? loginHint(registry, repository, 'read') : undefined });
}


/***/ }),

/***/ 41521:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   R$: () => (/* binding */ retrying),
/* harmony export */   WG: () => (/* binding */ isPassing),
/* harmony export */   rl: () => (/* binding */ causeOf),
/* harmony export */   yy: () => (/* binding */ sleep)
/* harmony export */ });
/* harmony import */ var node_timers_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(58500);
/* harmony import */ var node_timers_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_timers_promises__WEBPACK_IMPORTED_MODULE_0__);

const sleep = milliseconds => (0,node_timers_promises__WEBPACK_IMPORTED_MODULE_0__.setTimeout)(milliseconds);
/** Pauses before the second, third and fourth time, in milliseconds. */
const PAUSES = [500, 1_500, 4_500];
const LONGEST_PAUSE = 60_000;
/** Statuses of trouble that passes. */
const PASSING = new Set([408, 429, 500, 502, 503, 504]);
/** Whether a status tells of trouble that may pass. */
const isPassing = (status) => PASSING.has(status);
// What a connection that was there and broke is called. One that was never there is not waited for: a
// daemon behind a proxy of its own may have it at once.
const BROKEN = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'EAI_AGAIN']);
/** What was thrown, and what was thrown below it. */
function causesOf(error) {
    if (typeof error !== 'object' || error === null)
        return [];
    return [error, ...causesOf(error.cause)];
}
/** Why there is no answer: the system's code where there is one, else its words. */
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


/***/ }),

/***/ 94716:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   g: () => (/* binding */ AppendUnsupported)
/* harmony export */ });
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

/***/ 20119:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   H5: () => (/* binding */ storageLabels),
/* harmony export */   Wq: () => (/* binding */ flowsParts),
/* harmony export */   m: () => (/* binding */ flowsTemplate)
/* harmony export */ });
/* unused harmony export flowsJson */
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(48161);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_os__WEBPACK_IMPORTED_MODULE_0__);

/**
 * Labels that a storage gives its flows: local files are on this machine alone, so Prefect's local
 * storage names it. Undefined for storages that no release with a flows.json has a class for.
 */
function storageLabels(kind) {
    if (kind === 'local')
        return [(0,node_os__WEBPACK_IMPORTED_MODULE_0__.hostname)()];
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
/** Stands for the storage in {@link flowsTemplate}; no JSON holds the character. */
const STORAGE_PLACE = '\0';
/**
 * {@link flowsJson} with a mark wherever the storage stands: with the storage itself, which names every
 * flow, in each flow the document grows with their square.
 */
function flowsTemplate(storage) {
    if (!storage.rules.flowsJson || !storage.readable)
        return undefined;
    const flows = [];
    for (const flow of [...storage.added.values()].sort((a, b) => byCodePoint(a.name, b.name))) {
        if (flow.serialized === undefined)
            return undefined;
        flows.push(objectJson({ ...flow.serialized, storage: STORAGE_PLACE }));
    }
    return `{"flows": [${flows.join(', ')}], "version": 1}\n`;
}
/** The parts of the document that a template stands for, to be written one after the other. */
function flowsParts(template, storage) {
    const json = sortedJson(storage);
    return {
        *[Symbol.iterator]() {
            for (const [index, part] of template.split(STORAGE_PLACE).entries()) {
                if (index > 0)
                    yield json;
                yield part;
            }
        }
    };
}
/**
 * The document that `prefect register --json` takes: every flow of a storage, each with that storage,
 * sorted by name as `prefect build` writes them.
 *
 * @returns undefined where the storage's release reads none or has no class for the storage, and
 * where a flow came without its serialized form
 */
function flowsJson(storage) {
    const template = flowsTemplate(storage);
    return template === undefined
        ? undefined
        : [...flowsParts(template, storage.serialize())].join('');
}


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


/***/ }),

/***/ 88245:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   F: () => (/* binding */ parsePlatform),
/* harmony export */   t: () => (/* binding */ platformOf)
/* harmony export */ });
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


/***/ })

};
