export const id = 621;
export const ids = [621];
export const modules = {

/***/ 6212:
/***/ ((module, __unused_webpack_exports, __webpack_require__) => {

// light library entry point.


module.exports = __webpack_require__(35504);

/***/ }),

/***/ 2212:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   I: () => (/* binding */ BASE_NAME),
/* harmony export */   f: () => (/* binding */ baseImage)
/* harmony export */ });
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(83916);
/* harmony import */ var _load_container_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(82497);
/* harmony import */ var _util_platform_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(88245);
/* harmony import */ var _base_digest_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(23657);
/* harmony import */ var _pull_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(57806);
/* harmony import */ var _variables_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(4664);







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
    const docker = await daemon.docker();
    if (!local) {
        const what = 'the base image';
        await (0,_pull_js__WEBPACK_IMPORTED_MODULE_5__.pullImage)(daemon, {
            reference,
            findCredentials,
            platform,
            what,
            hint: pullHint(platform)
        });
    }
    const { facts, digest } = await (0,_base_digest_js__WEBPACK_IMPORTED_MODULE_4__/* .inspected */ ._)(daemon, reference);
    const image = docker.getImage(reference);
    const has = (0,_util_platform_js__WEBPACK_IMPORTED_MODULE_3__/* .platformOf */ .t)(facts.Os, facts.Architecture);
    // Docker pulls and builds on an image of another platform all the same, and labels the result wrongly.
    if (platform !== undefined && (0,_util_platform_js__WEBPACK_IMPORTED_MODULE_3__/* .parsePlatform */ .F)(platform) !== has) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .FlowstoreError */ .U3('BASE_IMAGE_PULL', `the base image ${reference} is for ${has}, and build-kwargs asks for ${platform}`, { hint: `Take a base image that has ${platform}, or leave platform out of build-kwargs.` });
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
        env: (0,_variables_js__WEBPACK_IMPORTED_MODULE_6__/* .variablesOf */ .h)(config.Env),
        // The loader starts what stands on PATH, so its name does.
        python: node_path__WEBPACK_IMPORTED_MODULE_0__.posix.basename(executable),
        versions
    };
}
async function probe({ engine }, id, reference, platform) {
    try {
        return await (0,_load_container_js__WEBPACK_IMPORTED_MODULE_2__/* .containerPython */ .g)(engine, id).probe();
    }
    catch (error) {
        const { message, detail } = error;
        const why = { detail: detail ?? message, cause: error };
        const { Os, Arch } = await engine.ask({
            method: 'GET',
            path: '/version'
        });
        const own = (0,_util_platform_js__WEBPACK_IMPORTED_MODULE_3__/* .platformOf */ .t)(Os, Arch);
        if (own !== platform && /exec format error/i.test(`${message}\n${detail ?? ''}`)) {
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .FlowstoreError */ .U3('BASE_IMAGE_PYTHON', `the base image ${reference} is for ${platform}, and the daemon is ${own} without emulation`, {
                ...why,
                hint: `Flows are loaded and checked in the image: use a base image for ${own}, a machine that is ${platform}, or set emulation up first (docker/setup-qemu-action).`
            });
        }
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .FlowstoreError */ .U3('BASE_IMAGE_PYTHON', `the base image ${reference} has no Python 3 that runs`, {
            ...why,
            hint: 'Flows are loaded and run by the Python of the base image: take one that has it, such as python:3.9.'
        });
    }
}


/***/ }),

/***/ 6489:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $: () => (/* binding */ BuildFailure),
/* harmony export */   _: () => (/* binding */ buildImage)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(83916);
/* harmony import */ var _util_progress_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(39325);
/* harmony import */ var _install_step_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(55537);
/* harmony import */ var _util_tar_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(62603);




/** A build that failed: which step, and what was printed until then. */
class BuildFailure extends Error {
    lines;
    constructor(message, lines, options) {
        super(message, options);
        this.lines = lines;
    }
    /** The error of a build whose end says why it failed. */
    imageBuild(what, file) {
        return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('IMAGE_BUILD', `${what} can't be built: ${this.message}`, {
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
async function buildImage(daemon, { dockerfile, context, labels, tag, kwargs = {} }, log) {
    const tar = (0,_util_tar_js__WEBPACK_IMPORTED_MODULE_3__/* .packTar */ .nG)([...context, { path: DOCKERFILE, content: dockerfile }]);
    const lines = [];
    let id;
    try {
        const docker = await daemon.docker();
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
        await (0,_util_progress_js__WEBPACK_IMPORTED_MODULE_1__/* .followProgress */ .F)(docker, stream, event => {
            id = event.aux?.ID ?? id;
            for (const line of (event.stream ?? '').split('\n')) {
                if (line === '')
                    continue;
                lines.push(line);
                if (line.startsWith(_install_step_js__WEBPACK_IMPORTED_MODULE_2__/* .STEP_WORDS */ .l))
                    log.info(line.slice(_install_step_js__WEBPACK_IMPORTED_MODULE_2__/* .STEP_WORDS */ .l.length));
                else
                    log.debug(line);
            }
        });
    }
    catch (error) {
        // The context's own failure: no step failed.
        if (error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3)
            throw error;
        throw new BuildFailure((0,_util_progress_js__WEBPACK_IMPORTED_MODULE_1__/* .daemonWords */ .U)(error), lines, { cause: error });
    }
    // A daemon without BuildKit's ids, or one that lost the image: never go on with nothing.
    if (id === undefined) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('IMAGE_BUILD', 'the build ended without an image', {
            detail: lastLines(lines)
        });
    }
    return id;
}


/***/ }),

/***/ 57965:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   A: () => (/* binding */ buildEnvironment)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(83916);
/* harmony import */ var _load_container_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(82497);
/* harmony import */ var _load_virtual_environment_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(8515);
/* harmony import */ var _build_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(6489);
/* harmony import */ var _dockerfile_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(72179);
/* harmony import */ var _environment_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(18256);
/* harmony import */ var _labels_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(20086);







/** Output of pip and the like, without the step's own line. */
const reason = (failure) => (0,_load_virtual_environment_js__WEBPACK_IMPORTED_MODULE_2__/* .pipReason */ .I_)(failure.lines.join('\n'));
/**
 * Builds an environment image, and labels it with what it turned out to have.
 *
 * @throws FlowstoreError DEPENDENCY_INSTALL with pip's own lines, IMAGE_BUILD
 */
async function buildEnvironment(daemon, plan, log) {
    const { key, base, buildKwargs, instructions } = plan;
    log.info(`Environment ${key}: building it on ${base.reference}, with Prefect ${plan.prefect}`);
    const labels = { ...buildKwargs.labels, [_labels_js__WEBPACK_IMPORTED_MODULE_5__/* .KEY_LABEL */ .bt]: key };
    const tag = (0,_environment_js__WEBPACK_IMPORTED_MODULE_4__/* .localTag */ .IX)(key);
    try {
        const made = await (0,_build_js__WEBPACK_IMPORTED_MODULE_3__/* .buildImage */ ._)(daemon, {
            dockerfile: (0,_dockerfile_js__WEBPACK_IMPORTED_MODULE_6__/* .dockerfileText */ .qE)([`FROM ${base.from}`, ...instructions]),
            context: plan.context,
            ...{ labels, tag, kwargs: buildKwargs }
        }, log);
        const { versions, packages, machine } = await (0,_load_container_js__WEBPACK_IMPORTED_MODULE_1__/* .containerPython */ .g)(daemon.engine, made).probe();
        const about = {
            ...{ key, base: base.reference, machine, packages },
            python: versions.python,
            prefect: versions.prefect ?? plan.prefect,
            late: [...plan.lateInstructions],
            dockerfile: (0,_dockerfile_js__WEBPACK_IMPORTED_MODULE_6__/* .dockerfileText */ .qE)([
                base.dockerfile?.trimEnd() ?? `FROM ${base.from}`,
                ...instructions
            ])
        };
        await (0,_build_js__WEBPACK_IMPORTED_MODULE_3__/* .buildImage */ ._)(daemon, {
            dockerfile: (0,_dockerfile_js__WEBPACK_IMPORTED_MODULE_6__/* .dockerfileText */ .qE)([`FROM ${tag}`]),
            context: [],
            labels: { ...labels, ...(0,_labels_js__WEBPACK_IMPORTED_MODULE_5__/* .aboutLabel */ .yE)(about) },
            ...{ tag, kwargs: { platform: buildKwargs.platform } }
        }, log);
        const environment = await (0,_environment_js__WEBPACK_IMPORTED_MODULE_4__/* .localEnvironment */ .bx)(daemon, key, buildKwargs);
        if (environment === undefined) {
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('IMAGE_BUILD', `the environment image ${tag} was built and is gone`, {
                hint: 'Something else removed it from the daemon meanwhile: run this again.'
            });
        }
        return environment;
    }
    catch (error) {
        if (!(error instanceof _build_js__WEBPACK_IMPORTED_MODULE_3__/* .BuildFailure */ .$))
            throw error;
        const pipFailed = / -m pip install /.test(error.message) || error.lines.some(line => /^ERROR: /.test(line));
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3(pipFailed ? 'DEPENDENCY_INSTALL' : 'IMAGE_BUILD', pipFailed
            ? `the flows' dependencies can't be installed on ${base.reference} (Python ${base.versions.python})`
            : `the environment image can't be built: ${error.message}`, { detail: reason(error) || undefined, cause: error });
    }
}


/***/ }),

/***/ 73357:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  l: () => (/* binding */ MODULES_FOLDER),
  R: () => (/* binding */ planEnvironment)
});

// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(76760);
// EXTERNAL MODULE: ./src/errors.ts
var errors = __webpack_require__(83916);
// EXTERNAL MODULE: ./src/load/container.ts + 1 modules
var container = __webpack_require__(82497);
// EXTERNAL MODULE: ./src/load/pip.ts
var load_pip = __webpack_require__(28789);
// EXTERNAL MODULE: ./src/load/machine-uv.ts
var machine_uv = __webpack_require__(50221);
// EXTERNAL MODULE: ./src/load/requirements.ts
var load_requirements = __webpack_require__(22130);
// EXTERNAL MODULE: ./src/load/uv.ts
var uv = __webpack_require__(23801);
// EXTERNAL MODULE: ./src/options/build-kwargs.ts
var build_kwargs = __webpack_require__(21532);
// EXTERNAL MODULE: ./src/prefect/rules.ts
var prefect_rules = __webpack_require__(6148);
// EXTERNAL MODULE: ./src/util/version.ts
var version = __webpack_require__(76092);
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

// EXTERNAL MODULE: ./src/image/dockerfile.ts
var dockerfile = __webpack_require__(72179);
// EXTERNAL MODULE: ./src/image/install-step.ts
var install_step = __webpack_require__(55537);
// EXTERNAL MODULE: ./src/image/environment.ts
var environment = __webpack_require__(18256);
;// CONCATENATED MODULE: ./src/image/environment-plan.ts














/** Where helper modules of the repository lie in an image; on PYTHONPATH. */
const MODULES_FOLDER = '/opt/flowstore';
const CONTEXT = 'requirements';
const isRoot = (user) => /^(root|0)?(:.*)?$/.test(user);
function prefectOf({ prefectVersion, requirements }, base) {
    const prefect = prefectVersion ?? (0,prefect_rules/* pinnedPrefect */.k_)((0,load_requirements/* requirementLines */.p$)(requirements)) ?? base.versions.prefect;
    if (prefect === null) {
        throw new errors/* FlowstoreError */.U3('PREFECT_NOT_FOUND', `the base image ${base.reference} has no Prefect, and no version is asked for`, {
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
        throw new errors/* FlowstoreError */.U3('INVALID_OPTION', `the requirements file '${outside}' lies outside the working directory`, { hint: 'An image is made of what the repository has: move it there.' });
    }
    const away = local.find(line => line.startsWith('.') && leaves(line.split(/[\s[;#]/)[0] ?? ''));
    if (away !== undefined) {
        throw new errors/* FlowstoreError */.U3('INVALID_OPTION', `the requirement '${away}' lies outside the working directory`, { hint: 'An image is made of what the repository has: run flowstore in a folder above both.' });
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
/** What is known to install before the image's configuration is seen. */
function installerOf(installer = 'auto', requirements, { reference, versions: { python } }, log) {
    if (installer === 'uv' && !(0,uv/* runsUv */.i2)(python)) {
        throw (0,machine_uv/* notOnPython */.J)(`Python ${python} of the base image ${reference}`);
    }
    if (installer !== 'auto')
        return installer;
    const line = (0,uv/* notForUv */.Kv)(requirements);
    if (line !== undefined) {
        log.info(`pip installs the packages: uv may take '${line.split(/\s/)[0] ?? ''}' otherwise`);
    }
    return line === undefined && (0,uv/* runsUv */.i2)(python) ? 'auto' : 'pip';
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
 * without pip, INVALID_OPTION for requirements that can't go into an image and
 * for uv where it does not run
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
    instructions.push((0,dockerfile/* envInstruction */.sd)({ ...variables, PYTHONPATH: modules }));
    if (!isRoot(base.user))
        instructions.push('USER root');
    if (anything) {
        if (pip === null) {
            throw new errors/* FlowstoreError */.U3('BASE_IMAGE_PYTHON', `the base image ${base.reference} has Python ${python} but no pip`, { hint: 'Prefect and dependencies are installed with pip: take an image that has it.' });
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
        const fromGit = (0,load_requirements/* requirementLines */.p$)(requirements).some(line => /^[^#]*\bgit\+/.test(line));
        if (!(0,prefect_rules/* isRelease */.MU)(prefect) || fromGit)
            instructions.push(INSTALL_GIT);
        instructions.push((0,install_step/* installInstruction */.c)({
            ...{ python: base.python, upgrade: (0,prefect_rules/* pipUpgrade */.S5)(python, pip), runs, context: CONTEXT },
            installer: installerOf(spec.installer, requirements, base, log)
        }));
    }
    const { early, late } = splitCommands(spec.extraCommands ?? [], flowFolders(spec, prefect));
    instructions.push(...files.instructions, ...early);
    context.push(...files.context);
    const home = spec.prefectDirectory ?? rules.home;
    const inHome = spec.prefectDirectory === undefined ? rules.dockerFolder : `${home}/flows`;
    const flows = spec.path === undefined ? inHome : external_node_path_.posix.dirname(spec.path);
    instructions.push(
    // Layers put files into folders that are there, and Python finds its own modules compiled.
    `RUN mkdir -p ${[MODULES_FOLDER, home, flows].map(shellQuoted).join(' ')} && { PYTHONDONTWRITEBYTECODE= ${base.python} -c 'import prefect, cloudpickle' || true; }`);
    const asRoot = (lines) => lines.length === 0 || isRoot(base.user) ? lines : ['USER root', ...lines, `USER ${base.user}`];
    if (!isRoot(base.user))
        instructions.push(`USER ${base.user}`);
    return {
        key: (0,environment/* environmentKey */.J4)(inputs, base.digest, base.platform),
        buildKwargs: (0,build_kwargs/* addedStepKwargs */.u)(spec.buildKwargs ?? {}),
        lateInstructions: asRoot(late),
        ...{ prefect, instructions, context, base }
    };
}
const shellQuoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;


/***/ }),

/***/ 55537:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   c: () => (/* binding */ installInstruction),
/* harmony export */   l: () => (/* binding */ STEP_WORDS)
/* harmony export */ });
/* harmony import */ var _load_pip_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(28789);
/* harmony import */ var _load_uv_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(23801);


/** What a step prints at the beginning of a line that is for people. */
const STEP_WORDS = 'flowstore: ';
const MOUNT = '/tmp/flowstore-requirements';
const UV_FOLDER = '/tmp/flowstore-uv';
// No mount of its own: the folder that one stands on would stay in the image.
const UV_CACHE = '/root/.cache/pip/uv';
const PIP_EXPORT = 'export PIP_ROOT_USER_ACTION=ignore PIP_BREAK_SYSTEM_PACKAGES=1 PIP_CACHE_DIR=/root/.cache/pip';
const words = (text) => `echo '${STEP_WORDS}${text}'`;
/**
 * The instruction that installs packages. Caches and requirement files are mounted, and uv goes when it
 * has done its work: nothing of these stays in the image.
 */
function installInstruction(step) {
    const { python, upgrade, runs, installer, context } = step;
    const mounts = [
        `RUN --mount=type=bind,source=${context},target=${MOUNT},rw`,
        '    --mount=type=cache,target=/root/.cache/pip'
    ];
    const install = `${python} -m pip install --disable-pip-version-check --no-input`;
    const same = (name) => name;
    const byPip = [
        ...(upgrade === undefined ? [] : [`${install} ${upgrade}`]),
        `cd ${MOUNT}`,
        ...runs.map(run => [install, ...(0,_load_pip_js__WEBPACK_IMPORTED_MODULE_0__/* .pipArguments */ .YW)(run, same)].join(' '))
    ];
    if (installer === 'pip') {
        return [...mounts, `    ${PIP_EXPORT}`, ...byPip.map(line => `    && ${line}`)].join(' \\\n');
    }
    const uv = [
        `${UV_FOLDER}/bin/uv pip install --python "$(command -v ${python})" --no-progress`,
        ...(installer === 'auto' ? _load_uv_js__WEBPACK_IMPORTED_MODULE_1__/* .LIKE_PIP */ .eo : [])
    ].join(' ');
    const byUv = [
        `export ${uvVariables}`,
        'if [ -n "$cert" ]; then export SSL_CERT_FILE="${SSL_CERT_FILE:-$cert}"; fi',
        `cd ${MOUNT}`,
        `${install} --quiet --no-deps --only-binary=:all: --target ${UV_FOLDER} uv==${_load_uv_js__WEBPACK_IMPORTED_MODULE_1__/* .UV_RELEASE */ .ML}`,
        `export TMPDIR=${UV_FOLDER}`,
        ...runs.flatMap(run => (0,_load_uv_js__WEBPACK_IMPORTED_MODULE_1__/* .uvArguments */ .Or)(run, same)).map(args => [uv, ...args].join(' '))
    ];
    const list = `${python} -m pip config list`;
    const lines = installer === 'uv'
        ? [
            `configured="$(${list})"`,
            `&& if echo "$configured" | grep -Eq "${_load_uv_js__WEBPACK_IMPORTED_MODULE_1__/* .PIP_DECIDING */ .a6}" && ! env | grep -Eq "^${_load_uv_js__WEBPACK_IMPORTED_MODULE_1__/* .UV_INDEXES */ .TH}"; then echo "ERROR: ${_load_uv_js__WEBPACK_IMPORTED_MODULE_1__/* .NOT_READ_BY_UV */ .xI}" >&2; exit 1; fi`,
            `&& cert="$(echo "$configured" | sed -n "s/.*\\.cert='\\(.*\\)'/\\1/p" | tail -n 1)"`,
            '&& cert="${cert:-$REQUESTS_CA_BUNDLE}"',
            `&& ${PIP_EXPORT}`,
            ...byUv.map(line => `&& ${line}`),
            `&& rm -rf ${UV_FOLDER}`
        ]
        : [
            `configured="$(${list} || echo unknown; env | grep -E "^(PIP|UV)_" | grep -Ev "^${_load_uv_js__WEBPACK_IMPORTED_MODULE_1__/* .UV_OWN */ .Hp}")";`,
            `${PIP_EXPORT} cert="$REQUESTS_CA_BUNDLE"`,
            `&& by_pip() { ${byPip.join(' && ')}; }`,
            `&& by_uv() { ${byUv.join(' && ')}; }`,
            `&& if [ -n "$configured" ]; then ${words('pip installs the packages, for the base image configures pip or uv')} && by_pip;`,
            `elif ( by_uv ); then ${words('uv has installed the packages')};`,
            `else ${words('uv can not install these packages: pip does')} && by_pip; fi`,
            `&& rm -rf ${UV_FOLDER}`
        ];
    return [...mounts, ...lines.map(line => `    ${line}`)].join(' \\\n');
}
const NATIVE = '$([ -e /etc/ssl/certs/ca-certificates.crt ] && echo true || echo false)';
/** Those of {@link UV_VARIABLES}, and what an image needs beyond. An image without certificates has uv's own. */
const uvVariables = [
    `UV_CACHE_DIR=${UV_CACHE} UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_BREAK_SYSTEM_PACKAGES=1`,
    ...Object.entries({ ..._load_uv_js__WEBPACK_IMPORTED_MODULE_1__/* .UV_VARIABLES */ .cz, UV_NATIVE_TLS: NATIVE }).map(([name, value]) => `${name}="\${${name}:-${value}}"`)
].join(' ');


/***/ }),

/***/ 57806:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   pullImage: () => (/* binding */ pullImage)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(83916);
/* harmony import */ var _util_progress_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(39325);
/* harmony import */ var _util_reference_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(13137);



/**
 * Pulls an image into the daemon, with the login that docker has for its registry.
 *
 * @throws FlowstoreError BASE_IMAGE_PULL with the daemon's words
 */
async function pullImage(daemon, { reference, findCredentials, platform, what, hint }) {
    const { registry } = (0,_util_reference_js__WEBPACK_IMPORTED_MODULE_2__/* .parseReference */ .F2)(reference);
    const credentials = await findCredentials(registry);
    try {
        const docker = await daemon.docker();
        const stream = await docker.pull(reference, {
            ...(platform === undefined ? {} : { platform }),
            ...(credentials ? { authconfig: { serveraddress: registry, ...credentials } } : {})
        });
        await (0,_util_progress_js__WEBPACK_IMPORTED_MODULE_1__/* .followProgress */ .F)(docker, stream);
    }
    catch (error) {
        const words = (0,_util_progress_js__WEBPACK_IMPORTED_MODULE_1__/* .daemonWords */ .U)(error);
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('BASE_IMAGE_PULL', `${what} ${reference} can't be pulled: ${words}`, {
            hint: hint(words, registry),
            cause: error
        });
    }
}


/***/ }),

/***/ 55133:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   GH: () => (/* binding */ pushImage),
/* harmony export */   Lr: () => (/* binding */ checkPushAccess),
/* harmony export */   YP: () => (/* binding */ pushTags)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(83916);
/* harmony import */ var _registry_client_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(86624);
/* harmony import */ var _registry_refusal_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(24623);
/* harmony import */ var _util_progress_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(39325);
/* harmony import */ var _util_reference_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(13137);





const refused = (reference, refusal, cause) => {
    const { registry, repository } = (0,_util_reference_js__WEBPACK_IMPORTED_MODULE_4__/* .parseReference */ .F2)(reference);
    return (0,_registry_refusal_js__WEBPACK_IMPORTED_MODULE_2__/* .pushRefused */ .H)(registry, repository, refusal, cause);
};
/** Where a registry can't be asked from here, the daemon's push tells. */
async function askForRefusal(reference, credentials) {
    const { registry, repository } = (0,_util_reference_js__WEBPACK_IMPORTED_MODULE_4__/* .parseReference */ .F2)(reference);
    try {
        return await new _registry_client_js__WEBPACK_IMPORTED_MODULE_1__/* .RegistryClient */ .b(registry, credentials).pushRefusal(repository);
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
    const credentials = await findCredentials((0,_util_reference_js__WEBPACK_IMPORTED_MODULE_4__/* .parseReference */ .F2)(reference).registry);
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
async function pushImage(daemon, reference, findCredentials) {
    const { registry, tag } = (0,_util_reference_js__WEBPACK_IMPORTED_MODULE_4__/* .parseReference */ .F2)(reference);
    const credentials = await findCredentials(registry);
    // Without the header old daemons refuse the request itself.
    const authconfig = { serveraddress: registry, ...credentials };
    const docker = await daemon.docker();
    const image = docker.getImage(reference);
    let pushed;
    try {
        const stream = await image.push({ tag, authconfig });
        await (0,_util_progress_js__WEBPACK_IMPORTED_MODULE_3__/* .followProgress */ .F)(docker, stream, event => {
            pushed = event.aux?.Digest ?? pushed;
        });
    }
    catch (error) {
        const refusal = await askForRefusal(reference, credentials);
        if (refusal)
            throw refused(reference, refusal, error);
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('PUSH_REFUSED', `the push of ${reference} failed: ${(0,_util_progress_js__WEBPACK_IMPORTED_MODULE_3__/* .daemonWords */ .U)(error)}`, {
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
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('REGISTRY', `${registry} does not tell the digest of ${reference}: ${(0,_util_progress_js__WEBPACK_IMPORTED_MODULE_3__/* .daemonWords */ .U)(error)}`, { cause: error });
    }
    if (pushed !== undefined && pushed !== digest) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('REGISTRY', `${reference} names ${digest}, not the ${pushed} that was pushed`, { hint: 'Another push to the same tag came between: let one job at a time push a tag.' });
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
        await (await daemon.docker()).getImage(name).tag({ repo: repository, tag });
        await pushImage(daemon, `${repository}:${tag}`, findCredentials);
    }
}


/***/ }),

/***/ 85969:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   c: () => (/* binding */ userBaseImage)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(51455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _discover_sources_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(28049);
/* harmony import */ var _base_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(2212);
/* harmony import */ var _build_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(6489);
/* harmony import */ var _files_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(76222);






/**
 * Builds the user's own Dockerfile, with the working directory as its context, as a base image.
 *
 * @throws FlowstoreError IMAGE_BUILD with the last lines of the step that failed
 */
async function userBaseImage(daemon, { path, cwd, dockerignore, buildKwargs }, log) {
    const dockerfile = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readFile)((0,node_path__WEBPACK_IMPORTED_MODULE_1__.resolve)(cwd, path), 'utf8');
    const filter = await (0,_discover_sources_js__WEBPACK_IMPORTED_MODULE_2__/* .dockerFilter */ .RR)(cwd, dockerignore);
    const { context } = await (0,_files_js__WEBPACK_IMPORTED_MODULE_5__/* .copiedFiles */ .M)(cwd, [{ source: '.', destination: '/' }], filter);
    const root = 'files/0';
    let id;
    log.info(`Building ${path}`);
    try {
        id = await (0,_build_js__WEBPACK_IMPORTED_MODULE_4__/* .buildImage */ ._)(daemon, {
            dockerfile,
            context: context
                .filter(entry => entry.path !== root)
                .map(entry => ({ ...entry, path: entry.path.slice(root.length + 1) })),
            kwargs: buildKwargs
        }, log);
    }
    catch (error) {
        throw error instanceof _build_js__WEBPACK_IMPORTED_MODULE_4__/* .BuildFailure */ .$ ? error.imageBuild(path, path) : error;
    }
    const tag = id.replace('sha256:', '').slice(0, 20);
    await (await daemon.docker()).getImage(id).tag({ repo: _base_js__WEBPACK_IMPORTED_MODULE_3__/* .BASE_NAME */ .I, tag });
    const base = await (0,_base_js__WEBPACK_IMPORTED_MODULE_3__/* .baseImage */ .f)(daemon, `${_base_js__WEBPACK_IMPORTED_MODULE_3__/* .BASE_NAME */ .I}:${tag}`, true, () => Promise.resolve(undefined), log);
    return { ...base, dockerfile };
}


/***/ }),

/***/ 39325:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  U: () => (/* binding */ daemonWords),
  F: () => (/* binding */ followProgress)
});

// EXTERNAL MODULE: ./node_modules/protobufjs/light.js
var light = __webpack_require__(6212);
var light_default = /*#__PURE__*/__webpack_require__.n(light);
;// CONCATENATED MODULE: ./src/util/buildkit.ts

/** The id of stream entries that carry a trace. */
const TRACE_ID = 'moby.buildkit.trace';
// The part that is read of `StatusResponse` in BuildKit's control API (api/services/control).
const Trace = light_default().Root.fromJSON({
    nested: {
        Time: { fields: {} },
        Vertex: {
            fields: {
                name: { type: 'string', id: 3 },
                started: { type: 'Time', id: 5 },
                completed: { type: 'Time', id: 6 },
                error: { type: 'string', id: 7 }
            }
        },
        Log: { fields: { msg: { type: 'bytes', id: 4 } } },
        Trace: {
            fields: {
                vertexes: { rule: 'repeated', type: 'Vertex', id: 1 },
                logs: { rule: 'repeated', type: 'Log', id: 3 }
            }
        }
    }
}).lookupType('Trace');
/**
 * The lines of a BuildKit trace: steps as they begin or fail, and what their commands print.
 * dockerode reads traces as well, but leaves the output of commands in base64.
 *
 * @param aux the entry's `aux`: a protobuf message in base64
 */
function traceLines(aux) {
    const { vertexes = [], logs = [] } = Trace.decode(Buffer.from(aux, 'base64'));
    return [
        ...vertexes.flatMap(({ name, started, completed, error }) => name.startsWith('[internal]')
            ? []
            : [...(started && !completed ? [name] : []), ...(error ? [`failed: ${name}`] : [])]),
        ...logs.flatMap(({ msg }) => Buffer.from(msg)
            .toString('utf8')
            .split(/\r?\n/)
            .filter(line => line.trim() !== ''))
    ];
}

;// CONCATENATED MODULE: ./src/util/progress.ts

/** The daemon's own words in an error, without the status that dockerode puts before them. */
function daemonWords(error) {
    const { json, message } = error;
    return (json?.message ?? message.replace(/^\(HTTP code \d+\) [\w ]+ - /, '')).trim();
}
/**
 * Reads a stream of the daemon (build, pull, push) to its end. BuildKit's traces become lines of text.
 *
 * @param onEvent called for every entry
 * @throws Error with the daemon's words when any entry of the stream carries an error
 */
async function followProgress(docker, stream, onEvent = () => undefined) {
    let failure;
    await new Promise((resolve, reject) => {
        docker.modem.followProgress(stream, error => {
            if (error)
                reject(error);
            else
                resolve();
        }, (event) => {
            const words = event.errorDetail?.message ?? event.error;
            if (words !== undefined)
                failure ??= words;
            else if (event.id === TRACE_ID && typeof event.aux === 'string') {
                onEvent({ stream: traceLines(event.aux).join('\n') });
            }
            else
                onEvent(event);
        });
    });
    if (failure !== undefined)
        throw new Error(failure);
}


/***/ })

};
