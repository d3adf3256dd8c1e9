export const id = 414;
export const ids = [414];
export const modules = {

/***/ 82414:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  storeEmbedded: () => (/* binding */ storeEmbedded),
  storeInImage: () => (/* binding */ storeInImage)
});

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(51455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(76760);
// EXTERNAL MODULE: ./src/errors.ts
var errors = __webpack_require__(83916);
// EXTERNAL MODULE: external "node:stream/promises"
var external_node_stream_promises_ = __webpack_require__(46466);
// EXTERNAL MODULE: ./src/discover/sources.ts
var sources = __webpack_require__(28049);
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
    (0,errors/* throwAll */.Kx)(flows.flatMap((flow, index) => {
        const check = checked[index];
        if (check?.ok && check.name === flow.name)
            return [];
        const missing = check?.missingModule;
        const place = missing && Object.hasOwn(flow.imports ?? {}, missing) ? flow.imports?.[missing] : undefined;
        const imported = place ? `, which ${place.file}:${place.line} imports,` : '';
        return [
            new errors/* FlowstoreError */.U3('HEALTHCHECK', `flow "${flow.name}" does not load back: ${check?.error ?? 'no reason given'}`, {
                file: place?.file ?? flow.module,
                line: place?.line ?? flow.line,
                detail: check?.detail ?? undefined,
                hint: missing
                    ? `It needs the module '${missing}'${imported} at run time: add its package to python-dependencies.`
                    : undefined
            })
        ];
    }));
}

// EXTERNAL MODULE: ./src/load/requirements.ts
var load_requirements = __webpack_require__(22130);
// EXTERNAL MODULE: ./src/prefect/rules.ts
var rules = __webpack_require__(6148);
// EXTERNAL MODULE: ./src/registry/credentials.ts
var credentials = __webpack_require__(3653);
// EXTERNAL MODULE: ./src/storage/docker.ts
var docker = __webpack_require__(90461);
// EXTERNAL MODULE: ./src/storage/file.ts
var file = __webpack_require__(30423);
// EXTERNAL MODULE: ./src/storage/flows-json.ts
var flows_json = __webpack_require__(20119);
// EXTERNAL MODULE: ./src/util/docker.ts
var util_docker = __webpack_require__(80914);
// EXTERNAL MODULE: ./src/util/hash.ts
var hash = __webpack_require__(95138);
// EXTERNAL MODULE: ./src/util/log.ts
var log = __webpack_require__(29906);
// EXTERNAL MODULE: ./src/util/reference.ts
var reference = __webpack_require__(13137);
// EXTERNAL MODULE: ./src/util/tar.ts
var tar = __webpack_require__(62603);
// EXTERNAL MODULE: ./src/image/base.ts
var base = __webpack_require__(2212);
// EXTERNAL MODULE: ./src/image/dockerfile.ts
var dockerfile = __webpack_require__(72179);
// EXTERNAL MODULE: ./src/image/environment.ts
var environment = __webpack_require__(18256);
// EXTERNAL MODULE: ./src/image/environment-build.ts
var environment_build = __webpack_require__(57965);
// EXTERNAL MODULE: ./src/image/environment-plan.ts + 1 modules
var environment_plan = __webpack_require__(73357);
// EXTERNAL MODULE: ./src/image/labels.ts
var labels = __webpack_require__(20086);
// EXTERNAL MODULE: external "node:stream/consumers"
var consumers_ = __webpack_require__(38321);
// EXTERNAL MODULE: ./src/image/build.ts
var build = __webpack_require__(6489);
;// CONCATENATED MODULE: ./src/image/flows.ts






/**
 * The instructions that put flows and modules on an environment image, and their context.
 *
 * @param late further instructions, for after the flows
 */
function flowInstructions({ files, modules }, late) {
    const folders = [...new Set([...files.keys()].map(location => external_node_path_.posix.dirname(location)))];
    return {
        instructions: [
            // Modules change less often than flows do.
            ...(modules.length > 0 ? [(0,dockerfile/* copyInstruction */.ob)('modules/', `${environment_plan/* MODULES_FOLDER */.l}/`)] : []),
            ...folders.map((folder, index) => (0,dockerfile/* copyInstruction */.ob)(`flows/${index}/`, `${folder}/`)),
            ...late
        ],
        context: [
            ...modules.map(({ path, source, size }) => ({ path: `modules/${path}`, source, size })),
            ...[...files].map(([location, content]) => ({
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
async function layerTar({ files, modules }) {
    const folders = new Set();
    for (const { path } of modules) {
        for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
            folders.add(`${environment_plan/* MODULES_FOLDER */.l}/${path.slice(0, at)}`);
        }
    }
    const entries = [
        ...[...folders].map(path => ({ path: path.slice(1), folder: true })),
        ...modules.map(({ path, source, size }) => ({
            path: `${environment_plan/* MODULES_FOLDER */.l}/${path}`.slice(1),
            ...{ source, size }
        })),
        ...[...files].map(([location, content]) => ({ path: location.slice(1), content }))
    ].sort((one, other) => (one.path < other.path ? -1 : 1));
    return (0,consumers_.buffer)((0,tar/* packTar */.nG)(entries));
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
        return await (0,build/* buildImage */._)(daemon, {
            dockerfile: (0,dockerfile/* dockerfileText */.qE)([`FROM ${environment.image}`, ...instructions]),
            context,
            labels: { ...environment.buildKwargs.labels, ...labels },
            kwargs: environment.buildKwargs
        }, log);
    }
    catch (error) {
        throw error instanceof build/* BuildFailure */.$ ? error.imageBuild('the image') : error;
    }
}

// EXTERNAL MODULE: ./src/paths.ts
var paths = __webpack_require__(8431);
;// CONCATENATED MODULE: ./src/image/healthcheck-file.ts



/**
 * The program that reads every flow of an image back: `python healthcheck.py` in a container of it.
 * Prefect leaves one of that name in its images too.
 *
 * @param flows name to location
 */
async function healthcheckFile(flows) {
    const text = await (0,promises_.readFile)((0,external_node_path_.join)(paths/* PACKAGE_ROOT */.Y, 'python', 'healthcheck.py'), 'utf8');
    // JSON of texts is Python as well.
    const table = JSON.stringify(Object.fromEntries(flows), null, 4);
    return Buffer.from(text.replace('FLOWS = {}', () => `FLOWS = ${table}`));
}

// EXTERNAL MODULE: ./src/image/push.ts
var push = __webpack_require__(55133);
// EXTERNAL MODULE: ./src/image/user-dockerfile.ts
var user_dockerfile = __webpack_require__(85969);
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
            options.baseImage ?? (0,rules/* defaultBaseImage */.qS)(this.prefectVersion, undefined, this.rules.release);
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
        this.daemon = collaborators.daemon;
        if (collaborators.environment)
            this.preparing = Promise.resolve(collaborators.environment);
        const relative = Object.keys(this.files).filter(path => !(0,external_node_path_.isAbsolute)(path));
        if (relative.length > 0) {
            throw new errors/* FlowstoreError */.U3('STORAGE_INVALID', `Provided paths ${relative.join(', ')} are not absolute file paths, please provide absolute paths only.`);
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
            ? (0,base/* baseImage */.f)(daemon, this.baseImage, this.localImage, this.credentials, this.log, buildKwargs.platform)
            : (0,user_dockerfile/* userBaseImage */.c)(daemon, { path: dockerfile, cwd: this.root, dockerignore, buildKwargs }, this.log)));
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
        await (0,external_node_stream_promises_.pipeline)((0,tar/* packTar */.nG)([...context, ...layer.context]), (0,tar/* extractTar */.nN)(directory));
        await (0,promises_.writeFile)(path, await this.dockerfile());
        return path;
    }
    /** The Dockerfile of the whole image, as one text. */
    async dockerfile() {
        const { about } = await this.environment();
        const { instructions } = flowInstructions(await this.layer(), about.late);
        return about.dockerfile + (0,dockerfile/* dockerfileText */.qE)(instructions);
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
                throw new errors/* FlowstoreError */.U3('STORAGE_INVALID', registryMissing);
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
                await this.log.phase('healthcheck', () => healthcheck((0,container/* containerPython */.g)(daemon.engine, id), flows, flow => ({
                    path: this.flows.get(flow.name) ?? ''
                })));
            }
            await (await daemon.docker())
                .getImage(id)
                .tag({ repo: this.repository, tag: this.imageTag ?? '' });
        }
        catch (error) {
            const docker = await daemon.docker();
            await docker
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
        this.pushedDigest = await (0,push/* pushImage */.GH)(daemon, `${name}:${tag}`, this.credentials);
        return this.pushedDigest;
    }
    build({ push = true, healthcheck: check = true } = {}) {
        return this.buildImage(push, check);
    }
    connect() {
        return (this.connecting ??= this.daemon?.() ?? (0,util_docker/* connectDocker */.Z)(this.baseUrl, this.env));
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
        const inputs = await (0,environment/* environmentInputs */.rg)({
            prefectVersion: this.options.prefectVersion ?? this.rules.release,
            requirements,
            installer: this.options.installer,
            envVars,
            files: Object.entries(files).map(([source, destination]) => ({ source, destination })),
            filter: await (0,sources/* dockerFilter */.RR)(cwd, this.options.dockerignore),
            extraCommands: this.options.extraDockerfileCommands ?? [],
            prefectDirectory: this.prefectDirectory,
            path: this.path,
            buildKwargs: this.options.buildKwargs ?? {},
            sources: requirements.local.length > 0 ? await (0,sources/* listSources */.rP)(cwd) : (0,sources/* noSources */.S0)(cwd)
        });
        return (0,environment_plan/* planEnvironment */.R)(inputs, await this.pullImage(), this.log);
    }
    async makeEnvironment() {
        const daemon = await this.connect();
        const plan = await this.plan();
        const known = plan.buildKwargs.nocache
            ? undefined
            : await (0,environment/* localEnvironment */.bx)(daemon, plan.key, plan.buildKwargs);
        return known ?? (0,environment_build/* buildEnvironment */.A)(daemon, plan, this.log);
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
            flowsTemplate: (0,flows_json/* flowsTemplate */.m)(this) ?? null
        };
    }
    /** The labels of the image: they say again what the build gave back. */
    async labels() {
        return (0,labels/* imageLabels */.J0)(this.options.key ?? this.imageTag ?? '', this.serialize(), await this.built());
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
            throw new errors/* FlowstoreError */.U3('STORAGE_INVALID', `flow "${name.slice(0, 40)}…" would lie in a file whose name has ${external_node_path_.posix.basename(location).length} characters, and ${LONGEST} is the most`, { file: module, line, hint: 'Prefect derives the location from the name: shorten it.' });
        }
        if (!this.storedAsScript) {
            const home = this.prefectDirectory ?? this.rules.home;
            return {
                files: new Map([
                    [`${home}/healthcheck.py`, await healthcheckFile(this.flows)],
                    ...flows.map(([at, flow]) => [at, (0,file/* flowFile */.v)(flow, this.rules)])
                ]),
                modules
            };
        }
        const scripts = [...new Set(flows.map(([, flow]) => flow.module))];
        if (scripts.length > 1) {
            throw new errors/* FlowstoreError */.U3('STORAGE_INVALID', `a script storage holds one module, and the flows are of ${scripts.join(', ')}`);
        }
        const [script] = scripts;
        return {
            files: new Map(script === undefined
                ? []
                : [[this.path ?? '', await (0,promises_.readFile)((0,external_node_path_.join)(this.root, script))]]),
            modules
        };
    }
    /** Prefect names an image that has no name by UUIDs; the same content gets the same name here. */
    nameImage({ key, about }) {
        const flows = [...this.added.values()];
        const [first] = flows;
        this.imageName ??= (0,reference/* toRepository */.y4)(flows.length === 1 && first ? first.slug : (0,external_node_path_.basename)(this.root));
        this.imageTag ??= (0,hash/* sha256Json */.iE)([
            key,
            about.late,
            flows.map(flow => [flow.name, (0,hash/* sha256 */.sc)(flow.bytes)])
        ]).slice(0, 20);
    }
}

// EXTERNAL MODULE: ./src/load/loader.ts + 1 modules
var loader = __webpack_require__(26584);
// EXTERNAL MODULE: ./src/registry/documents.ts
var documents = __webpack_require__(26629);
// EXTERNAL MODULE: ./src/registry/digest.ts
var digest = __webpack_require__(35035);
// EXTERNAL MODULE: ./src/registry/images.ts
var registry_images = __webpack_require__(27373);
// EXTERNAL MODULE: external "node:zlib"
var external_node_zlib_ = __webpack_require__(38522);
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
    return { content, digest: (0,digest/* digestOf */.ol)(content), diffId: (0,digest/* digestOf */.ol)(tar) };
}

// EXTERNAL MODULE: ./src/registry/media-types.ts
var media_types = __webpack_require__(99867);
// EXTERNAL MODULE: ./src/registry/unsupported.ts
var unsupported = __webpack_require__(94716);
;// CONCATENATED MODULE: ./src/registry/append.ts






function appended({ manifest, config }, layer, history, labels, created) {
    const newConfig = Buffer.from(JSON.stringify({
        ...config,
        created,
        config: { ...config.config, Labels: { ...config.config?.Labels, ...labels } },
        rootfs: { ...config.rootfs, diff_ids: [...config.rootfs.diff_ids, layer.diffId] },
        history: [...(config.history ?? []), { created, ...history }]
    }));
    const old = (0,documents/* parseManifest */.Ng)(manifest);
    const family = (0,documents/* familyOf */.Ap)('manifest', manifest.mediaType) ?? media_types/* OCI */.s6;
    const body = JSON.stringify({
        ...old,
        config: (0,documents/* descriptorOf */.nb)(old.config, newConfig),
        layers: [
            ...old.layers,
            { mediaType: family.layer, size: layer.content.length, digest: layer.digest }
        ]
    });
    return {
        config: newConfig,
        manifest: { digest: (0,digest/* digestOf */.ol)(body), mediaType: manifest.mediaType, body }
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
    if ((0,documents/* familyOf */.Ap)('index', image.mediaType) !== undefined) {
        await Promise.all(parts.map(({ manifest: part }) => (0,registry_images/* tagImage */.E)(client, repository, part, [part.digest])));
        manifest = newIndex(image, parts);
    }
    if (manifest === undefined)
        throw new unsupported/* AppendUnsupported */.g(`${image.digest} has no image`);
    await (0,registry_images/* tagImage */.E)(client, repository, manifest, tags.length === 0 ? [manifest.digest] : tags);
    return manifest.digest;
}
function newIndex(image, parts) {
    const renewed = new Map(image.platforms.map(({ manifest }, at) => [manifest.digest, parts[at]?.manifest.body]));
    const old = (0,documents/* parseIndex */.A1)(image.manifest);
    const body = JSON.stringify({
        ...old,
        manifests: old.manifests.flatMap(entry => {
            const manifest = renewed.get(entry.digest);
            return manifest === undefined ? [] : [(0,documents/* descriptorOf */.nb)(entry, manifest)];
        })
    });
    return { digest: (0,digest/* digestOf */.ol)(body), mediaType: image.mediaType, body };
}

// EXTERNAL MODULE: ./src/storage/local.ts
var local = __webpack_require__(72922);
// EXTERNAL MODULE: ./src/storage/storage.ts
var storage = __webpack_require__(32912);
// EXTERNAL MODULE: ./src/version.ts
var version = __webpack_require__(311);
// EXTERNAL MODULE: ./src/phases/discover.ts + 1 modules
var discover = __webpack_require__(1666);
// EXTERNAL MODULE: ./src/phases/environment.ts
var phases_environment = __webpack_require__(54877);
// EXTERNAL MODULE: ./src/phases/tags.ts
var phases_tags = __webpack_require__(69823);
;// CONCATENATED MODULE: ./src/phases/store.ts


















/**
 * A helper module as the declared sources have it, links followed within them. A load runs somebody's
 * code, which could name any file of the runner.
 */
async function moduleFile({ root, files }, { file, path }) {
    const source = await (0,promises_.realpath)((0,external_node_path_.join)(root, file)).catch(() => undefined);
    const declared = source === undefined ? undefined : (0,external_node_path_.relative)(await (0,promises_.realpath)(root), source).replaceAll(external_node_path_.sep, '/');
    const found = files.find(entry => entry.path === declared && entry.link === undefined);
    if (source === undefined || found === undefined) {
        throw new errors/* FlowstoreError */.U3('LOAD_FAILED', `the load wants '${file}' in the image, which is no file of the declared sources`);
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
        imageName: (0,discover/* imageName */.t)(run),
        imageTag: options.imageTag ?? key,
        prefectVersion: options.prefectVersion,
        prefectDirectory: options.prefectDirectory,
        path: options.path,
        storedAsScript: options.storedAsScript,
        key,
        modules: await Promise.all(loaded.helpers.map(helper => moduleFile(sources, helper)))
    }, {
        ...{ root: surroundings.cwd, env: surroundings.env, log, environment },
        daemon: () => (0,phases_environment/* inDaemon */.GT)(environment, work)
    });
    for (const flow of loaded.flows)
        storage.addFlow(flow);
    const taken = options.files.find(({ destination }) => [...storage.flows.values()].includes(destination));
    if (taken) {
        throw new errors/* FlowstoreError */.U3('FILE_DESTINATION', `'${taken.source}' in files would lie where a flow does: ${taken.destination}`);
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
        await session.putLayer(tar);
        await healthcheck(session, loaded.flows, located);
    };
    if (loading.container === undefined) {
        const stored = (flow) => ({ content: (0,file/* storedBytes */.Z)(flow, storage) });
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
    const { engine } = await (0,phases_environment/* inDaemon */.GT)(environment, work);
    const fresh = (0,container/* containerPython */.g)(engine, environment.image);
    await (0,loader/* inSession */.Cp)(() => fresh.open(), inContainer);
}
/** The image, its flows at their locations, checked and pushed. */
async function storeInImage(found, image) {
    const { run, loading } = found;
    const { options, log } = run;
    const storage = await dockerStorage(found, image);
    const tags = (0,phases_tags/* furtherTags */.s)(run);
    const { target } = image.work;
    const unable = appendObstacle(run, image);
    if (unable === undefined && target) {
        const layer = await storage.layer();
        const tar = await layerTar(layer);
        if (options.healthcheck) {
            await log.phase('healthcheck', () => checkLayer(found, image, storage, layer, tar));
        }
        // What is left is the registry's: the container goes meanwhile.
        void loading.session.close().catch(() => undefined);
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
        await log.phase('tags', async () => (0,push/* pushTags */.YP)(await (0,phases_environment/* inDaemon */.GT)(image.environment, image.work), storage, tags, image.work.credentials));
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
const cannotAppend = (why, cause) => new errors/* FlowstoreError */.U3('REGISTRY', `the flows can't be put on the environment image: ${why}`, {
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
        return await appendLayer(client, repository, remote, { tar, createdBy: `flowstore ${version/* VERSION */.x}: ${count} ${count === 1 ? 'flow' : 'flows'}` }, { ...buildKwargs.labels, ...(await storage.labels()) }, [storage.imageTag ?? '', ...tags], { created: new Date() });
    }
    catch (error) {
        if (!(error instanceof unsupported/* AppendUnsupported */.g))
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
function embeddedStorage(options, cwd, release, secrets) {
    switch (options.storage) {
        case 'local':
            return new local/* LocalStorage */.D({
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
        await log.phase('healthcheck', () => healthcheck(loading.session, loaded.flows, flow => ({ content: (0,file/* storedBytes */.Z)(flow, storage) })));
    }
    await log.phase('store', async () => {
        try {
            for (const flow of loaded.flows)
                storage.addFlow(flow);
            await storage.build();
        }
        catch (error) {
            if (storage instanceof local/* LocalStorage */.D)
                storage.removeFiles();
            throw error;
        }
    });
    return storage;
}


/***/ })

};
