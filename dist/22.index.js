export const id = 22;
export const ids = [22,906];
export const modules = {

/***/ 66022:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  buildStorage: () => (/* binding */ buildStorage)
});

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(51455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(76760);
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

// EXTERNAL MODULE: ./node_modules/@balena/dockerignore/ignore.js
var ignore = __webpack_require__(44158);
var ignore_default = /*#__PURE__*/__webpack_require__.n(ignore);
// EXTERNAL MODULE: ./node_modules/ignore/index.js
var node_modules_ignore = __webpack_require__(70298);
var node_modules_ignore_default = /*#__PURE__*/__webpack_require__.n(node_modules_ignore);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(77598);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(73024);
// EXTERNAL MODULE: external "node:stream/promises"
var external_node_stream_promises_ = __webpack_require__(46466);
;// CONCATENATED MODULE: ./src/util/hash.ts



/** SHA-256 of a text or of bytes, in hex. */
function sha256(content) {
    return (0,external_node_crypto_.createHash)('sha256').update(content).digest('hex');
}
/** SHA-256 of a file, streamed, in hex. */
async function sha256File(path) {
    const hash = (0,external_node_crypto_.createHash)('sha256');
    await (0,external_node_stream_promises_.pipeline)((0,external_node_fs_.createReadStream)(path), hash);
    return hash.digest('hex');
}
/**
 * SHA-256 of a plain JSON value, in hex, the same whatever the order of its objects' keys.
 */
function sha256Json(value) {
    return sha256(JSON.stringify(value, (_key, part) => part !== null && typeof part === 'object' && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part));
}

;// CONCATENATED MODULE: ./src/discover/sources.ts





// A CommonJS function whose types claim an ES default export.
const dockerIgnore = (ignore_default());
/** Deeper files speak first, as git has it. */
function gitIgnores(path, isFolder, stack) {
    for (const { folder, rules } of [...stack].reverse()) {
        const below = folder === '' ? path : path.slice(folder.length + 1);
        const { ignored, unignored } = rules.test(isFolder ? `${below}/` : below);
        if (ignored)
            return true;
        if (unignored)
            return false;
    }
    return false;
}
async function readIfThere(path) {
    try {
        return await (0,promises_.readFile)(path, 'utf8');
    }
    catch (error) {
        if (error.code === 'ENOENT')
            return undefined;
        throw error;
    }
}
/** Folders that are never sources: version control, bytecode. */
const NEVER = new Set(['.git', '.hg', '.svn', '__pycache__']);
/**
 * Lists the declared sources of a repository: the work tree as it stands, what earlier steps
 * generated included, less what its `.gitignore` files and its `.dockerignore` exclude, less
 * version control, bytecode, virtual environments (folders with a `pyvenv.cfg`) and the
 * folders in `exclude`.
 *
 * @param root the repository's folder, absolute
 * @param exclude folders to leave out, relative to `root`: the output directory
 * @param named files that count whatever the rules say, relative to `root`
 */
async function listSources(root, exclude = [], named = []) {
    const files = [];
    const dockerRules = await readIfThere((0,external_node_path_.join)(root, '.dockerignore'));
    const dockerFilter = dockerRules === undefined
        ? () => true
        : dockerIgnore({ ignorecase: false }).add(dockerRules).createFilter();
    const excluded = new Set(exclude);
    const add = async (path) => {
        const stats = await (0,promises_.lstat)((0,external_node_path_.join)(root, path));
        const entry = { path, size: stats.size, executable: (stats.mode & 0o100) !== 0 };
        if (stats.isSymbolicLink())
            files.push({ ...entry, link: await (0,promises_.readlink)((0,external_node_path_.join)(root, path)) });
        else if (stats.isFile())
            files.push(entry);
    };
    const walk = async (folder, outer) => {
        const entries = await (0,promises_.readdir)((0,external_node_path_.join)(root, folder), { withFileTypes: true });
        if (folder !== '' && entries.some(entry => entry.name === 'pyvenv.cfg'))
            return;
        const own = entries.some(entry => entry.name === '.gitignore')
            ? await readIfThere((0,external_node_path_.join)(root, folder, '.gitignore'))
            : undefined;
        const stack = own === undefined ? outer : [...outer, { folder, rules: node_modules_ignore_default()().add(own) }];
        for (const entry of entries) {
            const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
            if (entry.isDirectory()) {
                if (NEVER.has(entry.name) || excluded.has(path))
                    continue;
                if (!gitIgnores(path, true, stack))
                    await walk(path, stack);
            }
            else if (!entry.name.endsWith('.pyc') && !gitIgnores(path, false, stack)) {
                if (dockerFilter(path))
                    await add(path);
            }
        }
    };
    await walk('', []);
    const listed = new Set(files.map(file => file.path));
    for (const path of named)
        if (!listed.has(path))
            await add(path);
    files.sort((a, b) => (a.path < b.path ? -1 : 1));
    return { root, files, size: files.reduce((sum, file) => sum + file.size, 0) };
}
/** Identifies the sources by all that a load can see of them: paths, contents, links and the executable bit. */
async function sourcesHash(sources) {
    const entries = [];
    for (const file of sources.files) {
        entries.push([
            file.path,
            file.executable,
            file.link ?? (await sha256File((0,external_node_path_.join)(sources.root, file.path))),
            file.link === undefined
        ]);
    }
    return sha256Json(entries);
}
/** The biggest files, biggest first. */
function largestFiles(sources, count) {
    return [...sources.files].sort((a, b) => b.size - a.size).slice(0, count);
}

// EXTERNAL MODULE: ./node_modules/tar-stream/index.js
var tar_stream = __webpack_require__(56118);
;// CONCATENATED MODULE: ./src/util/tar.ts





/**
 * Packs entries in the order given, with epoch times, owner 0:0 and fixed modes
 * (files 0644, folders 0755), so that the same entries make the same bytes.
 */
function packTar(entries) {
    const pack = tar_stream.pack();
    const fill = async () => {
        for (const entry of entries) {
            const header = { name: entry.path, mtime: new Date(0), uid: 0, gid: 0 };
            if ('folder' in entry) {
                pack.entry({ ...header, type: 'directory', mode: entry.mode ?? 0o755 });
            }
            else if ('link' in entry) {
                pack.entry({ ...header, type: 'symlink', linkname: entry.link, mode: 0o777 });
            }
            else if ('content' in entry) {
                pack.entry({ ...header, mode: entry.mode ?? 0o644 }, entry.content);
            }
            else {
                const file = pack.entry({ ...header, mode: entry.mode ?? 0o644, size: entry.size });
                await (0,external_node_stream_promises_.pipeline)((0,external_node_fs_.createReadStream)(entry.source), file);
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
    const extract = tar_stream.extract();
    const done = (0,external_node_stream_promises_.pipeline)(archive, extract);
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
    const extract = tar_stream.extract();
    extract.on('entry', (header, stream, next) => {
        const path = (0,external_node_path_.join)(folder, header.name);
        const write = async () => {
            if (header.type === 'directory') {
                await (0,promises_.mkdir)(path, { recursive: true });
                stream.resume();
                return;
            }
            await (0,promises_.mkdir)((0,external_node_path_.dirname)(path), { recursive: true });
            await (0,promises_.rm)(path, { force: true });
            if (header.type === 'symlink') {
                await (0,promises_.symlink)(header.linkname ?? '', path);
                stream.resume();
            }
            else
                await (0,external_node_stream_promises_.pipeline)(stream, (0,external_node_fs_.createWriteStream)(path, { mode: header.mode ?? 0o644 }));
        };
        write().then(() => {
            next();
        }, (error) => {
            next(error);
        });
    });
    return extract;
}

;// CONCATENATED MODULE: ./src/util/container.ts

/**
 * Creates a container, copies files in (no bind mounts: the daemon may be on another machine),
 * runs the command, copies files out and removes the container whatever happens.
 */
async function runContainer(docker, run) {
    const [entrypoint = '', ...rest] = run.command;
    const container = await docker.createContainer({
        Image: run.image,
        Entrypoint: [entrypoint],
        Cmd: rest,
        Env: Object.entries(run.env ?? {}).map(([name, value]) => `${name}=${value}`),
        ...(run.workingDirectory === undefined ? {} : { WorkingDir: run.workingDirectory }),
        Healthcheck: { Test: ['NONE'] },
        HostConfig: run.network ? {} : { NetworkMode: 'none' }
    });
    try {
        if (run.files && run.files.length > 0) {
            await container.putArchive(packTar(run.files), { path: '/' });
        }
        await container.start();
        const { StatusCode: exitCode } = (await container.wait());
        const log = demultiplex(await container.logs({ stdout: true, stderr: true, follow: false }));
        const files = run.output === undefined
            ? new Map()
            : await outputFiles(container, run.output);
        return { exitCode, log, files };
    }
    finally {
        await container.remove({ force: true, v: true }).catch(() => undefined);
    }
}
/** Docker Engine API, "Attach to a container", stream format: 8 bytes of header, the last four the length. */
function demultiplex(frames) {
    const parts = [];
    let at = 0;
    while (at + 8 <= frames.length) {
        const length = frames.readUInt32BE(at + 4);
        parts.push(frames.subarray(at + 8, at + 8 + length));
        at += 8 + length;
    }
    return Buffer.concat(parts).toString('utf8');
}
async function outputFiles(container, folder) {
    const archive = await unpackTar(await container.getArchive({ path: folder }));
    const prefix = `${folder.slice(folder.lastIndexOf('/') + 1)}/`;
    return new Map([...archive].map(([path, content]) => [path.slice(prefix.length), content]));
}

// EXTERNAL MODULE: external "node:url"
var external_node_url_ = __webpack_require__(73136);
;// CONCATENATED MODULE: ./src/paths.ts


/** The root of this package: one level above `src/`, `dist/` and `lib/` alike. */
const PACKAGE_ROOT = (0,external_node_path_.resolve)((0,external_node_path_.dirname)((0,external_node_url_.fileURLToPath)(import.meta.url)), '..');

// EXTERNAL MODULE: ./node_modules/zod/v4/classic/schemas.js + 15 modules
var schemas = __webpack_require__(9691);
;// CONCATENATED MODULE: ./src/load/protocol.ts

/** The version of the protocol that `python/flowstore_loader.py` speaks; both sides refuse another. */
const PROTOCOL = 1;
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
    })
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
        /** Class name of the storage set in the module, such as `S3`, or null. */
        storage: schemas/* string */.YjP().nullable()
    })),
    /** Files of the repository that flows import at run time; empty where helpers go by value. */
    helpers: schemas/* array */.YOg(schemas/* object */.Ikc({
        /** Path relative to `root`. */
        file: schemas/* string */.YjP(),
        /** Path relative to an import root: where the file must lie below an entry of `sys.path`. */
        path: schemas/* string */.YjP().regex(/^(?!.*(^|\/)\.\.?(\/|$))[^/\\\0][^\\\0]*$/)
    })),
    problems: schemas/* array */.YOg(problemSchema),
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

;// CONCATENATED MODULE: ./src/load/loader.ts




/** The one Python file of this project, where it lies on this machine. */
const LOADER_FILE = (0,external_node_path_.join)(PACKAGE_ROOT, 'python', 'flowstore_loader.py');
const lastLines = (text, count) => text.trimEnd().split('\n').slice(-count).join('\n');
function resultOf(output, schema, place) {
    const file = output.files.get('result.json');
    if (file === undefined) {
        throw new src_errors/* FlowstoreError */.U3('LOAD_FAILED', `Python ended with exit code ${output.exitCode} and no result (${place})`, {
            hint: 'A flow module may have ended the interpreter (os._exit, a crash of native code, out of memory).',
            detail: lastLines(output.log, 20) || undefined
        });
    }
    const parsed = schema.safeParse(JSON.parse(file.toString('utf8')));
    if (!parsed.success) {
        throw new src_errors/* FlowstoreError */.U3('LOAD_FAILED', `the loader's result is not of its protocol (${place})`, {
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
/** A request with its protocol number, as the loader reads it. */
const requestJson = (request) => JSON.stringify({ protocol: PROTOCOL, ...request });

;// CONCATENATED MODULE: ./src/load/container.ts




/** Where the loader, the sources and its results lie in a loading container; never in an image. */
const HOME = '/flowstore';
const OUTPUT = `${HOME}/out`;
const SOURCES = `${HOME}/src`;
const FLOWS = `${HOME}/flows`;
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
function containerPython(docker, image, sources = { root: '/', files: [], size: 0 }) {
    const description = `a container of ${image}`;
    const run = async (request, files) => runContainer(docker, {
        image,
        // Prefect's own commands say `python`; images that have only python3 are loaded all the same.
        command: [
            'sh',
            '-c',
            `exec "$(command -v python || command -v python3 || echo python)" ${HOME}/loader.py ${HOME}/request.json`
        ],
        workingDirectory: '/',
        output: OUTPUT,
        files: [
            { path: HOME.slice(1), folder: true },
            { path: OUTPUT.slice(1), folder: true, mode: 0o777 },
            { path: `${HOME.slice(1)}/loader.py`, content: await (0,promises_.readFile)(LOADER_FILE) },
            { path: `${HOME.slice(1)}/request.json`, content: request },
            ...files
        ]
    });
    return {
        description,
        probe: async () => probeResult(await run(requestJson({ action: 'probe', output: OUTPUT }), []), description),
        load: async (request) => loadResult(await run(requestJson({ ...request, action: 'load', root: SOURCES, output: OUTPUT }), sourceEntries(sources, SOURCES.slice(1))), description),
        check: async (flows) => {
            const paths = flows.map((flow, index) => ('path' in flow ? flow.path : `${FLOWS}/${index}`));
            return checkResult(await run(requestJson({
                action: 'check',
                flows: flows.map(({ name }, index) => ({ name, path: paths[index] ?? '' })),
                output: OUTPUT
            }), [
                { path: FLOWS.slice(1), folder: true },
                ...flows.flatMap((flow, index) => 'content' in flow
                    ? [{ path: `${FLOWS}/${index}`.slice(1), content: flow.content }]
                    : [])
            ]), description);
        }
    };
}

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

;// CONCATENATED MODULE: ./src/util/docker.ts




/** The platform's own socket, as the docker client has it. */
const defaultUrl = (platform) => platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock';
async function connectionOptions(url, env) {
    // Prefect writes unix://var/run/docker.sock, without the third slash.
    const socket = /^unix:\/\/\/?(.+)$/.exec(url);
    if (socket?.[1])
        return { socketPath: `/${socket[1]}` };
    const pipe = /^npipe:\/\/(.+)$/.exec(url);
    if (pipe?.[1])
        return { socketPath: pipe[1] };
    const host = new URL(url.includes('://') ? url : `tcp://${url}`);
    if (!['tcp:', 'http:', 'https:'].includes(host.protocol)) {
        throw new Error(`'${host.protocol}//' is not supported; use unix://, npipe:// or tcp://`);
    }
    const tls = host.protocol === 'https:' || !['', '0', undefined].includes(env['DOCKER_TLS_VERIFY']);
    const options = {
        host: host.hostname,
        port: host.port === '' ? (tls ? 2376 : 2375) : host.port,
        protocol: tls ? 'https' : 'http'
    };
    const folder = env['DOCKER_CERT_PATH'];
    if (!tls || folder === undefined)
        return options;
    const [ca, cert, key] = await Promise.all(['ca.pem', 'cert.pem', 'key.pem'].map(name => (0,promises_.readFile)((0,external_node_path_.join)(folder, name), 'utf8')));
    return { ...options, ca, cert, key };
}
/**
 * Connects to a Docker daemon and makes sure that it answers.
 *
 * @param baseUrl the option `base-url`; default DOCKER_HOST, then the platform's socket
 * @param env the variables of the docker client
 * @throws FlowstoreError DAEMON, saying what was tried
 */
async function connectDocker(baseUrl, env, platform = process.platform) {
    const [url, source] = baseUrl !== undefined
        ? [baseUrl, 'base-url']
        : env['DOCKER_HOST']
            ? [env['DOCKER_HOST'], 'DOCKER_HOST']
            : [defaultUrl(platform), "the platform's default"];
    try {
        const { default: Docker } = await Promise.all(/* import() */[__webpack_require__.e(839), __webpack_require__.e(40), __webpack_require__.e(260)]).then(__webpack_require__.t.bind(__webpack_require__, 39040, 23));
        const docker = new Docker(await connectionOptions(url, env));
        await docker.ping();
        return { docker, url };
    }
    catch (error) {
        const reason = error instanceof Error ? error.message.trim() || error.name : String(error);
        throw new src_errors/* FlowstoreError */.U3('DAEMON', `no Docker daemon answers at ${url} (${source}): ${reason}`, {
            hint: 'Start Docker, or say where it is with base-url or DOCKER_HOST.',
            cause: error
        });
    }
}
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

// EXTERNAL MODULE: ./src/util/reference.ts
var util_reference = __webpack_require__(13137);
;// CONCATENATED MODULE: ./src/image/base.ts





async function pull({ docker }, reference, findCredentials) {
    const { registry } = (0,util_reference/* parseReference */.F2)(reference);
    const credentials = await findCredentials(registry);
    try {
        const stream = await docker.pull(reference, {
            ...(credentials ? { authconfig: { serveraddress: registry, ...credentials } } : {})
        });
        await followProgress(docker, stream);
    }
    catch (error) {
        const words = daemonWords(error);
        throw new src_errors/* FlowstoreError */.U3('BASE_IMAGE_PULL', `the base image ${reference} can't be pulled: ${words}`, {
            hint: /unauthorized|denied|no basic auth/i.test(words)
                ? `Log in to ${registry} first (docker login), or check the name: registries say the same of images that aren't there.`
                : 'Check base-image; for an image that only the daemon has, set local-image: true.',
            cause: error
        });
    }
}
const NAME = 'flowstore-base';
/**
 * Has the base image in the daemon: pulled, or with `local` taken from the daemon's images.
 *
 * @throws FlowstoreError BASE_IMAGE_PULL, BASE_IMAGE_PYTHON for an image without Python
 */
async function baseImage(daemon, reference, local, findCredentials, log) {
    const { docker } = daemon;
    if (!local)
        await pull(daemon, reference, findCredentials);
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
        await image.tag({ repo: NAME, tag });
        from = `${NAME}:${tag}`;
    }
    const { executable, versions } = await probe(daemon, facts.Id, reference);
    log.info(`Base image ${reference}: Python ${versions.python}, ${versions.prefect === null ? 'no Prefect' : `Prefect ${versions.prefect}`}`);
    const config = facts.Config;
    return {
        reference,
        from,
        digest: digest ?? facts.Id,
        user: config.User,
        env: Object.fromEntries(config.Env.map(pair => {
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
        return await containerPython(docker, id).probe();
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

// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(48161);
// EXTERNAL MODULE: ./src/util/log.ts
var log = __webpack_require__(29906);
// EXTERNAL MODULE: ./node_modules/@actions/exec/lib/exec.js + 1 modules
var exec = __webpack_require__(41955);
// EXTERNAL MODULE: ./node_modules/smol-toml/dist/index.js + 8 modules
var dist = __webpack_require__(3292);
;// CONCATENATED MODULE: ./src/load/environment-variables.ts
/** What Python and pip need of a machine's environment; all else stays out. */
const NEEDED = new Set([
    'PATH',
    'LD_LIBRARY_PATH',
    'DYLD_LIBRARY_PATH',
    'LANG',
    'LC_ALL',
    'TZ',
    'TMPDIR',
    'TEMP',
    'TMP',
    'SYSTEMROOT',
    'SYSTEMDRIVE',
    'COMSPEC',
    'PATHEXT',
    'WINDIR'
]);
/** What pip needs beyond that to reach an index. */
const NETWORK = /^(PIP_.+|UV_.+|(HTTP|HTTPS|NO|ALL)_PROXY|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|HOME|USERPROFILE|APPDATA|LOCALAPPDATA|XDG_.+|NETRC)$/i;
const environment_variables_select = (from, wanted) => Object.fromEntries(Object.entries(from).filter((entry) => entry[1] !== undefined && wanted(entry[0].toUpperCase())));
/**
 * The environment that flow modules run in: what an interpreter needs to start, a home of its own,
 * and the declared variables. No token, input or password of the runner is in it.
 *
 * @param home an empty folder
 */
function moduleEnvironment(from, declared, home) {
    return {
        LANG: 'C.UTF-8',
        ...environment_variables_select(from, name => NEEDED.has(name)),
        HOME: home,
        USERPROFILE: home,
        PYTHONDONTWRITEBYTECODE: '1',
        ...declared
    };
}
/** The environment that pip and uv run in: they install packages and need indexes, proxies and certificates. */
const installerEnvironment = (from) => environment_variables_select(from, name => NEEDED.has(name) || NETWORK.test(name));

// EXTERNAL MODULE: ./node_modules/@actions/tool-cache/lib/tool-cache.js + 2 modules
var tool_cache = __webpack_require__(59805);
;// CONCATENATED MODULE: ./src/load/find-python.ts







const WINDOWS = process.platform === 'win32';
/** Programs of a name on PATH. */
function onPath(env, name) {
    return (env['PATH'] ?? env['Path'] ?? '')
        .split(external_node_path_.delimiter)
        .filter(folder => folder !== '')
        .map(folder => (0,external_node_path_.join)(folder, WINDOWS ? `${name}.exe` : name))
        .filter(path => (0,external_node_fs_.existsSync)(path));
}
async function inPyenv(env, version) {
    const root = env['PYENV_ROOT'] ?? (env['HOME'] ? (0,external_node_path_.join)(env['HOME'], '.pyenv') : undefined);
    if (root === undefined || !(0,external_node_fs_.existsSync)((0,external_node_path_.join)(root, 'versions')))
        return [];
    return (await (0,promises_.readdir)((0,external_node_path_.join)(root, 'versions')))
        .filter(name => name === version || name.startsWith(`${version}.`))
        .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
        .map(name => (0,external_node_path_.join)(root, 'versions', name, 'bin', 'python'))
        .filter(path => (0,external_node_fs_.existsSync)(path));
}
function inToolCache(env, version) {
    // The library throws where the runner has no tool cache.
    if (!env['RUNNER_TOOL_CACHE'])
        return [];
    const folder = (0,tool_cache/* find */.I6)('Python', version);
    if (folder === '')
        return [];
    return [WINDOWS ? (0,external_node_path_.join)(folder, 'python.exe') : (0,external_node_path_.join)(folder, 'bin', 'python')];
}
async function fromUv(env, version) {
    if (onPath(env, 'uv').length === 0)
        return [];
    const run = async (args) => (0,exec/* getExecOutput */.H)('uv', args, {
        silent: true,
        ignoreReturnCode: true,
        env: installerEnvironment(env)
    });
    await run(['python', 'install', version]);
    const { exitCode, stdout } = await run(['python', 'find', version]);
    return exitCode === 0 ? [stdout.trim()] : [];
}
/** The version of an interpreter, or undefined where the file is none that runs. */
async function versionOf(path, env) {
    try {
        const { exitCode, stdout } = await (0,exec/* getExecOutput */.H)(`"${path}"`, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], { silent: true, ignoreReturnCode: true, env: installerEnvironment(env) });
        return exitCode === 0 ? stdout.trim() : undefined;
    }
    catch {
        return undefined;
    }
}
/**
 * Finds the interpreter to load flows with.
 *
 * @param asked the option `python`: a path, or a version such as `3.9`
 * @param suitable `major.minor` of the interpreters that the Prefect release runs on, or undefined
 * where the release is not known: then any will do
 * @param env the machine's variables
 * @throws FlowstoreError PYTHON_NOT_FOUND, saying what it looked for and where
 */
async function findPython(asked, suitable, env, cwd) {
    const isVersion = asked !== undefined && /^\d+\.\d+(\.\d+)?$/.test(asked);
    if (asked !== undefined && !isVersion) {
        const paths = /[/\\]/.test(asked) || (0,external_node_path_.isAbsolute)(asked) ? [(0,external_node_path_.resolve)(cwd, asked)] : onPath(env, asked);
        for (const path of paths) {
            const python = await versionOf(path, env);
            if (python !== undefined)
                return { path, python };
        }
        throw new src_errors/* FlowstoreError */.U3('PYTHON_NOT_FOUND', `there is no Python interpreter '${asked}'`, {
            hint: 'python takes a path, a command on PATH, or a version such as 3.9.'
        });
    }
    const accepts = (python) => isVersion
        ? asked === python || asked.startsWith(`${python}.`)
        : (suitable?.includes(python) ?? true);
    const first = isVersion ? inToolCache(env, asked) : [];
    for (const path of [...first, ...onPath(env, 'python3'), ...onPath(env, 'python')]) {
        const python = await versionOf(path, env);
        if (python !== undefined && accepts(python))
            return { path, python };
    }
    const versions = isVersion ? [asked] : [...(suitable ?? [])].reverse();
    const places = [
        version => inToolCache(env, version),
        version => onPath(env, `python${version}`),
        version => inPyenv(env, version),
        version => fromUv(env, version)
    ];
    for (const place of places) {
        for (const version of versions) {
            for (const path of await place(version)) {
                const python = await versionOf(path, env);
                if (python !== undefined && accepts(python))
                    return { path, python };
            }
        }
    }
    const wanted = versions.length > 0 ? versions.join(', ') : '3';
    throw new src_errors/* FlowstoreError */.U3('PYTHON_NOT_FOUND', `no Python ${wanted} is on this machine`, {
        hint: 'Looked on PATH, in the tool cache (RUNNER_TOOL_CACHE), in pyenv and for uv. Install one, or say where it is with python.'
    });
}

// EXTERNAL MODULE: ./node_modules/@renovatebot/pep440/index.js
var pep440 = __webpack_require__(63297);
;// CONCATENATED MODULE: ./src/prefect/rules.ts


const PYTHON_3_6_TO_3_7 = ['3.6', '3.7'];
/**
 * The one table: each row says what changed with a release. Sources: the releases' own code and the
 * recordings in `__tests__/golden`; installs were tried with each pin.
 */
const TABLE = [
    {
        // 0.5.3+N, a checkout between the releases, behaves as 0.5.4 does.
        since: '0.5.3',
        localType: 'LocalStorage',
        types: ['docker', 'local', 'memory', 'bytes'],
        dockerFolder: '/root/.prefect',
        home: '/root/.prefect',
        baseImage: 'python',
        basePython: '3.6',
        nameNeedsRegistry: true,
        nameJoin: 'os.path',
        nameMissing: 'Docker storage is missing required fields',
        localTimestamps: false,
        format: 'raw',
        getFlowByName: false,
        fields: {
            docker: ['flows', 'image_name', 'prefect_version', 'image_tag', 'registry_url'],
            local: ['flows', 'directory'],
            memory: [],
            bytes: ['flows']
        },
        pythons: PYTHON_3_6_TO_3_7,
        pins: []
    },
    { since: '0.6.0', localType: 'Local', pins: ['dask[bag]<2021'] },
    { since: '0.6.4', nameJoin: 'PurePosixPath' },
    { since: '0.6.5', nameNeedsRegistry: false },
    { since: '0.7.0', baseImage: 'prefecthq/prefect', basePython: '3.7', pins: [] },
    { since: '0.7.1', dockerFolder: '/root/.prefect/flows' },
    {
        since: '0.11.0',
        types: ['docker', 'local'],
        dockerFolder: '/opt/prefect/flows',
        home: '/opt/prefect',
        fields: {
            docker: ['flows', 'secrets', 'registry_url', 'image_name', 'image_tag', 'prefect_version'],
            local: ['flows', 'secrets', 'directory'],
            memory: ['secrets'],
            bytes: ['flows', 'secrets']
        }
    },
    {
        since: '0.12.0',
        nameMissing: 'Docker storage is missing required fields image_name and image_tag'
    },
    {
        since: '0.12.5',
        fields: {
            docker: [
                'flows',
                'secrets',
                'registry_url',
                'image_name',
                'image_tag',
                'path',
                'stored_as_script',
                'prefect_version'
            ],
            local: ['flows', 'secrets', 'directory', 'path', 'stored_as_script'],
            memory: ['secrets'],
            bytes: ['flows', 'secrets']
        }
    },
    {
        since: '0.14.0',
        basePython: '3.8',
        pythons: ['3.6', '3.7', '3.8', '3.9'],
        pins: ['urllib3<2', 'marshmallow<4']
    },
    { since: '0.14.2', localTimestamps: true },
    { since: '0.14.3', format: 'envelope' },
    { since: '0.14.4', getFlowByName: true },
    { since: '0.15.0', pythons: ['3.7', '3.8', '3.9', '3.10'] },
    {
        since: '1.0.0',
        basePython: '3.9',
        pythons: ['3.8', '3.9', '3.10', '3.11', '3.12'],
        pins: ['urllib3<2', 'marshmallow<4']
    }
];
/** The releases that {@link rulesFor} knows, for people. */
const SUPPORTED_PREFECT = '0.5.4 to 1.4.1';
/** The newest release of the table. */
const NEWEST_PREFECT = '1.4.1';
/** The pickle protocol by release, as the loader's request carries it: fixed at 4 from 0.14.3. */
const PICKLE_PROTOCOLS = [{ since: '0.14.3', protocol: 4 }];
/**
 * What a Prefect release does.
 *
 * @param release a version as `prefect.__version__` gives it
 * @throws FlowstoreError UNSUPPORTED_PREFECT for anything outside the table
 */
function rulesFor(release) {
    const base = (0,pep440.explain)(release)?.base_version;
    if (!base || (0,pep440.lt)(base, TABLE[0].since) || (0,pep440.gte)(base, '2')) {
        throw new src_errors/* FlowstoreError */.U3('UNSUPPORTED_PREFECT', `Prefect ${release} is not supported; ${SUPPORTED_PREFECT} are`, { hint: 'Flow storage came with Prefect 0.5.3 and went with 2.0.' });
    }
    const [first, ...rows] = TABLE;
    const { since, ...rules } = Object.assign({}, first, ...rows.filter(row => (0,pep440.gte)(base, row.since)));
    void since;
    return { ...rules, release };
}
/** Whether a text is a release number (else it is a git ref, such as `master`). */
const isRelease = (version) => (0,pep440.valid)(version) !== null;
/**
 * What pip has to install for a Prefect version: the release with the pins that make it install
 * today, or a git ref of Prefect's repository.
 */
function prefectRequirements(version) {
    return isRelease(version)
        ? [`prefect==${version}`, ...rulesFor(version).pins]
        : [
            `git+https://github.com/PrefectHQ/prefect.git@${version}#egg=prefect`,
            ...rulesFor(NEWEST_PREFECT).pins
        ];
}
/** The Prefect release that requirement lines pin (`prefect==1.4.1`, extras and markers allowed). */
function pinnedPrefect(lines) {
    for (const line of lines) {
        const pin = /^\s*prefect\s*(?:\[[^\]]*\])?\s*===?\s*([^\s;,#]+)/i.exec(line)?.[1];
        if (pin !== undefined && isRelease(pin))
            return pin;
    }
    return undefined;
}
/**
 * The base image that Prefect's Docker storage takes where none is given: Python's until 0.7.0, then a
 * release's own, and for a git ref Python's slim one.
 *
 * @param version the release or git ref that the image gets
 * @param python `major.minor`; default the table's
 * @param release whose rules hold; default the version, and for a git ref {@link NEWEST_PREFECT}
 */
function defaultBaseImage(version, python, release = isRelease(version) ? version : NEWEST_PREFECT) {
    const { baseImage, basePython } = rulesFor(release);
    const minor = python ?? basePython;
    if (baseImage === 'python')
        return `python:${minor}`;
    return isRelease(version) ? `${baseImage}:${version}-python${minor}` : `python:${minor}-slim`;
}
/**
 * What pip has to become before it installs anything, or undefined: the 18.1 that Python 3.6 and 3.7
 * bring picks releases that they can't run.
 */
const pipUpgrade = (python, pip) => /^3\.[67]\./.test(python) && Number.parseInt(pip, 10) < 20 ? 'pip==21.3.1' : undefined;

;// CONCATENATED MODULE: ./src/load/pip.ts


const HASH = /\s--hash[=\s]/;
const EDITABLE = /^\s*(?:-e\s*=?|--editable[\s=])\s*/;
/** Options that say where packages come from: they hold for every run. */
const INDEX = /^(?:-i|--index-url|--extra-index-url|--no-index|-f|--find-links|--trusted-host|--pre|--prefer-binary|--no-binary|--only-binary)(?=[\s=]|$)/;
/** Lines of a requirements file as pip reads them: joined, without comments and blank ones. */
const logicalLines = (text) => text
    .replace(/^\s*#.*$/gm, '')
    .replace(/\s*\\\r?\n\s*/g, ' ')
    .split(/\r?\n/)
    .map(line => line.replace(/(^|\s)#.*$/, '').trim())
    .filter(line => line !== '');
/** Whether a line asks for an editable install. */
const isEditable = (line) => EDITABLE.test(line);
/** The requirements as an image can have them: installed from the same paths, but not editable. */
function withoutEditable(requirements) {
    const plain = (line) => {
        if (!isEditable(line))
            return line;
        const path = line.replace(EDITABLE, '');
        // Without a slash before it pip would take a folder's name for a package of the index.
        return /^(?:\.|\/|["']|[a-z+]+:|\S+\s*@)/i.test(path) ? path : `./${path}`;
    };
    const { lines, texts, local, exported } = requirements;
    return {
        ...requirements,
        lines: lines.map(plain),
        texts: new Map([...texts].map(([path, text]) => [
            path,
            // Only lines that change: the others keep their every character.
            text.split('\n').some(isEditable) ? text.split('\n').map(plain).join('\n') : text
        ])),
        local: local.map(plain),
        exported: exported && { ...exported, lines: exported.lines.map(plain) }
    };
}
/** `name==version; marker` of a line with hashes, or nothing where it names no release. */
function pinOf(line) {
    const bare = line.replace(/\s+--hash[=\s]\s*\S+/g, '').trim();
    const pin = /^(?<name>[\w.-]+)\s*(?:\[[^\]]*\])?\s*(?<rest>===?\s*[^\s;]+\s*(?:;.*)?)$/.exec(bare);
    return pin?.groups ? [`${pin.groups['name'] ?? ''}${pin.groups['rest'] ?? ''}`] : [];
}
/** Index options of a file in a folder, as they read from the working directory. */
function indexOptions(lines, folder) {
    return lines
        .filter(line => INDEX.test(line))
        .flatMap(line => {
        const path = /^(?:-f|--find-links)[\s=]+(?!\/|[a-z+]+:)(\S+)/.exec(line)?.[1];
        // pip looks beside the file first, then in the working directory.
        return path === undefined || folder === '.'
            ? [line]
            : [`--find-links ${external_node_path_.posix.join(folder, path)}`, line];
    });
}
const quoted = (path) => (/\s/.test(path) ? `"${path}"` : path);
/**
 * How pip installs requirements. Mostly in one run, so that one resolution holds for all. Where lines
 * have hashes pip wants one for everything in the run: then these come first, and what has none in a
 * second run that can't change what the first has installed.
 *
 * @param fileAt where the requirements file lies for pip
 */
function pipRuns(requirements, additional, fileAt) {
    const { lines, file, texts, exported } = requirements;
    const inFile = file === undefined ? [] : [`-r ${quoted(fileAt(file))}`];
    const given = [...lines, ...(exported?.lines ?? [])];
    const fileLines = [...texts.values()].flatMap(logicalLines);
    const fileHashed = fileLines.some(line => HASH.test(line) || line === '--require-hashes');
    const hashed = [...given, ...fileLines].filter(line => HASH.test(line));
    const run = (name, own, constraints, args = []) => {
        const [requirementsName, constraintsName] = [
            `flowstore-${name}.txt`,
            `flowstore-${name === 'requirements' ? '' : `${name}-`}constraints.txt`
        ];
        const constrained = constraints.length === 0 ? [] : [`-c ${constraintsName}`];
        return {
            file: requirementsName,
            args,
            texts: new Map([
                [requirementsName, `${[...own, ...constrained].join('\n')}\n`],
                ...(constraints.length === 0
                    ? []
                    : [[constraintsName, `${constraints.join('\n')}\n`]])
            ])
        };
    };
    const wanted = additional?.lines ?? [];
    if (hashed.length === 0) {
        return additional?.present
            ? [run('requirements', [...given, ...inFile], wanted)]
            : [run('requirements', [...wanted, ...given, ...inFile], [])];
    }
    const index = given.filter(line => INDEX.test(line));
    const fileIndex = [...texts].flatMap(([path, text]) => indexOptions(logicalLines(text), external_node_path_.posix.dirname(path)));
    const first = [...index, ...given.filter(line => HASH.test(line)), ...(fileHashed ? inFile : [])];
    const rest = [
        ...given.filter(line => !HASH.test(line) && !INDEX.test(line)),
        ...(fileHashed ? [] : inFile)
    ];
    const there = additional?.present === true || pinnedPrefect(hashed) === additional?.prefect;
    const second = there ? rest : [...wanted, ...rest];
    return [
        // An exported lock names everything: what hangs on its lines without hashes comes after.
        run('hashed', first, wanted.filter(line => !line.startsWith('git+')), exported && !fileHashed ? ['--no-deps'] : []),
        ...(second.length === 0
            ? []
            : [
                run('requirements', [...(fileHashed ? fileIndex : []), ...index, ...second], [...(there ? wanted : []), ...hashed.flatMap(pinOf)])
            ])
    ];
}

;// CONCATENATED MODULE: ./src/load/virtual-environment.ts







/** The lines of pip's output that say why it failed. */
function pipReason(output) {
    const all = output.trimEnd().split(/\r?\n/);
    const errors = all.filter(line => /^\s*(ERROR|error):?/.test(line));
    return (errors.length > 0 ? errors : all.slice(-15)).slice(0, 30).join('\n');
}
const virtual_environment_WINDOWS = process.platform === 'win32';
const COMPLETE = '.complete';
/** A program of a virtual environment. */
const programOf = (folder, name) => (0,external_node_path_.join)(folder, ...(virtual_environment_WINDOWS ? ['Scripts', `${name}.exe`] : ['bin', name]));
/** Whether a kept environment is there and complete. */
const isKept = (folder) => (0,external_node_fs_.existsSync)((0,external_node_path_.join)(folder, COMPLETE));
/**
 * Makes a virtual environment, where it isn't kept already.
 *
 * @param failure the error for what pip says
 * @throws FlowstoreError as `failure` gives it; then nothing is kept
 */
async function keepVirtualEnvironment({ folder, base, runs, cwd, env }, failure, log) {
    if (isKept(folder))
        return;
    await (0,promises_.rm)(folder, { recursive: true, force: true });
    await (0,promises_.mkdir)((0,external_node_path_.dirname)(folder), { recursive: true });
    const run = async (command, args) => {
        const { exitCode, stdout, stderr } = await (0,exec/* getExecOutput */.H)(`"${command}"`, [...args], {
            silent: true,
            ignoreReturnCode: true,
            cwd,
            env: installerEnvironment(env)
        });
        log.debug(stdout);
        if (exitCode !== 0)
            throw failure(pipReason(stdout + stderr));
    };
    const python = programOf(folder, 'python');
    const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input'];
    const files = await (0,promises_.mkdtemp)((0,external_node_path_.join)((0,external_node_os_.tmpdir)(), 'flowstore-'));
    try {
        await run(base.path, ['-m', 'venv', folder]);
        // The pip of a new environment is the one that its interpreter brings.
        const upgrade = pipUpgrade(base.version, '18.1');
        if (upgrade !== undefined)
            await run(python, [...pip, upgrade]);
        for (const { args, file, texts } of runs) {
            for (const [name, text] of texts)
                await (0,promises_.writeFile)((0,external_node_path_.join)(files, name), text);
            await run(python, [...pip, ...args, '-r', (0,external_node_path_.join)(files, file)]);
        }
        await (0,promises_.writeFile)((0,external_node_path_.join)(folder, COMPLETE), '');
    }
    catch (error) {
        await (0,promises_.rm)(folder, { recursive: true, force: true });
        throw error;
    }
    finally {
        await (0,promises_.rm)(files, { recursive: true, force: true });
    }
}

;// CONCATENATED MODULE: ./src/load/lock-files.ts













const UV = {
    name: 'uv',
    requirements: ['uv==0.9.30'],
    pythons: ['3.8', '3.9', '3.10', '3.11', '3.12', '3.13', '3.14']
};
const POETRY = {
    name: 'poetry',
    requirements: ['poetry==2.1.4', 'poetry-plugin-export==1.9.0'],
    // With the pip that 3.9 brings the resolution takes a quarter of an hour.
    pythons: ['3.10', '3.11', '3.12', '3.13']
};
/** The one index that needs no saying; to say it would override the machine's own mirror. */
const PYPI = /^https:\/\/pypi\.org\/simple\/?$/;
const indexLines = (urls) => {
    const others = urls.filter(url => !PYPI.test(url));
    return others.map((url, index) => index === 0 && others.length === urls.length ? `--index-url ${url}` : `--extra-index-url ${url}`);
};
const wrong = ({ file }, what, hint) => new src_errors/* FlowstoreError */.U3('INVALID_OPTION', `the requirements file '${file}' ${what}`, { file, hint });
async function run(command, args, cwd, machine) {
    return (0,exec/* getExecOutput */.H)(`"${command}"`, [...args], {
        silent: true,
        ignoreReturnCode: true,
        cwd,
        env: installerEnvironment(machine.env)
    });
}
/** The program of a tool: on PATH where it does what is needed, else kept in the cache. */
async function toolProgram(tool, probe, given, machine) {
    const { env, cache, log } = machine;
    for (const path of onPath(env, tool.name)) {
        const { exitCode } = await run(path, probe, (0,external_node_os_.tmpdir)(), machine).catch(() => ({ exitCode: 1 }));
        if (exitCode === 0)
            return path;
    }
    const python = await findPython(undefined, tool.pythons, env, given.cwd);
    const key = sha256Json([python.path, python.python, tool.requirements]).slice(0, 20);
    const folder = (0,external_node_path_.join)(cache, `${tool.name}-${key}`);
    await keepVirtualEnvironment({
        folder,
        base: { path: python.path, version: python.python },
        runs: [
            {
                file: 'tool.txt',
                args: [],
                texts: new Map([['tool.txt', `${tool.requirements.join('\n')}\n`]])
            }
        ],
        cwd: (0,external_node_os_.tmpdir)(),
        env
    }, detail => new src_errors/* FlowstoreError */.U3('DEPENDENCY_INSTALL', `${tool.requirements.join(' and ')} can't be installed to export ${given.file}`, {
        file: given.file,
        detail,
        hint: `Have ${tool.name} on PATH, or give a requirements file.`
    }), log);
    return programOf(folder, tool.name);
}
async function exported(program, args, folder, given, machine) {
    const { exitCode, stdout, stderr } = await run(program, args, folder, machine);
    machine.log.debug(stderr);
    if (exitCode !== 0) {
        const detail = (stderr.trim() || stdout.trim()).split(/\r?\n/).slice(-15).join('\n');
        throw new src_errors/* FlowstoreError */.U3('DEPENDENCY_INSTALL', `${given.file} can't be exported`, {
            file: given.file,
            detail
        });
    }
    return logicalLines(stdout)
        .map(line => line.replace(/\s+(?=--hash)/g, ' '))
        .filter(line => !PYPI.test(/^(?:-i|--index-url)[\s=]+(\S+)$/.exec(line)?.[1] ?? ''));
}
/** A path below a folder as the working directory has it, such as `./libs/tools`. */
function localPath(path, folder, cwd) {
    const found = (0,external_node_path_.relative)(cwd, (0,external_node_path_.resolve)(folder, path)).replaceAll(external_node_path_.sep, '/');
    return found.startsWith('../') || found === '..' ? found : `./${found}`;
}
async function lock_files_fromUv(given, machine) {
    const folder = (0,external_node_path_.resolve)(given.cwd, (0,external_node_path_.dirname)(given.file));
    const program = await toolProgram(UV, ['--version'], given, machine);
    const lines = await exported(program, [
        ...['export', '--frozen', '--no-dev', '--no-emit-project', '--no-header', '--no-annotate'],
        ...['--format', 'requirements-txt', '--quiet']
    ], folder, given, machine);
    const document = parseToml(await (0,promises_.readFile)((0,external_node_path_.resolve)(given.cwd, given.file), 'utf8'), given);
    const packages = Array.isArray(document['package']) ? document['package'] : [];
    const registries = packages
        .map(entry => table(table(entry)['source'])['registry'])
        .filter(url => typeof url === 'string' && /^https?:/.test(url));
    // The export leaves them out.
    const indexes = indexLines([...new Set(registries)]);
    const requirements = lines.map(line => line.replace(/^(-e )?(\.\.?(?:\/[^\s;]*)?)(?=\s|;|$)/, (_all, editable, path) => `${editable ?? ''}${localPath(path, folder, given.cwd)}`));
    return [...indexes, ...requirements];
}
const table = (value) => typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
function parseToml(text, given) {
    try {
        return (0,dist/* parse */.qg)(text);
    }
    catch (error) {
        throw wrong(given, `is no TOML: ${error.message.split('\n')[0] ?? ''}`);
    }
}
async function fromPoetry(given, machine) {
    const folder = (0,external_node_path_.resolve)(given.cwd, (0,external_node_path_.dirname)(given.file));
    const project = external_node_path_.posix.join(external_node_path_.posix.dirname(given.file), 'pyproject.toml');
    const text = await (0,promises_.readFile)((0,external_node_path_.join)(folder, 'pyproject.toml'), 'utf8').catch((error) => {
        throw new src_errors/* FlowstoreError */.U3('FILE_NOT_FOUND', `'${given.file}' has no pyproject.toml beside it`, {
            hint: 'poetry exports a lock file together with the project it was made for.',
            cause: error
        });
    });
    const document = parseToml(text, { ...given, file: project });
    // poetry would install the plugins that a project asks for, and so run their code on this machine.
    delete table(table(document['tool'])['poetry'])['requires-plugins'];
    const top = await (0,promises_.realpath)(await (0,promises_.mkdtemp)((0,external_node_path_.join)((0,external_node_os_.tmpdir)(), 'flowstore-')));
    // Deep, so that paths such as ../../libs can be told from those of the machine.
    const copy = (0,external_node_path_.join)(top, ...Array(8).fill('-'));
    try {
        await (0,promises_.mkdir)(copy, { recursive: true });
        await (0,promises_.writeFile)((0,external_node_path_.join)(copy, 'pyproject.toml'), (0,dist/* stringify */.As)(document));
        await (0,promises_.copyFile)((0,external_node_path_.join)(folder, 'poetry.lock'), (0,external_node_path_.join)(copy, 'poetry.lock'));
        const program = await toolProgram(POETRY, ['export', '--help'], given, machine);
        const lines = await exported(program, ['export', '--format', 'requirements.txt', '--only', 'main', '--no-interaction'], copy, given, machine);
        const below = (0,external_node_url_.pathToFileURL)(top).href;
        return lines.map(line => {
            const at = line.indexOf(below);
            if (at === -1)
                return line;
            const [url = '', ...marker] = line.slice(at).split(/\s+;\s*/);
            const path = (0,external_node_path_.relative)(copy, (0,external_node_url_.fileURLToPath)(url));
            const editable = line.startsWith('-e ') ? '-e ' : '';
            const extras = /^[\w.-]+(\[[^\]]+\]) @/.exec(line)?.[1] ?? '';
            return [`${editable}${localPath(path, folder, given.cwd)}${extras}`, ...marker].join(' ; ');
        });
    }
    finally {
        await (0,promises_.rm)(top, { recursive: true, force: true });
    }
}
const pipfileLock = schemas/* object */.Ikc({
    _meta: schemas/* object */.Ikc({
        sources: schemas/* array */.YOg(schemas/* object */.Ikc({ url: schemas/* string */.YjP(), verify_ssl: schemas/* boolean */.zMY().default(true) }))
            .default([])
    }),
    default: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* object */.Ikc({
        version: schemas/* string */.YjP().optional(),
        extras: schemas/* array */.YOg(schemas/* string */.YjP()).default([]),
        markers: schemas/* string */.YjP().optional(),
        hashes: schemas/* array */.YOg(schemas/* string */.YjP()).default([]),
        git: schemas/* string */.YjP().optional(),
        ref: schemas/* string */.YjP().optional(),
        subdirectory: schemas/* string */.YjP().optional(),
        path: schemas/* string */.YjP().optional(),
        file: schemas/* string */.YjP().optional(),
        editable: schemas/* boolean */.zMY().default(false)
    }))
});
function pipfileLine(name, locked, folder, given) {
    const { extras, git, ref, subdirectory, markers, hashes } = locked;
    const named = extras.length === 0 ? name : `${name}[${extras.join(',')}]`;
    const marker = markers === undefined ? '' : ` ; ${markers}`;
    const at = locked.path ?? locked.file;
    if (git !== undefined) {
        const url = /^[a-z]+\+/.test(git) ? git : `git+${git}`;
        const inside = subdirectory === undefined ? '' : `#subdirectory=${subdirectory}`;
        return `${named} @ ${url}${ref === undefined ? '' : `@${ref}`}${inside}${marker}`;
    }
    if (at !== undefined && /^[a-z+]+:/i.test(at))
        return `${named} @ ${at}${marker}`;
    if (at !== undefined) {
        const path = localPath(at, folder, given.cwd);
        const with_ = extras.length === 0 ? path : `${path}[${extras.join(',')}]`;
        return `${locked.editable ? '-e ' : ''}${with_}${marker}`;
    }
    if (locked.version === undefined) {
        throw wrong(given, `locks '${name}' in a way that flowstore doesn't know`);
    }
    const version = locked.version === '*' ? '' : locked.version;
    return [`${named}${version}${marker}`, ...hashes.map(hash => `--hash=${hash}`)].join(' ');
}
function fromPipfile(text, given) {
    const folder = (0,external_node_path_.resolve)(given.cwd, (0,external_node_path_.dirname)(given.file));
    let document;
    try {
        document = JSON.parse(text);
    }
    catch (error) {
        throw wrong(given, `is no JSON: ${error.message}`);
    }
    const parsed = pipfileLock.safeParse(document);
    if (!parsed.success) {
        const [issue] = parsed.error.issues;
        throw wrong(given, `is no Pipfile.lock: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
    }
    const { _meta, default: packages } = parsed.data;
    return [
        ...indexLines(_meta.sources.map(({ url }) => url)),
        ..._meta.sources.flatMap(({ url, verify_ssl }) => verify_ssl ? [] : [`--trusted-host ${/^\w+:\/\/(?:[^@/]*@)?([^/]+)/.exec(url)?.[1] ?? ''}`]),
        ...Object.entries(packages).map(([name, locked]) => pipfileLine(name, locked, folder, given))
    ];
}
/** The name that a requirement line starts with, as indexes compare names. */
const normalName = (line) => (/^[\w.-]+/.exec(line)?.[0] ?? '').toLowerCase().replace(/[-_.]+/g, '-');
function fromPyproject(text, given) {
    const document = parseToml(text, given);
    const project = table(document['project']);
    const tool = table(document['tool']);
    const poetry = table(tool['poetry']);
    const dependencies = project['dependencies'];
    const dynamic = project['dynamic'];
    if (dependencies === undefined) {
        if ('dependencies' in poetry) {
            throw wrong(given, 'has its dependencies in tool.poetry, which pip does not read', 'Give poetry.lock as requirements-file.');
        }
        if (Array.isArray(dynamic) && dynamic.includes('dependencies')) {
            throw wrong(given, 'says that its dependencies are dynamic', 'Give the file that they come from, or install the project itself: `.` in python-dependencies.');
        }
        if (!('project' in document))
            throw wrong(given, 'has no project table');
        return [];
    }
    const lines = schemas/* array */.YOg(schemas/* string */.YjP().regex(/^\s*[A-Za-z0-9][^\r\n]*$/)).safeParse(dependencies);
    if (!lines.success)
        throw wrong(given, 'has project.dependencies that are no list of requirements');
    // Their names alone would be looked up in the index, where they may be somebody else's.
    const elsewhere = new Map([
        ...Object.keys(table(table(tool['uv'])['sources'])).map(name => [normalName(name), 'uv.lock']),
        ...Object.entries(table(poetry['dependencies']))
            .filter(([, value]) => ['path', 'git', 'url', 'source'].some(key => key in table(value)))
            .map(([name]) => [normalName(name), 'poetry.lock'])
    ]);
    const taken = lines.data.find(line => elsewhere.has(normalName(line)));
    if (taken !== undefined) {
        const lock = elsewhere.get(normalName(taken)) ?? '';
        throw wrong(given, `takes '${normalName(taken)}' from a source that only its tool knows`, `Give ${lock} as requirements-file.`);
    }
    return lines.data.map(line => line.trim());
}
/** The files that {@link plainRequirements} reads. */
const isProjectFile = (file) => ['pyproject.toml', 'uv.lock', 'poetry.lock', 'Pipfile.lock'].includes((0,external_node_path_.basename)(file));
/**
 * The requirement lines that a `pyproject.toml` or a lock file stands for: without groups for
 * development, without the project itself, paths relative to the working directory.
 *
 * @param file relative to `cwd`, with `/`
 * @throws FlowstoreError INVALID_OPTION for a file that can't be read so, DEPENDENCY_INSTALL with the
 * words of uv or poetry, PYTHON_NOT_FOUND where none runs these
 */
async function plainRequirements(file, cwd, machine) {
    const given = { file, cwd };
    const text = () => (0,promises_.readFile)((0,external_node_path_.resolve)(cwd, file), 'utf8');
    switch ((0,external_node_path_.basename)(file)) {
        case 'uv.lock':
            return lock_files_fromUv(given, machine);
        case 'poetry.lock':
            return fromPoetry(given, machine);
        case 'Pipfile.lock':
            return fromPipfile(await text(), given);
        default:
            return fromPyproject(await text(), given);
    }
}

;// CONCATENATED MODULE: ./src/load/requirements.ts







const NAMED_FILE = /^(?:-r|-c|--requirement|--constraint)[\s=]*(?<name>[^\s#]+)/;
const ARCHIVE = /\.(?:whl|tar\.gz|tar\.bz2|zip)$/;
const FIND_LINKS = /^(?:-f|--find-links)[\s=]+/;
const isLocal = (line) => {
    const found = line.replace(FIND_LINKS, '');
    if (found !== line)
        return !/^[a-z+]+:\/\//.test(found);
    if (isEditable(line))
        return !/^\S+\s+[a-z+]+:\/\//.test(line);
    return (/^(\.|\/|file:)/.test(line) ||
        /@\s*file:/.test(line) ||
        /^[^\s@;]+\.(whl|tar\.gz|zip)\s*(;.*|--hash.*)?$/.test(line) ||
        // A folder, as pip has it: no requirement has a slash before its version or address.
        /^[^\s#@;:<>=!~[-][^\s@;:<>=!~[]*\//.test(line));
};
/**
 * Reads what flows depend on, with every file that the requirements file names. A lock file or a
 * `pyproject.toml` becomes plain lines here, before anything else looks at them.
 *
 * @param cwd the folder that paths are relative to
 * @param machine what exports a lock file; default this process's
 * @throws FlowstoreError FILE_NOT_FOUND, naming the file and the line that names it; what
 * {@link plainRequirements} throws
 */
async function readRequirements(cwd, lines, file, machine) {
    const texts = new Map();
    const local = lines.filter(isLocal);
    const read = async (path, from) => {
        if (texts.has(path))
            return;
        let text;
        try {
            text = await (0,promises_.readFile)((0,external_node_path_.resolve)(cwd, path), 'utf8');
        }
        catch (error) {
            throw new src_errors/* FlowstoreError */.U3('FILE_NOT_FOUND', `the requirements file '${path}' can't be read`, {
                ...from,
                hint: `Looked in ${cwd}.`,
                cause: error
            });
        }
        texts.set(path, text);
        for (const [index, raw] of text.split(/\r?\n/).entries()) {
            const line = raw.trim();
            const name = NAMED_FILE.exec(line)?.groups?.['name'];
            if (name !== undefined && !/^[a-z]+:\/\//.test(name)) {
                const named = external_node_path_.posix.normalize(external_node_path_.posix.join(external_node_path_.posix.dirname(path), name.replaceAll('\\', '/')));
                await read(named, { file: path, line: index + 1 });
            }
            else if (isLocal(line))
                local.push(line);
        }
    };
    const first = file === undefined ? undefined : (0,external_node_path_.relative)(cwd, (0,external_node_path_.resolve)(cwd, file)).replaceAll(external_node_path_.sep, '/');
    if (first !== undefined && isProjectFile(first)) {
        const plain = await plainRequirements(first, cwd, machine ?? thisMachine());
        local.push(...plain.filter(isLocal));
        return { lines, file: undefined, texts, local, exported: { file: first, lines: plain } };
    }
    if (first !== undefined)
        await read(first);
    return { lines, file: first, texts, local };
}
const thisMachine = () => ({
    env: process.env,
    cache: (0,external_node_path_.join)((0,external_node_os_.tmpdir)(), 'flowstore'),
    log: (0,log.silentLog)()
});
/** The options file as messages name it. */
const requirementsName = ({ file, exported }) => exported?.file ?? file;
/**
 * The archives that requirements name by path, or have in a folder to find them in: relative to the
 * working directory. They count as sources whatever an ignore file says.
 */
async function localArchives(cwd, { local, texts }) {
    const found = new Set();
    const folders = ['.', ...[...texts.keys()].map(path => external_node_path_.posix.dirname(path))];
    for (const line of local) {
        const path = line.replace(FIND_LINKS, '').split(/\s/)[0] ?? '';
        for (const folder of folders) {
            const at = external_node_path_.posix.normalize(external_node_path_.posix.join(folder, path));
            if (path.startsWith('/') || at.startsWith('../'))
                continue;
            const stats = await (0,promises_.stat)((0,external_node_path_.resolve)(cwd, at)).catch(() => undefined);
            if (stats?.isFile())
                found.add(at);
            else if (stats?.isDirectory() && FIND_LINKS.test(line)) {
                for (const name of await (0,promises_.readdir)((0,external_node_path_.resolve)(cwd, at))) {
                    if (ARCHIVE.test(name))
                        found.add(external_node_path_.posix.join(at, name));
                }
            }
        }
    }
    return [...found].sort();
}
/** Every requirement line, of whatever file. */
const requirementLines = ({ lines, texts, exported }) => [
    ...lines,
    ...(exported?.lines ?? []),
    ...[...texts.values()].flatMap(text => text.split(/\r?\n/))
];

;// CONCATENATED MODULE: ./src/registry/credentials.ts






const configSchema = schemas/* object */.Ikc({
    auths: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* object */.Ikc({
        auth: schemas/* string */.YjP().optional(),
        username: schemas/* string */.YjP().optional(),
        password: schemas/* string */.YjP().optional(),
        identitytoken: schemas/* string */.YjP().optional()
    }))
        .optional(),
    credsStore: schemas/* string */.YjP().optional(),
    credHelpers: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* string */.YjP()).optional()
});
/** The names under which docker's configuration may know a registry. */
const namesOf = (registry) => [
    ...(registry === 'docker.io'
        ? ['https://index.docker.io/v1/', 'index.docker.io', 'registry-1.docker.io']
        : []),
    registry,
    `https://${registry}`,
    `https://${registry}/`,
    `https://${registry}/v1/`,
    `https://${registry}/v2/`
];
const credentials = (username, password) => username === '<token>' ? { identitytoken: password } : { username, password };
async function askHelper(helper, server, env) {
    const { exitCode, stdout } = await (0,exec/* getExecOutput */.H)(`docker-credential-${helper}`, ['get'], {
        input: Buffer.from(server),
        silent: true,
        ignoreReturnCode: true,
        env
    });
    if (exitCode !== 0)
        return undefined;
    const answer = schemas/* object */.Ikc({ Username: schemas/* string */.YjP(), Secret: schemas/* string */.YjP() })
        .safeParse(JSON.parse(stdout));
    return answer.success ? credentials(answer.data.Username, answer.data.Secret) : undefined;
}
function inConfig(config, name) {
    const entry = config.auths?.[name];
    if (entry === undefined)
        return undefined;
    if (entry.identitytoken)
        return { identitytoken: entry.identitytoken };
    if (entry.username && entry.password)
        return credentials(entry.username, entry.password);
    const pair = Buffer.from(entry.auth ?? '', 'base64').toString('utf8');
    const colon = pair.indexOf(':');
    return colon === -1 ? undefined : credentials(pair.slice(0, colon), pair.slice(colon + 1));
}
/**
 * Credentials as the docker client keeps them: `config.json` in DOCKER_CONFIG (default
 * `~/.docker`), with its credential helpers. The file is read once, when first asked.
 *
 * @param env the variables of the docker client
 */
function dockerCredentials(env) {
    const folder = env['DOCKER_CONFIG'] ?? (0,external_node_path_.join)(env['HOME'] ?? (0,external_node_os_.homedir)(), '.docker');
    const file = (0,external_node_path_.join)(folder, 'config.json');
    const read = async () => {
        let text;
        try {
            text = await (0,promises_.readFile)(file, 'utf8');
        }
        catch (error) {
            if (error.code === 'ENOENT')
                return {};
            throw error;
        }
        try {
            return configSchema.parse(JSON.parse(text));
        }
        catch (error) {
            throw new src_errors/* FlowstoreError */.U3('REGISTRY', `docker's configuration ${file} is not valid`, {
                hint: 'Log in again with docker login.',
                cause: error
            });
        }
    };
    let reading;
    const helperEnv = Object.fromEntries(Object.entries(env).filter((entry) => entry[1] !== undefined));
    return async (registry) => {
        const config = await (reading ??= read());
        for (const name of namesOf(registry)) {
            const helper = config.credHelpers?.[name];
            const found = (helper && (await askHelper(helper, name, helperEnv))) || inConfig(config, name);
            if (found)
                return found;
        }
        const [server = registry] = namesOf(registry);
        return config.credsStore ? askHelper(config.credsStore, server, helperEnv) : undefined;
    };
}

;// CONCATENATED MODULE: ./src/storage/storage.ts


/** Where flows are kept: Prefect's `Storage` with the names of TypeScript. */
class Storage {
    /** What the storage's Prefect release does. */
    rules;
    locations = new Map();
    handles = new Map();
    constructor(options = {}) {
        this.rules = rulesFor(options.release ?? NEWEST_PREFECT);
    }
    /** Flow name to location, in the order in which flows were added. */
    get flows() {
        return this.locations;
    }
    /** The flows that were added, by name. */
    get added() {
        return this.handles;
    }
    /** Whether this storage's Prefect release has a class for it and can read its JSON. */
    get readable() {
        return this.rules.types.includes(this.kind);
    }
    /** Whether a flow of that name is in the storage; false for anything that is not a name. */
    has(name) {
        return typeof name === 'string' && this.locations.has(name);
    }
    /**
     * Adds a flow.
     *
     * @returns its location
     * @throws FlowstoreError NAME_CONFLICT (in Prefect's words) for a name that is there already,
     * LOCATION_CONFLICT where two names end at one location (Prefect lets them share the file),
     * UNSUPPORTED_PREFECT for a flow that another Prefect made
     */
    addFlow(flow) {
        const at = { file: flow.module, line: flow.line };
        if (this.locations.has(flow.name)) {
            throw new src_errors/* FlowstoreError */.U3('NAME_CONFLICT', `Name conflict: Flow with the name "${flow.name}" is already present in this storage.`, at);
        }
        if (flow.versions.prefect !== this.rules.release) {
            throw new src_errors/* FlowstoreError */.U3('UNSUPPORTED_PREFECT', `Flow "${flow.name}" was made by Prefect ${flow.versions.prefect}; this storage is of Prefect ${this.rules.release}`, at);
        }
        const location = this.locationOf(flow);
        for (const [name, taken] of this.locations) {
            if (taken === location) {
                throw new src_errors/* FlowstoreError */.U3('LOCATION_CONFLICT', `the flows "${name}" and "${flow.name}" have one location: ${location}`, { ...at, hint: 'Prefect derives the location from the name: rename one of them.' });
            }
        }
        this.store(flow, location);
        this.locations.set(flow.name, location);
        this.handles.set(flow.name, flow);
        return location;
    }
    /**
     * The flow of a location (before Prefect 0.14.4) or of a name (since).
     *
     * @throws FlowstoreError FLOW_NOT_CONTAINED
     */
    getFlow(locationOrName) {
        for (const [name, location] of this.locations) {
            const flow = this.handles.get(name);
            if (flow && locationOrName === (this.rules.getFlowByName ? name : location))
                return flow;
        }
        throw new src_errors/* FlowstoreError */.U3('FLOW_NOT_CONTAINED', 'Flow is not contained in this Storage');
    }
    /** @throws FlowstoreError NOT_SUPPORTED, as Prefect's storages without an image raise NotImplementedError */
    getEnvRunner(location) {
        throw new src_errors/* FlowstoreError */.U3('NOT_SUPPORTED', `${this.name} storage has no environment to run '${location}' in`);
    }
    /** Makes the storage ready for use; those without an image are ready as they are. */
    build() {
        return Promise.resolve(this);
    }
    /** The storage as Prefect's `StorageSchema` of its release dumps it. */
    serialize() {
        const values = this.fields();
        const known = this.rules.fields[this.kind];
        return {
            ...Object.fromEntries(known.map(field => [field, values[field] ?? null])),
            __version__: this.rules.release,
            type: this.type()
        };
    }
    /** `type` in the JSON. */
    type() {
        return this.name;
    }
    /** Every value that some release's JSON has. */
    fields() {
        return {
            flows: Object.fromEntries(this.locations),
            secrets: [],
            path: null,
            stored_as_script: false
        };
    }
    /** Keeps a flow's bytes where the storage keeps them. */
    store(flow, location) {
        void flow;
        void location;
    }
}
/** Prefect's `Memory`: the flow lives as long as the storage; its JSON names no flow. */
class Memory extends Storage {
    kind = 'memory';
    name = 'Memory';
    locationOf(flow) {
        return flow.name;
    }
}
/** Prefect's `Bytes`: each flow's raw cloudpickle, in base64 inside the JSON. */
class Bytes extends Storage {
    kind = 'bytes';
    name = 'Bytes';
    locationOf(flow) {
        return flow.name;
    }
    fields() {
        const flows = [...this.added].map(([name, flow]) => [name, flow.bytes.toString('base64')]);
        return { ...super.fields(), flows: Object.fromEntries(flows) };
    }
}

;// CONCATENATED MODULE: ./src/storage/docker.ts



function join(registry, name, how) {
    if (name.startsWith('/') || registry === '')
        return name;
    if (how === 'os.path')
        return registry.endsWith('/') ? registry + name : `${registry}/${name}`;
    return external_node_path_.posix.join(registry, name);
}
/**
 * What Prefect's `Docker` storage is without a daemon: name, locations in the image, JSON.
 */
class DockerStorage extends Storage {
    kind = 'docker';
    registryUrl;
    /** Set by a build where it was not given. */
    imageName;
    /** Set by a build where it was not given. */
    imageTag;
    prefectVersion;
    constructor(options = {}) {
        super(options);
        this.registryUrl = options.registryUrl;
        this.imageName = options.imageName;
        this.imageTag = options.imageTag;
        const { release } = this.rules;
        this.prefectVersion = options.prefectVersion ?? (release.includes('+') ? 'master' : release);
    }
    /** Registry and name of the image, without its tag. */
    get repository() {
        if (!this.imageName)
            throw this.unnamed();
        return join(this.registryUrl ?? '', this.imageName, this.rules.nameJoin);
    }
    /**
     * `registry/name:tag`.
     *
     * @throws FlowstoreError STORAGE_INVALID in Prefect's words while a part is missing; before 0.6.5
     * the registry is such a part
     */
    get name() {
        const needsRegistry = this.rules.nameNeedsRegistry && this.registryUrl === undefined;
        if (!this.imageName || !this.imageTag || needsRegistry)
            throw this.unnamed();
        return `${this.repository}:${this.imageTag}`;
    }
    type() {
        return 'Docker';
    }
    fields() {
        return {
            ...super.fields(),
            registry_url: this.registryUrl,
            image_name: this.imageName,
            image_tag: this.imageTag,
            prefect_version: this.prefectVersion
        };
    }
    locationOf(flow) {
        return `${this.rules.dockerFolder}/${flow.slug}.prefect`;
    }
    unnamed() {
        return new src_errors/* FlowstoreError */.U3('STORAGE_INVALID', this.rules.nameMissing);
    }
}

;// CONCATENATED MODULE: ./src/storage/file.ts
/**
 * A flow's file as its Prefect release writes it: the raw cloudpickle, from 0.14.3 a JSON envelope
 * (`flow` in base64, `versions` of cloudpickle, prefect and python).
 */
function flowFile(flow, rules) {
    if (rules.format === 'raw')
        return flow.bytes;
    const { cloudpickle, prefect, python } = flow.versions;
    const text = (value) => JSON.stringify(value);
    // Prefect writes it with json.dumps, which puts a space behind each comma and colon.
    return Buffer.from(`{"flow": "${flow.bytes.toString('base64')}", "versions": {"cloudpickle": ${text(cloudpickle)}, "prefect": ${text(prefect)}, "python": ${text(python)}}}`);
}

;// CONCATENATED MODULE: ./src/image/dockerfile.ts
/** A value between double quotes, as `ENV` and `LABEL` read it. */
const dockerfile_quoted = (value) => `"${value.replace(/[\\"$]/g, '\\$&')}"`;
/** `ENV` with each variable on a line of its own. */
const envInstruction = (variables) => `ENV ${Object.entries(variables)
    .map(([name, value]) => `${name}=${dockerfile_quoted(value)}`)
    .join(' \\\n    ')}`;
/** `COPY` in its JSON form, which any path can stand in. */
const copyInstruction = (source, destination) => `COPY ${JSON.stringify([source, destination])}`;
/** Instructions as the text of a Dockerfile. */
const dockerfileText = (instructions) => `${instructions.join('\n')}\n`;

;// CONCATENATED MODULE: ./src/image/build.ts



/** A build that failed: which step, and what was printed until then. */
class BuildFailure extends Error {
    lines;
    constructor(message, lines, options) {
        super(message, options);
        this.lines = lines;
    }
}
/**
 * Builds an image with BuildKit (Docker Engine API, "Build an image", version 2); the context is
 * streamed to the daemon.
 *
 * @returns the image's id
 * @throws BuildFailure when a step fails, FlowstoreError IMAGE_BUILD when there is no image at the end
 */
async function buildImage({ docker }, { dockerfile, context, labels, tag }, log) {
    const tar = packTar([{ path: 'Dockerfile', content: dockerfile }, ...context]);
    const lines = [];
    let id;
    try {
        const stream = await docker.buildImage(tar, {
            version: '2',
            dockerfile: 'Dockerfile',
            ...(tag === undefined ? {} : { t: tag }),
            ...(labels === undefined ? {} : { labels: { ...labels } })
        });
        await followProgress(docker, stream, event => {
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
        throw new BuildFailure(daemonWords(error), lines, { cause: error });
    }
    // A daemon without BuildKit's ids, or one that lost the image: never go on with nothing.
    if (id === undefined) {
        throw new src_errors/* FlowstoreError */.U3('IMAGE_BUILD', 'the build ended without an image', {
            detail: lines.slice(-20).join('\n') || undefined
        });
    }
    return id;
}

;// CONCATENATED MODULE: ./src/image/files.ts




/**
 * Turns the option `files` into instructions and a build context. Folders go with all that is in
 * them; links stay links; of the mode the executable bit counts.
 *
 * @param cwd the folder that sources are relative to
 */
async function copiedFiles(cwd, files) {
    const instructions = [];
    const context = [];
    const contents = [];
    const add = async (path, at, follow) => {
        const facts = await (follow ? (0,promises_.stat)(path) : (0,promises_.lstat)(path));
        if (facts.isSymbolicLink()) {
            const link = await (0,promises_.readlink)(path);
            context.push({ path: at, link });
            contents.push([at, 'link', link]);
        }
        else if (facts.isDirectory()) {
            context.push({ path: at, folder: true });
            contents.push([at, 'folder']);
            for (const name of (await (0,promises_.readdir)(path)).sort()) {
                await add((0,external_node_path_.join)(path, name), `${at}/${name}`, false);
            }
        }
        else {
            const executable = (facts.mode & 0o100) !== 0;
            context.push({ path: at, source: path, size: facts.size, mode: executable ? 0o755 : 0o644 });
            contents.push([at, executable, await sha256File(path)]);
        }
    };
    for (const [index, { source, destination }] of files.entries()) {
        const path = (0,external_node_path_.resolve)(cwd, source);
        const folder = (await (0,promises_.stat)(path)).isDirectory();
        const at = `files/${index}${folder ? '' : `/${(0,external_node_path_.basename)(path)}`}`;
        await add(path, at, true);
        instructions.push(copyInstruction(folder ? `${at}/` : at, folder ? `${destination}/` : destination));
    }
    return { instructions, context, contents };
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
    const prefect = prefectVersion ?? pinnedPrefect(requirementLines(requirements)) ?? base.versions.prefect;
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
        sourceEntries(sources, CONTEXT).forEach(put);
    for (const [path, content] of [...texts, ...runs.flatMap(run => [...run.texts])]) {
        put({ path: `${CONTEXT}/${path}`, content });
    }
    return [...entries.values()];
}
const INSTALL_GIT = [
    'RUN command -v git',
    '(apt-get update && apt-get install -y --no-install-recommends git ca-certificates && rm -rf /var/lib/apt/lists/*)',
    'apk add --no-cache git'
].join(' || ');
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
    const requirements = withoutEditable(spec.requirements);
    const { python, pip } = base.versions;
    const prefect = prefectOf(spec);
    const rules = rulesFor(isRelease(prefect) ? prefect : NEWEST_PREFECT);
    const has = base.versions.prefect === prefect;
    const wanted = prefectRequirements(prefect);
    const anything = !has ||
        requirements.lines.length > 0 ||
        requirementLines(requirements).some(line => line.trim());
    const minor = python.split('.').slice(0, 2).join('.');
    if (!has && isRelease(prefect) && !rules.pythons.includes(minor)) {
        log.notice({
            level: 'warning',
            message: `Prefect ${prefect} is known to run on Python ${rules.pythons.join(', ')}; the base image ${base.reference} has ${python}`
        });
    }
    const instructions = [];
    const context = [];
    const path = base.env['PYTHONPATH'];
    const variables = {
        PREFECT__USER_CONFIG_PATH: `${rules.home}/config.toml`,
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
        const editable = spec.requirements.local.find(isEditable);
        if (editable !== undefined) {
            log.notice({
                level: 'notice',
                message: `'${editable}' goes into the image as a normal install: there is no work tree there`
            });
        }
        // What the image has of Prefect stays; pins hold for it all the same.
        const runs = pipRuns(requirements, { prefect, lines: wanted, present: has }, file => file);
        context.push(...requirementEntries(requirements, spec.sources, runs));
        const upgrade = pipUpgrade(python, pip);
        const install = `${base.python} -m pip install --disable-pip-version-check --no-input`;
        const fromGit = requirementLines(requirements).some(line => /^[^#]*\bgit\+/.test(line));
        if (!isRelease(prefect) || fromGit)
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
    const files = await copiedFiles(spec.sources.root, spec.files);
    instructions.push(...files.instructions);
    context.push(...files.context);
    if (!isRoot(base.user))
        instructions.push(`USER ${base.user}`);
    const key = sha256Json([
        base.digest,
        base.from.split('@')[1] ?? base.from,
        instructions,
        context.flatMap(entry => ('content' in entry ? [[entry.path, String(entry.content)]] : [])),
        files.contents,
        requirements.local.length > 0 ? await sourcesHash(spec.sources) : null
    ]).slice(0, 20);
    return { key, prefect, instructions, context, base };
}
/** Output of pip and the like, without the step's own line. */
const reason = (failure) => pipReason(failure.lines.join('\n'));
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
    if (known?.Config.Labels?.[KEY_LABEL] === plan.key) {
        log.info(`Environment ${plan.key}: the daemon has it`);
        return { ...plan, image };
    }
    log.info(`Environment ${plan.key}: building it on ${plan.base.reference}, with Prefect ${plan.prefect}`);
    try {
        await buildImage(daemon, {
            dockerfile: dockerfileText([`FROM ${plan.base.from}`, ...plan.instructions]),
            context: plan.context,
            labels: { [KEY_LABEL]: plan.key },
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
            labels: { ...labels, [KEY_LABEL]: labels[KEY_LABEL] ?? '' }
        }, log);
    }
    catch (error) {
        if (!(error instanceof BuildFailure))
            throw error;
        throw new src_errors/* FlowstoreError */.U3('IMAGE_BUILD', `the image can't be built: ${error.message}`, {
            detail: error.lines.slice(-20).join('\n') || undefined,
            cause: error
        });
    }
}

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
        await followProgress(docker, stream, event => {
            pushed = event.aux?.Digest ?? pushed;
        });
    }
    catch (error) {
        const refusal = await askForRefusal(reference, credentials);
        if (refusal)
            throw refused(reference, refusal, error);
        throw new src_errors/* FlowstoreError */.U3('PUSH_REFUSED', `the push of ${reference} failed: ${daemonWords(error)}`, {
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
        throw new src_errors/* FlowstoreError */.U3('REGISTRY', `${registry} does not tell the digest of ${reference}: ${daemonWords(error)}`, { cause: error });
    }
    if (pushed !== undefined && pushed !== digest) {
        throw new src_errors/* FlowstoreError */.U3('REGISTRY', `${reference} names ${digest}, not the ${pushed} that was pushed`, { hint: 'Another push to the same tag came between: let one job at a time push a tag.' });
    }
    return digest;
}

;// CONCATENATED MODULE: ./src/image/docker.ts






















/**
 * Prefect's `Docker` storage: an image with Prefect, dependencies and files, and the flows on top of
 * them at the locations of the Prefect release.
 */
class Docker extends DockerStorage {
    baseImage;
    pythonDependencies;
    envVars;
    files;
    baseUrl;
    localImage;
    options;
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
            options.baseImage ?? defaultBaseImage(this.prefectVersion, undefined, this.rules.release);
        this.pythonDependencies = options.pythonDependencies ?? [];
        this.envVars = options.envVars ?? {};
        this.files = options.files ?? {};
        this.baseUrl = options.baseUrl;
        this.localImage = options.localImage ?? false;
        this.options = options;
        this.env = collaborators.env ?? {};
        this.log = collaborators.log ?? (0,log.silentLog)();
        this.credentials = dockerCredentials(this.env);
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
        return (this.basing ??= this.connect().then(daemon => baseImage(daemon, this.baseImage, this.localImage, this.credentials, this.log)));
    }
    /**
     * Writes the Dockerfile and its build context into a folder: `docker build FOLDER` gives the image.
     *
     * @returns path of the Dockerfile
     */
    async createDockerfile(directory) {
        const { base, instructions, context } = await this.environment();
        const layer = flowInstructions(this.layer());
        const path = (0,external_node_path_.join)(directory, 'Dockerfile');
        await (0,promises_.mkdir)(directory, { recursive: true });
        await (0,external_node_stream_promises_.pipeline)(packTar([...context, ...layer.context]), extractTar(directory));
        await (0,promises_.writeFile)(path, dockerfileText([`FROM ${base.from}`, ...instructions, ...layer.instructions]));
        return path;
    }
    /** The Dockerfile of the whole image, as one text. */
    async dockerfile() {
        const { base, instructions } = await this.environment();
        return dockerfileText([
            `FROM ${base.from}`,
            ...instructions,
            ...flowInstructions(this.layer()).instructions
        ]);
    }
    /**
     * Builds the image, reads each flow back in a container of it, tags it and pushes it.
     *
     * @throws FlowstoreError STORAGE_INVALID for a push without a registry, and all that building,
     * checking and pushing can throw; a failed healthcheck leaves no image
     */
    async buildImage(push = true, check = true) {
        if (push && this.registryUrl === undefined) {
            throw new src_errors/* FlowstoreError */.U3('STORAGE_INVALID', 'This Docker storage object has no `registry_url`, and cannot be pushed.');
        }
        const daemon = await this.connect();
        const environment = await this.environment();
        const flows = [...this.added.values()];
        this.nameImage(environment);
        const id = await this.log.phase('build', () => flowImage(daemon, environment, this.layer(), { [KEY_LABEL]: this.options.key ?? this.imageTag ?? '' }, this.log));
        try {
            if (check) {
                await this.log.phase('healthcheck', () => healthcheck(containerPython(daemon.docker, id), flows, flow => ({
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
        if (push)
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
        return (this.connecting ??= connectDocker(this.baseUrl, this.env));
    }
    environment() {
        return (this.preparing ??= this.makeEnvironment());
    }
    async makeEnvironment() {
        const { pythonDependencies, envVars, files } = this;
        const cwd = process.cwd();
        const requirements = await readRequirements(cwd, pythonDependencies, undefined);
        const plan = await planEnvironment({
            base: await this.pullImage(),
            prefectVersion: this.options.prefectVersion ?? this.rules.release,
            requirements,
            envVars,
            files: Object.entries(files).map(([source, destination]) => ({ source, destination })),
            sources: requirements.local.length > 0 ? await listSources(cwd) : { root: cwd, files: [], size: 0 }
        }, this.log);
        return environmentImage(await this.connect(), plan, this.log);
    }
    layer() {
        return {
            flows: new Map([...this.added].map(([name, flow]) => [
                this.flows.get(name) ?? '',
                flowFile(flow, this.rules)
            ])),
            modules: this.options.modules ?? []
        };
    }
    /** Prefect names an image that has no name by UUIDs; the same content gets the same name here. */
    nameImage({ key }) {
        const flows = [...this.added.values()];
        const [first] = flows;
        this.imageName ??= (0,util_reference/* toRepository */.y4)(flows.length === 1 && first ? first.slug : (0,external_node_path_.basename)(process.cwd()));
        this.imageTag ??= sha256Json([key, flows.map(flow => [flow.name, sha256(flow.bytes)])]).slice(0, 20);
    }
}

;// CONCATENATED MODULE: ./src/load/interpreter.ts






async function readFolder(folder, prefix = '') {
    const files = new Map();
    for (const entry of await (0,promises_.readdir)((0,external_node_path_.join)(folder, prefix), { withFileTypes: true })) {
        const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
        if (entry.isDirectory())
            for (const [name, bytes] of await readFolder(folder, path))
                files.set(name, bytes);
        else
            files.set(path, await (0,promises_.readFile)((0,external_node_path_.join)(folder, path)));
    }
    return files;
}
/**
 * Python in an interpreter on this machine, on the work tree as it stands, with the runner's
 * credentials taken out of its environment. Unlike a container it is not cut off from the network.
 */
function interpreterPython(options) {
    const { python, sources } = options;
    const run = async (request, files = new Map()) => {
        const folder = await (0,promises_.mkdtemp)((0,external_node_path_.join)((0,external_node_os_.tmpdir)(), 'flowstore-'));
        try {
            for (const name of ['home', 'out', 'flows'])
                await (0,promises_.mkdir)((0,external_node_path_.join)(folder, name));
            for (const [name, content] of files)
                await (0,promises_.writeFile)((0,external_node_path_.join)(folder, 'flows', name), content);
            const requestFile = (0,external_node_path_.join)(folder, 'request.json');
            await (0,promises_.writeFile)(requestFile, request(folder));
            const { exitCode, stdout, stderr } = await (0,exec/* getExecOutput */.H)(`"${python}"`, [LOADER_FILE, requestFile], {
                silent: true,
                ignoreReturnCode: true,
                cwd: folder,
                env: moduleEnvironment(options.env, options.envVars, (0,external_node_path_.join)(folder, 'home'))
            });
            return { exitCode, log: stdout + stderr, files: await readFolder((0,external_node_path_.join)(folder, 'out')) };
        }
        finally {
            await (0,promises_.rm)(folder, { recursive: true, force: true });
        }
    };
    return {
        description: python,
        probe: async () => probeResult(await run(folder => requestJson({ action: 'probe', output: (0,external_node_path_.join)(folder, 'out') })), python),
        load: async (request) => loadResult(await run(folder => requestJson({
            ...request,
            action: 'load',
            root: sources.root,
            output: (0,external_node_path_.join)(folder, 'out')
        })), python),
        check: async (flows) => checkResult(await run(folder => requestJson({
            action: 'check',
            flows: flows.map((flow, index) => ({
                name: flow.name,
                path: 'path' in flow ? flow.path : (0,external_node_path_.join)(folder, 'flows', String(index))
            })),
            output: (0,external_node_path_.join)(folder, 'out')
        }), new Map(flows.flatMap((flow, index) => 'content' in flow ? [[String(index), flow.content]] : []))), python)
    };
}

;// CONCATENATED MODULE: ./src/load/environment.ts










/**
 * An interpreter with Prefect and the flows' dependencies: the one found, where it has what is asked
 * for, else a virtual environment made from it and kept in the cache under the hash of what went in.
 *
 * @returns path of the interpreter
 * @throws FlowstoreError PYTHON_NOT_FOUND, PREFECT_NOT_FOUND, DEPENDENCY_INSTALL, UNSUPPORTED_PREFECT
 */
async function loadingPython(options, log) {
    const { cwd, env, requirements, sources } = options;
    const lines = requirementLines(requirements);
    const pinned = pinnedPrefect(lines);
    const wanted = options.prefectVersion ?? pinned;
    const suitable = wanted !== undefined && isRelease(wanted) ? rulesFor(wanted).pythons : undefined;
    const found = await findPython(options.python, suitable, env, cwd);
    const { versions } = await interpreterPython({
        python: found.path,
        sources,
        env,
        envVars: {}
    }).probe();
    const needsNothing = lines.every(line => line.trim() === '');
    if (versions.prefect !== null &&
        needsNothing &&
        (wanted ?? versions.prefect) === versions.prefect) {
        log.info(`Python ${versions.python} with Prefect ${versions.prefect}: ${found.path}`);
        return found.path;
    }
    const prefect = wanted ?? versions.prefect;
    if (prefect === null) {
        throw new src_errors/* FlowstoreError */.U3('PREFECT_NOT_FOUND', `${found.path} has no Prefect, and no version is asked for`, {
            hint: 'Set prefect-version, or pin prefect in python-dependencies or the requirements file.'
        });
    }
    const runs = pipRuns(requirements, { prefect, lines: prefectRequirements(prefect), present: false }, file => (0,external_node_path_.resolve)(cwd, file).replaceAll(external_node_path_.sep, '/'));
    const key = sha256Json([
        found.path,
        versions.python,
        runs.map(({ args, texts }) => [args, [...texts]]),
        [...requirements.texts],
        requirements.local.length > 0 ? [cwd, await sourcesHash(sources)] : null
    ]).slice(0, 20);
    const folder = (0,external_node_path_.join)(options.cache, `python-${key}`);
    const python = programOf(folder, 'python');
    if (isKept(folder)) {
        log.info(`Python ${versions.python} with Prefect ${prefect}: kept environment ${key}`);
        return python;
    }
    const name = requirementsName(requirements);
    log.info(`Installing ${[...prefectRequirements(prefect), ...requirements.lines].join(' ')}${name === undefined ? '' : ` and ${name}`}`);
    await keepVirtualEnvironment({ folder, base: { path: found.path, version: versions.python }, runs, cwd, env }, detail => new src_errors/* FlowstoreError */.U3('DEPENDENCY_INSTALL', `the flows' dependencies can't be installed for Python ${versions.python}`, { detail, file: name }), log);
    return python;
}

;// CONCATENATED MODULE: ./src/load/flows.ts


function read({ result, pickles, log }) {
    (0,src_errors/* throwAll */.Kx)(result.problems.map(({ code, message, file, line, detail, hint }) => new src_errors/* FlowstoreError */.U3(code, message, {
        file: file ?? undefined,
        line: line ?? undefined,
        detail: detail ?? undefined,
        hint: hint ?? undefined
    })));
    const { versions, helpers } = result;
    if (versions === null)
        throw new src_errors/* FlowstoreError */.U3('LOAD_FAILED', 'the loader gave no versions');
    const flows = result.flows.map(({ file, ...flow }) => {
        const bytes = pickles.get(file);
        if (bytes === undefined) {
            throw new src_errors/* FlowstoreError */.U3('LOAD_FAILED', `the pickle of flow "${flow.name}" is missing`);
        }
        return { ...flow, bytes, versions };
    });
    return { flows, versions, helpers, log };
}
/**
 * Imports modules where Python runs, and serializes every flow that they bind.
 *
 * @param helpers how modules of the repository travel: beside the pickles, or inside them
 * @throws FlowstoreErrors with every problem of every module; FLOW_NOT_FOUND where there is no flow
 */
async function loadFlows(place, modules, helpers) {
    const loaded = read(await place.load({ modules, helpers, pickleProtocols: PICKLE_PROTOCOLS }));
    if (loaded.flows.length === 0) {
        throw new src_errors/* FlowstoreError */.U3('FLOW_NOT_FOUND', `no flow in ${modules.map(module => module.file).join(', ')}`, { hint: 'A flow is a prefect.Flow bound at module level, also in a list or dict there.' });
    }
    return loaded;
}

// EXTERNAL MODULE: ./src/report.ts
var src_report = __webpack_require__(70665);
;// CONCATENATED MODULE: ./src/storage/local.ts






/**
 * Prefect's `LocalStorage` (`Local` from 0.6.0): each flow a file on this machine, written when it is added.
 */
class LocalStorage extends Storage {
    kind = 'local';
    directory;
    now;
    written = [];
    constructor(options = {}) {
        super(options);
        const directory = options.directory ?? '~/.prefect/flows';
        this.directory = (0,external_node_path_.resolve)(directory.replace(/^~(?=$|[/\\])/, (0,external_node_os_.homedir)()));
        this.now = options.now ?? (() => new Date());
        this.make(this.directory);
    }
    get name() {
        return this.rules.localType;
    }
    /** Takes back every file that this storage wrote. */
    removeFiles() {
        for (const file of this.written.splice(0))
            (0,external_node_fs_.rmSync)(file, { force: true });
    }
    locationOf(flow) {
        if (!this.rules.localTimestamps)
            return (0,external_node_path_.join)(this.directory, `${flow.slug}.prefect`);
        // `slugify(pendulum.now('utc').isoformat())`: microseconds, which JavaScript's clock lacks.
        const stamp = this.now()
            .toISOString()
            .replace(/Z$/, '000-00-00')
            .toLowerCase()
            .replace(/[^a-z0-9]+/g, '-');
        return (0,external_node_path_.join)(this.directory, flow.slug, stamp);
    }
    fields() {
        return { ...super.fields(), directory: this.directory };
    }
    store(flow, location) {
        const draft = `${location}.tmp`;
        try {
            this.make((0,external_node_path_.dirname)(location));
            (0,external_node_fs_.writeFileSync)(draft, flowFile(flow, this.rules));
            (0,external_node_fs_.renameSync)(draft, location);
            this.written.push(location);
        }
        catch (error) {
            if (error instanceof src_errors/* FlowstoreError */.U3)
                throw error;
            if ((0,external_node_fs_.existsSync)(draft))
                (0,external_node_fs_.rmSync)(draft);
            throw new src_errors/* FlowstoreError */.U3('WRITE_FAILED', `can't write flow "${flow.name}" to ${location}: ${error.message}`, { file: flow.module, line: flow.line, cause: error });
        }
    }
    make(folder) {
        try {
            (0,external_node_fs_.mkdirSync)(folder, { recursive: true });
        }
        catch (error) {
            throw new src_errors/* FlowstoreError */.U3('WRITE_FAILED', `can't make the folder ${folder}: ${error.message}`, { hint: 'Say another with directory.', cause: error });
        }
    }
}

// EXTERNAL MODULE: ./src/util/format.ts
var format = __webpack_require__(32693);
// EXTERNAL MODULE: ./src/version.ts
var version = __webpack_require__(311);
;// CONCATENATED MODULE: ./src/pipeline.ts



























/** Sources above this are worth a look: each load copies or reads them. */
const BIG_SOURCES = 100 * 1024 * 1024;
async function discover(options, surroundings, log) {
    const { cwd } = surroundings;
    const output = (0,external_node_path_.relative)(cwd, (0,external_node_path_.resolve)(cwd, options.outputDirectory)).replaceAll(external_node_path_.sep, '/');
    const named = await namedFiles(cwd, options.flows);
    const sources = await listSources(cwd, [output], named);
    const modules = await discoverModules(sources, options.flows);
    log.info(`${modules.length} ${modules.length === 1 ? 'module' : 'modules'} to look for flows in; the repository has ${sources.files.length} files, ${(0,format/* humanSize */.X)(sources.size)}`);
    if (sources.size > BIG_SOURCES) {
        const largest = largestFiles(sources, 3).map(file => `${file.path} (${(0,format/* humanSize */.X)(file.size)})`);
        log.notice({
            level: 'notice',
            message: `the sources are big, ${(0,format/* humanSize */.X)(sources.size)}: ${largest.join(', ')}; .dockerignore leaves files out`
        });
    }
    const requirements = await readRequirements(cwd, options.pythonDependencies, options.requirementsFile, { env: surroundings.env, cache: surroundings.cache, log });
    const archives = await localArchives(cwd, requirements);
    return {
        options,
        surroundings,
        log,
        sources: archives.length === 0 ? sources : await listSources(cwd, [output], [...named, ...archives]),
        modules,
        requirements
    };
}
/** The image's name below its registry. */
const imageName = ({ options, surroundings: { cwd, env } }) => options.imageName ?? (0,util_reference/* toRepository */.y4)((0,external_node_path_.basename)(env['GITHUB_REPOSITORY'] ?? cwd));
/** Has the environment image in the daemon; what would fail later for sure fails here first. */
async function imageEnvironment(run, credentials) {
    const { options, surroundings, log, sources, requirements } = run;
    const version = options.prefectVersion ?? pinnedPrefect(requirementLines(requirements));
    if (options.baseImage === undefined && version === undefined) {
        throw new src_errors/* FlowstoreError */.U3('MISSING_OPTION', "the option 'prefect-version' is required: no Prefect is pinned, and no base-image is given", {
            hint: 'Set prefect-version, pin prefect in python-dependencies or the requirements file, or say a base-image that has Prefect.'
        });
    }
    const daemon = await connectDocker(options.baseUrl, surroundings.env);
    if (options.storage === 'docker' && options.push && options.registryUrl !== undefined) {
        await checkPushAccess(`${options.registryUrl}/${imageName(run)}`, credentials);
    }
    const reference = options.baseImage ?? defaultBaseImage(version ?? '', options.python);
    const base = await baseImage(daemon, reference, options.localImage, credentials, log);
    const plan = await planEnvironment({
        base,
        prefectVersion: options.prefectVersion,
        requirements,
        envVars: options.envVars,
        files: options.files,
        sources
    }, log);
    return { daemon, environment: await environmentImage(daemon, plan, log) };
}
/** Python on this machine; for an image one that is like the image's. */
async function runnerPython(run, image) {
    const { options, surroundings, log, sources, requirements } = run;
    const { cwd, env, cache } = surroundings;
    const imagePython = image?.environment.base.versions.python.split('.').slice(0, 2).join('.');
    const python = await loadingPython({
        python: options.python ?? imagePython,
        prefectVersion: image?.environment.prefect ?? options.prefectVersion,
        requirements,
        sources,
        cwd,
        env,
        cache
    }, log);
    return interpreterPython({ python, sources, env, envVars: options.envVars });
}
/** A flow loads in the image only where what made it is what reads it. */
function requireSame(made, image) {
    const minor = (version) => version.split('.').slice(0, 2).join('.');
    const differs = [
        ['Python', minor(made.python), minor(image.python)],
        ['Prefect', made.prefect, image.prefect],
        ['cloudpickle', made.cloudpickle, image.cloudpickle]
    ].filter(([, one, other]) => one !== other);
    if (differs.length === 0)
        return;
    throw new src_errors/* FlowstoreError */.U3('VERSION_MISMATCH', `the runner and the image differ: ${differs.map(([what, one, other]) => `${what} ${one} and ${other}`).join(', ')}`, {
        hint: "Load the flows in the image (load-in: image), or choose an interpreter like the image's with python."
    });
}
/** Identifies an image by all that a load can see and all that loads. */
const imageKey = async (run, environment) => sha256Json([
    environment.key,
    await sourcesHash(run.sources),
    run.modules,
    run.options.loadIn,
    version/* VERSION */.x,
    await sha256File(LOADER_FILE)
]).slice(0, 20);
/**
 * A helper module as the declared sources have it, links followed within them. A load runs somebody's
 * code, which could name any file of the runner.
 */
async function pipeline_moduleFile({ root, files }, { file, path }) {
    const source = await (0,promises_.realpath)((0,external_node_path_.join)(root, file)).catch(() => undefined);
    const declared = source === undefined ? undefined : (0,external_node_path_.relative)(await (0,promises_.realpath)(root), source).replaceAll(external_node_path_.sep, '/');
    const found = files.find(entry => entry.path === declared && entry.link === undefined);
    if (source === undefined || found === undefined) {
        throw new src_errors/* FlowstoreError */.U3('LOAD_FAILED', `the load wants '${file}' in the image, which is no file of the declared sources`);
    }
    return { source, path, size: found.size };
}
/** The image, its flows at their locations, checked and pushed. */
async function storeInImage(run, { daemon, environment }, loaded) {
    const { options, surroundings, log, sources } = run;
    const key = await imageKey(run, environment);
    const storage = new Docker({
        release: loaded.versions.prefect,
        registryUrl: options.registryUrl,
        imageName: imageName(run),
        imageTag: options.imageTag ?? key,
        prefectVersion: options.prefectVersion,
        key,
        modules: await Promise.all(loaded.helpers.map(helper => pipeline_moduleFile(sources, helper)))
    }, { env: surroundings.env, log, daemon, environment });
    for (const flow of loaded.flows)
        storage.addFlow(flow);
    const taken = options.files.find(({ destination }) => [...storage.flows.values()].includes(destination));
    if (taken) {
        throw new src_errors/* FlowstoreError */.U3('FILE_DESTINATION', `'${taken.source}' in files would lie where a flow does: ${taken.destination}`);
    }
    return storage.build({ push: options.push, healthcheck: options.healthcheck });
}
function embeddedStorage(options, cwd, release) {
    switch (options.storage) {
        case 'local':
            return new LocalStorage({
                release,
                directory: options.directory?.startsWith('~')
                    ? options.directory
                    : options.directory && (0,external_node_path_.resolve)(cwd, options.directory)
            });
        case 'memory':
            return new Memory({ release });
        case 'bytes':
            return new Bytes({ release });
        case 'docker':
            throw new Error('docker storage is not an embedded one');
    }
}
/** A storage without an image, its flows checked where they were loaded. */
async function storeEmbedded(run, place, loaded) {
    const { options, surroundings, log } = run;
    const { prefect } = loaded.versions;
    const storage = embeddedStorage(options, surroundings.cwd, prefect);
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
            if (storage instanceof LocalStorage)
                storage.removeFiles();
            throw error;
        }
    });
    return storage;
}
/** A flow as its storage keeps it. */
const storedBytes = (flow, storage) => storage.kind === 'local' || storage.kind === 'docker' ? flowFile(flow, storage.rules) : flow.bytes;
function reportOf(run, storage, loaded) {
    const { options, surroundings, log } = run;
    const image = storage instanceof Docker ? storage : undefined;
    return {
        outputs: {
            storage: JSON.stringify(storage.serialize()),
            'storage-path': (0,external_node_path_.join)((0,external_node_path_.resolve)(surroundings.cwd, options.outputDirectory), 'storage.json'),
            flows: JSON.stringify(Object.fromEntries(storage.flows)),
            image: image ? `${image.repository}:${image.imageTag ?? ''}` : '',
            'image-name': image?.imageName ?? '',
            'image-tag': image?.imageTag ?? '',
            digest: image?.digest ?? '',
            'image-ref': image?.digest === undefined ? '' : `${image.repository}@${image.digest}`,
            'artifact-id': '',
            'artifact-url': ''
        },
        versions: { ...loaded.versions, flowstore: version/* VERSION */.x },
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
    const run = await log.phase('discover', () => discover(options, surroundings, log));
    const { image, place } = await log.phase('environment', async () => {
        const needsImage = options.storage === 'docker' || options.loadIn === 'image';
        const made = needsImage
            ? await imageEnvironment(run, dockerCredentials(surroundings.env))
            : undefined;
        return {
            image: made,
            place: made && options.loadIn === 'image'
                ? containerPython(made.daemon.docker, made.environment.image, run.sources)
                : await runnerPython(run, made)
        };
    });
    const isDocker = options.storage === 'docker';
    const loaded = await log.phase('load', async () => {
        const found = await loadFlows(place, run.modules, isDocker ? 'reference' : 'value');
        if (found.log.trim() !== '')
            log.debug(found.log.trimEnd());
        if (image && options.loadIn === 'runner') {
            const { versions } = await containerPython(image.daemon.docker, image.environment.image).probe();
            const { python, prefect, cloudpickle } = versions;
            requireSame(found.versions, {
                python,
                prefect: prefect ?? 'none',
                cloudpickle: cloudpickle ?? 'none'
            });
        }
        return found;
    });
    const storage = image && isDocker
        ? await storeInImage(run, image, loaded)
        : await storeEmbedded(run, place, loaded);
    const report = reportOf(run, storage, loaded);
    const local = storage instanceof LocalStorage ? storage : undefined;
    return {
        report,
        files: new Map([
            ['storage.json', `${JSON.stringify(storage.serialize(), null, 2)}\n`],
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


/***/ }),

/***/ 29906:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Recorder: () => (/* binding */ Recorder),
/* harmony export */   silentLog: () => (/* binding */ silentLog)
/* harmony export */ });
/** A {@link Log} that keeps notices and the seconds of each phase for the report. */
class Recorder {
    view;
    phases = [];
    notices = [];
    constructor(view) {
        this.view = view;
    }
    info(line) {
        this.view.info(line);
    }
    debug(line) {
        this.view.debug(line);
    }
    notice(notice) {
        this.notices.push(notice);
        this.view.notice(notice);
    }
    async phase(name, work) {
        const start = performance.now();
        this.view.begin(name);
        try {
            return await work();
        }
        finally {
            const seconds = Math.round(performance.now() - start) / 1000;
            this.phases.push({ name, seconds });
            this.view.end(name, seconds);
        }
    }
}
/** A {@link Log} that says nothing: the library's default. */
function silentLog() {
    const nothing = () => undefined;
    return new Recorder({
        info: nothing,
        debug: nothing,
        notice: nothing,
        begin: nothing,
        end: nothing
    });
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
