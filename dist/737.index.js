export const id = 737;
export const ids = [737];
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

/***/ 73737:
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
// EXTERNAL MODULE: external "node:stream/promises"
var external_node_stream_promises_ = __webpack_require__(46466);
// EXTERNAL MODULE: ./src/discover/sources.ts
var discover_sources = __webpack_require__(28049);
// EXTERNAL MODULE: ./src/errors.ts
var src_errors = __webpack_require__(83916);
// EXTERNAL MODULE: ./src/load/container.ts + 1 modules
var container = __webpack_require__(82497);
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

// EXTERNAL MODULE: ./src/load/requirements.ts + 1 modules
var load_requirements = __webpack_require__(64272);
// EXTERNAL MODULE: ./src/prefect/rules.ts
var prefect_rules = __webpack_require__(6148);
// EXTERNAL MODULE: ./src/registry/credentials.ts
var credentials = __webpack_require__(3653);
// EXTERNAL MODULE: ./src/storage/docker.ts
var docker = __webpack_require__(90461);
// EXTERNAL MODULE: ./src/storage/file.ts
var file = __webpack_require__(30423);
// EXTERNAL MODULE: ./src/util/docker.ts + 1 modules
var util_docker = __webpack_require__(63372);
// EXTERNAL MODULE: ./src/util/hash.ts
var hash = __webpack_require__(95138);
// EXTERNAL MODULE: ./src/util/log.ts
var log = __webpack_require__(29906);
// EXTERNAL MODULE: ./src/util/reference.ts
var util_reference = __webpack_require__(13137);
// EXTERNAL MODULE: ./src/util/tar.ts
var util_tar = __webpack_require__(62603);
// EXTERNAL MODULE: ./src/image/pull.ts
var pull = __webpack_require__(57806);
;// CONCATENATED MODULE: ./src/image/base.ts





const pullHint = (words, registry) => /unauthorized|denied|no basic auth/i.test(words)
    ? `Log in to ${registry} first (docker login), or check the name: registries say the same of images that aren't there.`
    : 'Check base-image; for an image that only the daemon has, set local-image: true.';
/** Repository of the tags that base images without a digest get. */
const BASE_NAME = 'flowstore-base';
/**
 * Has the base image in the daemon: pulled, or with `local` taken from the daemon's images.
 *
 * @throws FlowstoreError BASE_IMAGE_PULL, BASE_IMAGE_PYTHON for an image without Python
 */
async function baseImage(daemon, reference, local, findCredentials, log, platform) {
    const { docker } = daemon;
    if (!local) {
        const what = 'the base image';
        await (0,pull/* pullImage */.Z)(daemon, { reference, findCredentials, platform, what, hint: pullHint });
    }
    const image = docker.getImage(reference);
    const facts = await image.inspect().catch((error) => {
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
    const digest = named?.split('@')[1];
    let from = digest === undefined ? undefined : `${reference.split('@')[0] ?? reference}@${digest}`;
    if (from === undefined) {
        // An id can't stand behind FROM; a tag made of it can.
        const tag = facts.Id.replace('sha256:', '').slice(0, 20);
        await image.tag({ repo: BASE_NAME, tag });
        from = `${BASE_NAME}:${tag}`;
    }
    const { executable, versions } = await probe(daemon, facts.Id, reference);
    log.info(`Base image ${reference}: Python ${versions.python}, ${versions.prefect === null ? 'no Prefect' : `Prefect ${versions.prefect}`}`);
    const config = facts.Config;
    return {
        reference,
        from,
        digest: digest ?? facts.Id,
        user: config.User,
        env: Object.fromEntries(
        // An imported image has null here, whatever the types say.
        (config.Env ?? []).map(pair => {
            const equals = pair.indexOf('=');
            return [pair.slice(0, equals), pair.slice(equals + 1)];
        })),
        // The loader starts what stands on PATH, so its name does.
        python: external_node_path_.posix.basename(executable),
        versions
    };
}
async function probe({ docker }, id, reference) {
    try {
        return await (0,container/* containerPython */.g)(docker, id).probe();
    }
    catch (error) {
        const { message, detail } = error;
        throw new src_errors/* FlowstoreError */.U3('BASE_IMAGE_PYTHON', `the base image ${reference} has no Python 3 that runs`, {
            hint: 'Flows are loaded and run by the Python of the base image: take one that has it, such as python:3.9.',
            detail: detail ?? message,
            cause: error
        });
    }
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

// EXTERNAL MODULE: ./src/load/pip.ts
var load_pip = __webpack_require__(28789);
// EXTERNAL MODULE: ./src/load/virtual-environment.ts
var virtual_environment = __webpack_require__(8515);
// EXTERNAL MODULE: ./src/util/version.ts
var version = __webpack_require__(76092);
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
 * @throws BuildFailure when a step fails, FlowstoreError IMAGE_BUILD when there is no image at the end
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

// EXTERNAL MODULE: ./node_modules/picomatch/index.js
var picomatch = __webpack_require__(14006);
var picomatch_default = /*#__PURE__*/__webpack_require__.n(picomatch);
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
        return [entry.path, entry.mode, await (0,hash/* sha256File */.Q3)(entry.source)];
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

;// CONCATENATED MODULE: ./src/image/environment.ts













/** Where helper modules of the repository lie in an image; on PYTHONPATH. */
const MODULES_FOLDER = '/opt/flowstore';
/** Label that holds an image's key. */
const KEY_LABEL = 'io.flowstore.key';
const CONTEXT = 'requirements';
const MOUNT = '/tmp/flowstore-requirements';
const isRoot = (user) => /^(root|0)?(:.*)?$/.test(user);
function prefectOf({ base, prefectVersion, requirements }) {
    const prefect = prefectVersion ?? (0,prefect_rules/* pinnedPrefect */.k_)((0,load_requirements/* requirementLines */.p$)(requirements)) ?? base.versions.prefect;
    if (prefect === null) {
        throw new src_errors/* FlowstoreError */.U3('PREFECT_NOT_FOUND', `the base image ${base.reference} has no Prefect, and no version is asked for`, {
            hint: 'Set prefect-version, or pin prefect in python-dependencies or the requirements file.'
        });
    }
    return prefect;
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
const INSTALL_GIT = 'RUN command -v git || if command -v apk; then apk add --no-cache git; else apt-get update && apt-get install -y --no-install-recommends git ca-certificates && rm -rf /var/lib/apt/lists/*; fi';
/**
 * Plans an environment image: the Dockerfile's instructions and their context, identified by a key.
 * Prefect and all dependencies are installed in one go, so that one resolution holds for all; where
 * the base image has Prefect already it stays as it is.
 *
 * @throws FlowstoreError PREFECT_NOT_FOUND, UNSUPPORTED_PREFECT, BASE_IMAGE_PYTHON for an image
 * without pip, INVALID_OPTION for requirements that can't go into an image
 */
async function planEnvironment(spec, log) {
    const { base } = spec;
    const requirements = (0,load_pip/* withoutEditable */.Pu)(spec.requirements);
    const { python, pip } = base.versions;
    const prefect = prefectOf(spec);
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
    // What the user's own Dockerfile takes is in its image already.
    const { buildargs, target, pull, ...buildKwargs } = spec.buildKwargs ?? {};
    void [buildargs, target, pull];
    const files = await copiedFiles(spec.sources.root, spec.files, spec.filter ?? (() => true));
    instructions.push(...files.instructions, ...(spec.extraCommands ?? []));
    context.push(...files.context);
    if (!isRoot(base.user))
        instructions.push(`USER ${base.user}`);
    const key = (0,hash/* sha256Json */.iE)([
        base.digest,
        instructions,
        context.flatMap(entry => ('content' in entry ? [[entry.path, String(entry.content)]] : [])),
        await contentsOf(files.context),
        buildKwargs,
        requirements.local.length > 0 ? await (0,discover_sources/* sourcesHash */.tM)(spec.sources) : null
    ]).slice(0, 20);
    return { key, prefect, instructions, context, base, buildKwargs };
}
/** Output of pip and the like, without the step's own line. */
const reason = (failure) => (0,virtual_environment/* pipReason */.I_)(failure.lines.join('\n'));
/**
 * Has the environment image in the daemon: the one of the same key, else a new one.
 *
 * @throws FlowstoreError DEPENDENCY_INSTALL with pip's own lines, IMAGE_BUILD
 */
async function environmentImage(daemon, plan, log) {
    const image = `flowstore-environment:${plan.key}`;
    const known = await daemon.docker
        .getImage(image)
        .inspect()
        .catch(() => undefined);
    if (known?.Config.Labels?.[KEY_LABEL] === plan.key && !plan.buildKwargs.nocache) {
        log.info(`Environment ${plan.key}: the daemon has it`);
        return { ...plan, image };
    }
    log.info(`Environment ${plan.key}: building it on ${plan.base.reference}, with Prefect ${plan.prefect}`);
    try {
        await buildImage(daemon, {
            dockerfile: dockerfileText([`FROM ${plan.base.from}`, ...plan.instructions]),
            context: plan.context,
            labels: { ...plan.buildKwargs.labels, [KEY_LABEL]: plan.key },
            kwargs: plan.buildKwargs,
            tag: image
        }, log);
    }
    catch (error) {
        if (!(error instanceof BuildFailure))
            throw error;
        const pipFailed = / -m pip install /.test(error.message) || error.lines.some(line => /^ERROR: /.test(line));
        throw new src_errors/* FlowstoreError */.U3(pipFailed ? 'DEPENDENCY_INSTALL' : 'IMAGE_BUILD', pipFailed
            ? `the flows' dependencies can't be installed on ${plan.base.reference} (Python ${plan.base.versions.python})`
            : `the environment image can't be built: ${error.message}`, { detail: reason(error) || undefined, cause: error });
    }
    return { ...plan, image };
}

;// CONCATENATED MODULE: ./src/image/flows.ts




/** The instructions that put flows and modules on an environment image, and their context. */
function flowInstructions({ flows, modules }) {
    const folders = [...new Set([...flows.keys()].map(location => external_node_path_.posix.dirname(location)))];
    return {
        instructions: [
            // Modules change less often than flows do.
            ...(modules.length > 0 ? [copyInstruction('modules/', `${MODULES_FOLDER}/`)] : []),
            ...folders.map((folder, index) => copyInstruction(`flows/${index}/`, `${folder}/`))
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
 * Builds the image: the flows, and the modules they need, on an environment image.
 *
 * @returns the image's id; it has no tag yet
 * @throws FlowstoreError IMAGE_BUILD
 */
async function flowImage(daemon, environment, layer, labels, log) {
    const { instructions, context } = flowInstructions(layer);
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

// EXTERNAL MODULE: ./node_modules/zod/v4/classic/schemas.js + 15 modules
var schemas = __webpack_require__(9691);
;// CONCATENATED MODULE: ./src/registry/client.ts

const errorsSchema = schemas/* object */.Ikc({
    errors: schemas/* array */.YOg(schemas/* object */.Ikc({ code: schemas/* string */.YjP().optional(), message: schemas/* string */.YjP().optional() }))
});
const isLoopback = (registry) => /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/.test(registry);
const hostOf = (registry) => registry === 'docker.io' ? 'registry-1.docker.io' : registry;
async function wordsOf(response) {
    const text = await response.text();
    try {
        const { errors } = errorsSchema.parse(JSON.parse(text));
        const words = errors.map(({ code, message }) => [code, message].filter(Boolean).join(': '));
        if (words.length > 0)
            return words.join('; ');
    }
    catch {
        // Not the specification's form of an error: its text stands as it is.
    }
    return text.trim().slice(0, 500) || response.statusText;
}
/**
 * Speaks the OCI distribution specification (1.1) with one registry: HTTPS, and plain HTTP where a
 * registry on this machine has no TLS.
 */
class RegistryClient {
    registry;
    credentials;
    fetch;
    token;
    constructor(
    /** The registry's host, as image references have it. */
    registry, credentials, fetch = globalThis.fetch) {
        this.registry = registry;
        this.credentials = credentials;
        this.fetch = fetch;
    }
    /**
     * Asks whether a push to a repository would be let in, by opening an upload ("Pushing blobs",
     * POST then PUT) and dropping it again.
     *
     * @returns the refusal, or undefined where the upload was opened
     * @throws whatever fetch throws where the registry can't be reached
     */
    async pushRefusal(repository) {
        const scope = `repository:${repository}:pull,push`;
        const response = await this.request('POST', `/v2/${repository}/blobs/uploads/`, scope);
        if (!response.ok)
            return { status: response.status, words: await wordsOf(response) };
        const location = response.headers.get('location');
        if (location !== null) {
            const url = new URL(location, response.url);
            await this.request('DELETE', url.pathname + url.search, scope).catch(() => undefined);
        }
        return undefined;
    }
    async request(method, path, scope) {
        const first = await this.send(method, path);
        const challenge = first.headers.get('www-authenticate');
        if (first.status !== 401 || challenge === null || this.token !== undefined)
            return first;
        this.token = await this.authorize(challenge, scope);
        return this.token === undefined ? first : this.send(method, path);
    }
    async send(method, path) {
        const headers = this.token ? { authorization: this.token } : {};
        const call = async (scheme) => this.fetch(`${scheme}://${hostOf(this.registry)}${path}`, {
            method,
            headers,
            signal: AbortSignal.timeout(30_000)
        });
        if (!isLoopback(this.registry))
            return call('https');
        // A daemon speaks plain HTTP with loopback registries too.
        return call('https').catch(() => call('http'));
    }
    basic() {
        if (this.credentials === undefined || 'identitytoken' in this.credentials)
            return undefined;
        const { username, password } = this.credentials;
        return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    }
    /** The value of the Authorization header that answers a challenge, or undefined where none can. */
    async authorize(challenge, scope) {
        if (/^basic/i.test(challenge))
            return this.basic();
        const part = (name) => new RegExp(`${name}="([^"]*)"`, 'i').exec(challenge)?.[1];
        const realm = part('realm');
        if (!/^bearer/i.test(challenge) || realm === undefined)
            return undefined;
        const service = part('service') ?? '';
        const refreshToken = this.credentials !== undefined && 'identitytoken' in this.credentials
            ? this.credentials.identitytoken
            : undefined;
        const url = new URL(realm);
        const basic = this.basic();
        let response;
        if (refreshToken === undefined) {
            url.searchParams.set('service', service);
            url.searchParams.set('scope', scope);
            response = await this.fetch(url, { headers: basic ? { authorization: basic } : {} });
        }
        else {
            response = await this.fetch(url, {
                method: 'POST',
                body: new URLSearchParams({
                    grant_type: 'refresh_token',
                    service,
                    scope,
                    refresh_token: refreshToken,
                    client_id: 'flowstore'
                })
            });
        }
        if (!response.ok)
            return undefined;
        const answer = schemas/* object */.Ikc({ token: schemas/* string */.YjP().optional(), access_token: schemas/* string */.YjP().optional() })
            .parse(await response.json());
        const token = answer.token ?? answer.access_token;
        return token === undefined ? undefined : `Bearer ${token}`;
    }
}

;// CONCATENATED MODULE: ./src/image/push.ts




function refused(reference, { status, words }, cause) {
    const { registry, repository } = (0,util_reference/* parseReference */.F2)(reference);
    return new src_errors/* FlowstoreError */.U3('PUSH_REFUSED', `${registry} refuses a push to ${repository} (${status}): ${words}`, {
        hint: status === 401 || status === 403
            ? `Log in to ${registry} before this step (docker/login-action, docker login) with an account that may write to ${repository}.`
            : undefined,
        cause
    });
}
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
    connecting;
    basing;
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
        this.credentials = (0,credentials/* dockerCredentials */.d)(this.env);
        if (collaborators.daemon)
            this.connecting = Promise.resolve(collaborators.daemon);
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
        const { context } = await this.environment();
        const layer = flowInstructions(await this.layer());
        const path = (0,external_node_path_.join)(directory, 'Dockerfile');
        await (0,promises_.mkdir)(directory, { recursive: true });
        await (0,external_node_stream_promises_.pipeline)((0,util_tar/* packTar */.nG)([...context, ...layer.context]), (0,util_tar/* extractTar */.nN)(directory));
        await (0,promises_.writeFile)(path, await this.dockerfile());
        return path;
    }
    /** The Dockerfile of the whole image, as one text. */
    async dockerfile() {
        const { base, instructions } = await this.environment();
        return dockerfileText([
            base.dockerfile?.trimEnd() ?? `FROM ${base.from}`,
            ...instructions,
            ...flowInstructions(await this.layer()).instructions
        ]);
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
        const id = await this.log.phase('build', () => flowImage(daemon, environment, layer, { [KEY_LABEL]: this.options.key ?? this.imageTag ?? '' }, this.log));
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
        return (this.connecting ??= (0,util_docker/* connectDocker */.Z8)(this.baseUrl, this.env));
    }
    environment() {
        return (this.preparing ??= this.makeEnvironment());
    }
    async makeEnvironment() {
        const { pythonDependencies, envVars, files, root: cwd } = this;
        const requirements = await (0,load_requirements/* readRequirements */.F2)(cwd, pythonDependencies, undefined);
        const plan = await planEnvironment({
            base: await this.pullImage(),
            prefectVersion: this.options.prefectVersion ?? this.rules.release,
            requirements,
            envVars,
            files: Object.entries(files).map(([source, destination]) => ({ source, destination })),
            filter: await (0,discover_sources/* dockerFilter */.RR)(cwd, this.options.dockerignore),
            extraCommands: this.options.extraDockerfileCommands ?? [],
            prefectDirectory: this.prefectDirectory,
            buildKwargs: this.options.buildKwargs ?? {},
            sources: requirements.local.length > 0 ? await (0,discover_sources/* listSources */.rP)(cwd) : (0,discover_sources/* noSources */.S0)(cwd)
        }, this.log);
        return environmentImage(await this.connect(), plan, this.log);
    }
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
    nameImage({ key }) {
        const flows = [...this.added.values()];
        const [first] = flows;
        this.imageName ??= (0,util_reference/* toRepository */.y4)(flows.length === 1 && first ? first.slug : (0,external_node_path_.basename)(this.root));
        this.imageTag ??= (0,hash/* sha256Json */.iE)([key, flows.map(flow => [flow.name, (0,hash/* sha256 */.sc)(flow.bytes)])]).slice(0, 20);
    }
}

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

// EXTERNAL MODULE: ./src/util/format.ts
var format = __webpack_require__(32693);
;// CONCATENATED MODULE: ./src/phases/discover.ts






/** Sources above this are worth a look: each load copies or reads them. */
const BIG_SOURCES = 100 * 1024 * 1024;
async function discover(options, surroundings, log) {
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
        requirements
    };
}
/** The image's name below its registry. */
const imageName = ({ options, surroundings: { cwd, env } }) => options.imageName ?? (0,util_reference/* toRepository */.y4)((0,external_node_path_.basename)(env['GITHUB_REPOSITORY'] ?? cwd));

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
 * @returns the flows, or every problem of every module; no flow at all is a problem, FLOW_NOT_FOUND
 * @throws FlowstoreError LOAD_FAILED where Python gives no result
 */
async function loadFlows(place, modules, helpers, storageLabels) {
    const loaded = await place.load({
        modules,
        helpers,
        pickleProtocols: prefect_rules/* PICKLE_PROTOCOLS */.t,
        flowsJson: storageLabels ? { ...prefect_rules/* FLOWS_JSON */.vh, labels: storageLabels } : null
    });
    const { result, log } = loaded;
    const problems = result.problems.map(errorOf);
    const unregistrable = result.unregistrable.map(errorOf);
    if (problems.length === 0 && result.versions === null) {
        problems.push(new src_errors/* FlowstoreError */.U3('LOAD_FAILED', 'the loader gave no versions'));
    }
    const versions = result.versions ?? { python: '', prefect: '', cloudpickle: '' };
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
        flows,
        versions,
        helpers: result.helpers,
        problems,
        unregistrable,
        dependencies: result.dependencies,
        log
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

// EXTERNAL MODULE: ./src/load/environment.ts
var environment = __webpack_require__(53001);
// EXTERNAL MODULE: ./src/load/interpreter.ts
var interpreter = __webpack_require__(12658);
;// CONCATENATED MODULE: ./src/phases/environment.ts














/** Has the environment image in the daemon; what would fail later for sure fails here first. */
async function imageEnvironment(run, credentials) {
    const { options, surroundings, log, sources, requirements } = run;
    const version = options.prefectVersion ?? (0,prefect_rules/* pinnedPrefect */.k_)((0,load_requirements/* requirementLines */.p$)(requirements));
    const named = options.baseImage !== undefined || options.dockerfile !== undefined;
    if (!named && version === undefined) {
        throw new src_errors/* FlowstoreError */.U3('MISSING_OPTION', "the option 'prefect-version' is required: no Prefect is pinned, and no base-image is given", {
            hint: 'Set prefect-version, pin prefect in python-dependencies or the requirements file, or say a base-image that has Prefect.'
        });
    }
    const { cwd, env } = surroundings;
    const daemon = await (0,util_docker/* connectDocker */.Z8)(options.baseUrl, {
        ...env,
        ...(options.tlsConfig === undefined
            ? {}
            : { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: (0,external_node_path_.resolve)(cwd, options.tlsConfig) })
    });
    if (options.storage === 'docker' && options.push && options.registryUrl !== undefined) {
        await checkPushAccess(`${options.registryUrl}/${imageName(run)}`, credentials);
    }
    const { dockerfile, dockerignore, buildKwargs } = options;
    const base = dockerfile === undefined
        ? await baseImage(daemon, options.baseImage ?? (0,prefect_rules/* defaultBaseImage */.qS)(version ?? '', options.python), options.localImage, credentials, log, buildKwargs.platform)
        : await userBaseImage(daemon, { path: dockerfile, cwd, dockerignore, buildKwargs }, log);
    const plan = await planEnvironment({
        base,
        prefectVersion: options.prefectVersion,
        requirements,
        envVars: options.envVars,
        files: options.files,
        filter: await (0,discover_sources/* dockerFilter */.RR)(cwd, dockerignore),
        extraCommands: options.extraDockerfileCommands,
        prefectDirectory: options.prefectDirectory,
        buildKwargs,
        sources
    }, log);
    return { daemon, environment: await environmentImage(daemon, plan, log) };
}
/** Python on this machine; for an image one that is like the image's. */
async function runnerPython(run, image) {
    const { options, surroundings, log, sources, requirements } = run;
    const { cwd, env, cache } = surroundings;
    const imagePython = image && (0,version/* minorOf */.H)(image.environment.base.versions.python);
    const python = await (0,environment/* loadingPython */.n)({
        python: options.python ?? imagePython,
        prefectVersion: image?.environment.prefect ?? options.prefectVersion,
        requirements,
        sources,
        cwd,
        env,
        cache
    }, log);
    return (0,interpreter/* interpreterPython */.p)({ python, sources, env, envVars: options.envVars });
}
/** A flow loads in the image only where what made it is what reads it. */
function requireSame(made, image) {
    const differs = [
        ['Python', (0,version/* minorOf */.H)(made.python), (0,version/* minorOf */.H)(image.python)],
        ['Prefect', made.prefect, image.prefect],
        ['cloudpickle', made.cloudpickle, image.cloudpickle]
    ].filter(([, one, other]) => one !== other);
    if (differs.length === 0)
        return;
    throw new src_errors/* FlowstoreError */.U3('VERSION_MISMATCH', `the runner and the image differ: ${differs.map(([what, one, other]) => `${what} ${one} and ${other}`).join(', ')}`, {
        hint: "Load the flows in the image (load-in: image), or choose an interpreter like the image's with python."
    });
}

;// CONCATENATED MODULE: ./src/phases/load.ts








/** Has an environment, and loads the flows in it. */
async function load(run) {
    const { options, surroundings, log } = run;
    const { image, place } = await log.phase('environment', async () => {
        const needsImage = options.storage === 'docker' || options.loadIn === 'image';
        const made = needsImage
            ? await imageEnvironment(run, (0,credentials/* dockerCredentials */.d)(surroundings.env))
            : undefined;
        return {
            image: made,
            place: made && options.loadIn === 'image'
                ? (0,container/* containerPython */.g)(made.daemon.docker, made.environment.image, run.sources)
                : await runnerPython(run, made)
        };
    });
    const loaded = await log.phase('load', async () => {
        const found = await loadFlows(place, run.modules, options.storage === 'docker' ? 'reference' : 'value', storageLabels(options.storage));
        if (found.log.trim() !== '')
            log.debug(found.log.trimEnd());
        if (image && options.loadIn === 'runner' && found.problems.length === 0) {
            const { versions } = await (0,container/* containerPython */.g)(image.daemon.docker, image.environment.image).probe();
            const { python, prefect, cloudpickle } = versions;
            requireSame(found.versions, {
                python,
                prefect: prefect ?? 'none',
                cloudpickle: cloudpickle ?? 'none'
            });
        }
        return found;
    });
    return { run, loaded, image, place };
}
const withOptions = async (run, options) => ({
    ...run,
    options,
    requirements: await (0,load_requirements/* readRequirements */.F2)(run.surroundings.cwd, options.pythonDependencies, options.requirementsFile, { env: run.surroundings.env, cache: run.surroundings.cache, log: run.log })
});
/**
 * Loads the flows, with what the storages in their modules ask for: that is known once they are
 * loaded, so where it makes another environment they are loaded again, in that one.
 */
async function loadMerged(first) {
    const { log, modules } = first;
    let found = await load(first);
    const missing = found.loaded.dependencies.filter(line => !first.options.pythonDependencies.includes(line));
    if (found.loaded.problems.length > 0 && missing.length > 0 && found.image) {
        const { options } = first;
        log.info(`A module does not import; its Docker storage asks for ${missing.join(' ')}`);
        found = await load(await withOptions(first, {
            ...options,
            pythonDependencies: [...options.pythonDependencies, ...missing]
        }));
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
    if (!sameEnvironment(options, merged.options) && found.image) {
        log.info('The storages of the modules ask for another environment');
        found = await load(await withOptions(found.run, merged.options));
        (0,src_errors/* throwAll */.Kx)(found.loaded.problems);
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

// EXTERNAL MODULE: ./src/load/loader.ts + 2 modules
var loader = __webpack_require__(49539);
// EXTERNAL MODULE: ./src/storage/local.ts
var storage_local = __webpack_require__(72922);
// EXTERNAL MODULE: ./src/storage/storage.ts
var storage = __webpack_require__(32912);
// EXTERNAL MODULE: ./src/version.ts
var src_version = __webpack_require__(311);
;// CONCATENATED MODULE: ./src/phases/store.ts













/** Identifies an image by all that a load can see and all that loads. */
const imageKey = async (run, environment) => (0,hash/* sha256Json */.iE)([
    environment.key,
    await (0,discover_sources/* sourcesHash */.tM)(run.sources),
    run.modules,
    run.options.loadIn,
    run.options.storedAsScript,
    run.options.path ?? null,
    src_version/* VERSION */.x,
    await (0,hash/* sha256File */.Q3)(loader/* LOADER_FILE */.vr)
]).slice(0, 20);
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
/** The image, its flows at their locations, checked and pushed. */
async function storeInImage(run, { daemon, environment }, loaded, secrets) {
    const { options, surroundings, log, sources } = run;
    const key = await imageKey(run, environment);
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
    }, { root: surroundings.cwd, env: surroundings.env, log, daemon, environment });
    for (const flow of loaded.flows)
        storage.addFlow(flow);
    const taken = options.files.find(({ destination }) => [...storage.flows.values()].includes(destination));
    if (taken) {
        throw new src_errors/* FlowstoreError */.U3('FILE_DESTINATION', `'${taken.source}' in files would lie where a flow does: ${taken.destination}`);
    }
    return storage.build({ push: options.push, healthcheck: options.healthcheck });
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
async function storeEmbedded(run, place, loaded, secrets) {
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
        await log.phase('healthcheck', () => healthcheck(place, loaded.flows, flow => ({ content: storedBytes(flow, storage) })));
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









function reportOf(run, storage, loaded, hasFlowsJson) {
    const { options, surroundings, log } = run;
    const folder = (0,external_node_path_.resolve)(surroundings.cwd, options.outputDirectory);
    const image = storage instanceof Docker ? storage : undefined;
    return {
        outputs: {
            storage: JSON.stringify(storage.serialize()),
            'storage-path': (0,external_node_path_.join)(folder, 'storage.json'),
            'flows-path': hasFlowsJson ? (0,external_node_path_.join)(folder, 'flows.json') : '',
            flows: JSON.stringify(Object.fromEntries(storage.flows)),
            image: image ? `${image.repository}:${image.imageTag ?? ''}` : '',
            'image-name': image?.imageName ?? '',
            'image-tag': image?.imageTag ?? '',
            digest: image?.digest ?? '',
            'image-ref': image?.digest === undefined ? '' : `${image.repository}@${image.digest}`,
            'artifact-id': '',
            'artifact-url': ''
        },
        versions: { ...loaded.versions, flowstore: src_version/* VERSION */.x },
        phases: log.phases,
        flows: loaded.flows.map(flow => ({
            name: flow.name,
            module: flow.module,
            line: flow.line,
            location: storage.flows.get(flow.name) ?? '',
            size: storedBytes(flow, storage).length
        })),
        notices: log.notices
    };
}
/**
 * The whole run: discovers the flow modules, loads and serializes their flows, reads each back in a
 * fresh interpreter, and adds them to the storage; for docker storage it builds and pushes the image.
 * No file, output or artifact is published; a failure leaves none behind.
 *
 * @throws FlowstoreError (or FlowstoreErrors with all that one phase found)
 */
async function buildStorage(options, surroundings, log) {
    const first = await log.phase('discover', () => discover(options, surroundings, log));
    const { run, loaded, image, place, secrets } = await loadMerged(first);
    const storage = image && options.storage === 'docker'
        ? await storeInImage(run, image, loaded, secrets)
        : await storeEmbedded(run, place, loaded, secrets);
    const flows = flowsJson(storage);
    const report = reportOf(run, storage, loaded, flows !== undefined);
    const local = storage instanceof storage_local/* LocalStorage */.D ? storage : undefined;
    return {
        report,
        files: new Map([
            ['storage.json', `${JSON.stringify(storage.serialize(), null, 2)}\n`],
            ...(flows === undefined ? [] : [['flows.json', flows]]),
            ['report.json', (0,src_report/* reportJson */.l)(report)],
            ...(storage instanceof Docker ? [['Dockerfile', await storage.dockerfile()]] : [])
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
    'digest',
    'image-ref',
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
