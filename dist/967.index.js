export const id = 967;
export const ids = [967,906];
export const modules = {

/***/ 28049:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   RR: () => (/* binding */ dockerFilter),
/* harmony export */   S0: () => (/* binding */ noSources),
/* harmony export */   Sd: () => (/* binding */ largestFiles),
/* harmony export */   rP: () => (/* binding */ listSources),
/* harmony export */   tM: () => (/* binding */ sourcesHash)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(51455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _balena_dockerignore__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(44158);
/* harmony import */ var _balena_dockerignore__WEBPACK_IMPORTED_MODULE_2___default = /*#__PURE__*/__webpack_require__.n(_balena_dockerignore__WEBPACK_IMPORTED_MODULE_2__);
/* harmony import */ var ignore__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(70298);
/* harmony import */ var ignore__WEBPACK_IMPORTED_MODULE_3___default = /*#__PURE__*/__webpack_require__.n(ignore__WEBPACK_IMPORTED_MODULE_3__);
/* harmony import */ var _util_hash_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(95138);





/** Sources of which a load sees nothing. */
const noSources = (root) => ({ root, files: [], size: 0 });
// A CommonJS function whose types claim an ES default export.
const dockerIgnore = (_balena_dockerignore__WEBPACK_IMPORTED_MODULE_2___default());
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
        return await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readFile)(path, 'utf8');
    }
    catch (error) {
        if (error.code === 'ENOENT')
            return undefined;
        throw error;
    }
}
/**
 * What a `.dockerignore` keeps, as Docker reads it.
 *
 * @param file the file, relative to the root; where there is none, all is kept
 */
async function dockerFilter(root, file = '.dockerignore') {
    const rules = await readIfThere((0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(root, file));
    return rules === undefined
        ? () => true
        : dockerIgnore({ ignorecase: false }).add(rules).createFilter();
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
    const kept = await dockerFilter(root);
    const excluded = new Set(exclude);
    const add = async (path) => {
        const stats = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.lstat)((0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(root, path));
        const entry = { path, size: stats.size, executable: (stats.mode & 0o100) !== 0 };
        if (stats.isSymbolicLink())
            files.push({ ...entry, link: await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readlink)((0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(root, path)) });
        else if (stats.isFile())
            files.push(entry);
    };
    const walk = async (folder, outer) => {
        const entries = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readdir)((0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(root, folder), { withFileTypes: true });
        if (folder !== '' && entries.some(entry => entry.name === 'pyvenv.cfg'))
            return;
        const own = entries.some(entry => entry.name === '.gitignore')
            ? await readIfThere((0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(root, folder, '.gitignore'))
            : undefined;
        const stack = own === undefined ? outer : [...outer, { folder, rules: ignore__WEBPACK_IMPORTED_MODULE_3___default()().add(own) }];
        for (const entry of entries) {
            const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
            if (entry.isDirectory()) {
                if (NEVER.has(entry.name) || excluded.has(path))
                    continue;
                if (!gitIgnores(path, true, stack))
                    await walk(path, stack);
            }
            else if (!entry.name.endsWith('.pyc') && !gitIgnores(path, false, stack)) {
                if (kept(path))
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
const hashes = new WeakMap();
/**
 * Identifies the sources by all that a load can see of them: paths, contents, links and the executable
 * bit. Files are read once for the same value.
 */
function sourcesHash(sources) {
    let hash = hashes.get(sources);
    if (hash === undefined) {
        hash = hashOf(sources);
        hashes.set(sources, hash);
    }
    return hash;
}
/** Files read at one time. */
const TOGETHER = 16;
async function hashOf({ root, files }) {
    const entries = [];
    for (let at = 0; at < files.length; at += TOGETHER) {
        entries.push(...(await Promise.all(files
            .slice(at, at + TOGETHER)
            .map(async ({ path, executable, link }) => [
            path,
            executable,
            link ?? (await (0,_util_hash_js__WEBPACK_IMPORTED_MODULE_4__/* .sha256File */ .Q3)((0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(root, path))),
            link === undefined
        ]))));
    }
    return (0,_util_hash_js__WEBPACK_IMPORTED_MODULE_4__/* .sha256Json */ .iE)(entries);
}
/** The biggest files, biggest first. */
function largestFiles(sources, count) {
    return [...sources.files].sort((a, b) => b.size - a.size).slice(0, count);
}


/***/ }),

/***/ 80295:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Y: () => (/* binding */ ensureImage)
/* harmony export */ });
/**
 * Has an image in the daemon: pulled where it is not there.
 *
 * @throws FlowstoreError BASE_IMAGE_PULL with the daemon's words
 */
async function ensureImage(daemon, pull) {
    const there = await daemon.engine.image(pull.reference).catch(() => undefined);
    if (there !== undefined)
        return;
    const { pullImage } = await Promise.all(/* import() */[__webpack_require__.e(504), __webpack_require__.e(806)]).then(__webpack_require__.bind(__webpack_require__, 57806));
    await pullImage(daemon, pull);
}


/***/ }),

/***/ 278:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   y: () => (/* binding */ loaderDelivery)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(51455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _paths_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(8431);



const PACKAGE = 'flowstore_loader';
async function readDelivery() {
    const folder = (0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(_paths_js__WEBPACK_IMPORTED_MODULE_2__/* .PACKAGE_ROOT */ .Y, 'python');
    const text = (...path) => (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readFile)((0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(folder, ...path), 'utf8');
    const files = (await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readdir)((0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(folder, PACKAGE))).filter(name => name.endsWith('.py')).sort();
    const modules = await Promise.all(files.map(async (name) => {
        const module = name === '__init__.py' ? PACKAGE : `${PACKAGE}.${name.slice(0, -3)}`;
        return [module, await text(PACKAGE, name)];
    }));
    const boot = await text('boot.py');
    const content = Buffer.from(JSON.stringify({ boot, modules: Object.fromEntries(modules) }));
    return { boot, input: Buffer.concat([Buffer.from(`${content.length}\n`), content]) };
}
let delivery;
/** The loader that this package brings, read once. */
const loaderDelivery = () => (delivery ??= readDelivery());


/***/ }),

/***/ 28789:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   I4: () => (/* binding */ isIndexOption),
/* harmony export */   MX: () => (/* binding */ pipRuns),
/* harmony export */   Nj: () => (/* binding */ logicalLines),
/* harmony export */   Pu: () => (/* binding */ withoutEditable),
/* harmony export */   Xl: () => (/* binding */ isEditable),
/* harmony export */   YW: () => (/* binding */ pipArguments)
/* harmony export */ });
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _prefect_rules_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6148);


/**
 * Arguments of `pip install` for a run.
 *
 * @param at where a file of the run lies
 */
const pipArguments = (run, at) => [
    ...run.args,
    '-r',
    at(run.file),
    ...(run.constraints === undefined ? [] : ['-c', at(run.constraints)])
];
const HASH = /\s--hash[=\s]/;
const EDITABLE = /^\s*(?:-e\s*=?|--editable[\s=])\s*/;
/** Options that say where packages come from: they hold for every run. */
const INDEX = /^(?:-i|--index-url|--extra-index-url|--no-index|-f|--find-links|--trusted-host|--pre|--prefer-binary|--no-binary|--only-binary)(?=[\s=]|$)/;
/** Whether a line says where packages come from. */
const isIndexOption = (line) => INDEX.test(line);
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
            : [`--find-links ${node_path__WEBPACK_IMPORTED_MODULE_0__.posix.join(folder, path)}`, line];
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
        const hashed = name === 'hashed';
        const constrained = constraints.length === 0 || hashed ? [] : [`-c ${constraintsName}`];
        return {
            file: requirementsName,
            args,
            ...(hashed && {
                hashed,
                constraints: constraints.length === 0 ? undefined : constraintsName
            }),
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
    const fileIndex = [...texts].flatMap(([path, text]) => indexOptions(logicalLines(text), node_path__WEBPACK_IMPORTED_MODULE_0__.posix.dirname(path)));
    const first = [...index, ...given.filter(line => HASH.test(line)), ...(fileHashed ? inFile : [])];
    const rest = [
        ...given.filter(line => !HASH.test(line) && !INDEX.test(line)),
        ...(fileHashed ? [] : inFile)
    ];
    const there = additional?.present === true || (0,_prefect_rules_js__WEBPACK_IMPORTED_MODULE_1__/* .pinnedPrefect */ .k_)(hashed) === additional?.prefect;
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


/***/ }),

/***/ 22130:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $K: () => (/* binding */ localArchives),
/* harmony export */   F2: () => (/* binding */ readRequirements),
/* harmony export */   Ui: () => (/* binding */ requirementsName),
/* harmony export */   p$: () => (/* binding */ requirementLines)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(51455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(48161);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_os__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_2__);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(83916);
/* harmony import */ var _util_log_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(29906);
/* harmony import */ var _pip_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(28789);






const NAMED_FILE = /^(?:-r|-c|--requirement|--constraint)[\s=]*(?<name>[^\s#]+)/;
/** The files that stand for requirement lines, without being some. */
const isProjectFile = (file) => ['pyproject.toml', 'uv.lock', 'poetry.lock', 'Pipfile.lock'].includes(node_path__WEBPACK_IMPORTED_MODULE_2__.posix.basename(file));
const ARCHIVE = /\.(?:whl|tar\.gz|tar\.bz2|zip)$/;
const FIND_LINKS = /^(?:-f|--find-links)[\s=]+/;
const isLocal = (line) => {
    const found = line.replace(FIND_LINKS, '');
    if (found !== line)
        return !/^[a-z+]+:\/\//.test(found);
    if ((0,_pip_js__WEBPACK_IMPORTED_MODULE_4__/* .isEditable */ .Xl)(line))
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
            text = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readFile)((0,node_path__WEBPACK_IMPORTED_MODULE_2__.resolve)(cwd, path), 'utf8');
        }
        catch (error) {
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .FlowstoreError */ .U3('FILE_NOT_FOUND', `the requirements file '${path}' can't be read`, {
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
                const named = node_path__WEBPACK_IMPORTED_MODULE_2__.posix.normalize(node_path__WEBPACK_IMPORTED_MODULE_2__.posix.join(node_path__WEBPACK_IMPORTED_MODULE_2__.posix.dirname(path), name.replaceAll('\\', '/')));
                await read(named, { file: path, line: index + 1 });
            }
            else if (isLocal(line))
                local.push(line);
        }
    };
    const first = file === undefined ? undefined : (0,node_path__WEBPACK_IMPORTED_MODULE_2__.relative)(cwd, (0,node_path__WEBPACK_IMPORTED_MODULE_2__.resolve)(cwd, file)).replaceAll(node_path__WEBPACK_IMPORTED_MODULE_2__.sep, '/');
    if (first !== undefined && isProjectFile(first)) {
        const { plainRequirements } = await Promise.all(/* import() */[__webpack_require__.e(955), __webpack_require__.e(292), __webpack_require__.e(423)]).then(__webpack_require__.bind(__webpack_require__, 59423));
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
    cache: (0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)((0,node_os__WEBPACK_IMPORTED_MODULE_1__.tmpdir)(), 'flowstore'),
    log: (0,_util_log_js__WEBPACK_IMPORTED_MODULE_5__.silentLog)()
});
/** The options file as messages name it. */
const requirementsName = ({ file, exported }) => exported?.file ?? file;
/**
 * The archives that requirements name by path, or have in a folder to find them in: relative to the
 * working directory. They count as sources whatever an ignore file says.
 */
async function localArchives(cwd, { local, texts }) {
    const found = new Set();
    const folders = ['.', ...[...texts.keys()].map(path => node_path__WEBPACK_IMPORTED_MODULE_2__.posix.dirname(path))];
    for (const line of local) {
        const path = line.replace(FIND_LINKS, '').split(/\s/)[0] ?? '';
        for (const folder of folders) {
            const at = node_path__WEBPACK_IMPORTED_MODULE_2__.posix.normalize(node_path__WEBPACK_IMPORTED_MODULE_2__.posix.join(folder, path));
            if (path.startsWith('/') || at.startsWith('../'))
                continue;
            const stats = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.stat)((0,node_path__WEBPACK_IMPORTED_MODULE_2__.resolve)(cwd, at)).catch(() => undefined);
            if (stats?.isFile())
                found.add(at);
            else if (stats?.isDirectory() && FIND_LINKS.test(line)) {
                for (const name of await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readdir)((0,node_path__WEBPACK_IMPORTED_MODULE_2__.resolve)(cwd, at))) {
                    if (ARCHIVE.test(name))
                        found.add(node_path__WEBPACK_IMPORTED_MODULE_2__.posix.join(at, name));
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


/***/ }),

/***/ 8431:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Y: () => (/* binding */ PACKAGE_ROOT)
/* harmony export */ });
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_url__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(73136);
/* harmony import */ var node_url__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_url__WEBPACK_IMPORTED_MODULE_1__);


/** The root of this package: one level above `src/`, `dist/` and `lib/` alike. */
const PACKAGE_ROOT = (0,node_path__WEBPACK_IMPORTED_MODULE_0__.resolve)((0,node_path__WEBPACK_IMPORTED_MODULE_0__.dirname)((0,node_url__WEBPACK_IMPORTED_MODULE_1__.fileURLToPath)(import.meta.url)), '..');


/***/ }),

/***/ 6148:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Jb: () => (/* binding */ NEWEST_PREFECT),
/* harmony export */   MU: () => (/* binding */ isRelease),
/* harmony export */   NP: () => (/* binding */ rulesFor),
/* harmony export */   Oy: () => (/* binding */ prefectRequirements),
/* harmony export */   S5: () => (/* binding */ pipUpgrade),
/* harmony export */   k_: () => (/* binding */ pinnedPrefect),
/* harmony export */   qS: () => (/* binding */ defaultBaseImage),
/* harmony export */   t: () => (/* binding */ PICKLE_PROTOCOLS),
/* harmony export */   vh: () => (/* binding */ FLOWS_JSON),
/* harmony export */   vu: () => (/* binding */ PREFECT_HOMES)
/* harmony export */ });
/* unused harmony export SUPPORTED_PREFECT */
/* harmony import */ var _renovatebot_pep440__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(63297);
/* harmony import */ var _renovatebot_pep440__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(_renovatebot_pep440__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(83916);


/**
 * The one table: each row says what changed with a release. Sources: the releases' own code and the
 * recordings in `__tests__/golden`; installs were tried with each pin.
 */
const TABLE = [
    {
        // 0.5.3+N, a checkout between the releases, behaves as 0.5.4 does; 0.5.3 itself does not.
        since: '0.5.3+1',
        localType: 'LocalStorage',
        types: ['docker', 'local', 'memory', 'bytes'],
        dockerFolder: '/root/.prefect',
        home: '/root/.prefect',
        baseImage: 'python',
        basePython: '3.6',
        nameNeedsRegistry: true,
        prefectDirectory: false,
        scripts: false,
        registryMissing: 'This environment has no `registry_url`, and cannot be pushed.',
        nameJoin: 'os.path',
        nameMissing: 'Docker storage is missing required fields',
        localTimestamps: false,
        format: 'raw',
        getFlowByName: false,
        flowsJson: false,
        storageLabels: false,
        fields: {
            docker: ['flows', 'image_name', 'prefect_version', 'image_tag', 'registry_url'],
            local: ['flows', 'directory'],
            memory: [],
            bytes: ['flows']
        },
        pythons: ['3.6', '3.7', '3.8'],
        pins: []
    },
    { since: '0.6.0', localType: 'Local', pins: ['dask[bag]<2021'] },
    {
        since: '0.6.4',
        nameJoin: 'PurePosixPath',
        registryMissing: 'This Docker storage object has no `registry_url`, and cannot be pushed.'
    },
    {
        since: '0.6.5',
        nameNeedsRegistry: false,
        registryMissing: 'This Docker storage object has no `registry_url`, and will not be pushed.'
    },
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
    { since: '0.12.2', prefectDirectory: true },
    {
        since: '0.12.5',
        scripts: true,
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
        pythons: ['3.6', '3.7', '3.8', '3.9', '3.10'],
        pins: ['urllib3<2', 'marshmallow<4']
    },
    { since: '0.14.2', localTimestamps: true },
    { since: '0.14.3', format: 'envelope' },
    { since: '0.14.4', getFlowByName: true },
    { since: '0.14.13', flowsJson: true },
    { since: '0.14.21', storageLabels: true },
    { since: '0.15.0', pythons: ['3.6', '3.7', '3.8', '3.9', '3.10', '3.11'] },
    {
        since: '1.0.0',
        basePython: '3.9',
        pythons: ['3.7', '3.8', '3.9', '3.10', '3.11'],
        pins: ['urllib3<2', 'marshmallow<4']
    },
    // Releases before import distutils, which Python 3.12 has no more.
    { since: '1.2.0', pythons: ['3.7', '3.8', '3.9', '3.10', '3.11', '3.12'] },
    { since: '1.4.1', pythons: ['3.7', '3.8', '3.9', '3.10', '3.11', '3.12', '3.13'] }
];
/** The releases that {@link rulesFor} knows, for people. */
const SUPPORTED_PREFECT = '0.5.4 to 1.4.1';
/** Every folder that Prefect has had in an image. */
const PREFECT_HOMES = TABLE.flatMap(row => row.home ?? []);
/** The newest release of the table. */
const NEWEST_PREFECT = '1.4.1';
/** The pickle protocol by release, as the loader's request carries it: fixed at 4 from 0.14.3. */
const PICKLE_PROTOCOLS = [{ since: '0.14.3', protocol: 4 }];
const firstWith = (rule) => TABLE.find(row => row[rule])?.since ?? NEWEST_PREFECT;
/** The first releases that read a flows.json and that put labels into it, as the loader's request has them. */
const FLOWS_JSON = {
    since: firstWith('flowsJson'),
    labelsSince: firstWith('storageLabels')
};
/**
 * What a Prefect release does.
 *
 * @param release a version as `prefect.__version__` gives it
 * @throws FlowstoreError UNSUPPORTED_PREFECT for anything outside the table
 */
function rulesFor(release) {
    const { base_version: base, local } = (0,_renovatebot_pep440__WEBPACK_IMPORTED_MODULE_0__.explain)(release) ?? {};
    // A pre-release has the rules of its release; a checkout comes after the one it is built upon.
    const version = local ? `${base ?? ''}+${local}` : base;
    if (!version || (0,_renovatebot_pep440__WEBPACK_IMPORTED_MODULE_0__.lt)(version, TABLE[0].since) || (0,_renovatebot_pep440__WEBPACK_IMPORTED_MODULE_0__.gte)(version, '2')) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .FlowstoreError */ .U3('UNSUPPORTED_PREFECT', `Prefect ${release} is not supported; ${SUPPORTED_PREFECT} are`, { hint: 'Flow storage came with Prefect 0.5.3 and went with 2.0.' });
    }
    const [first, ...rows] = TABLE;
    const { since, ...rules } = Object.assign({}, first, ...rows.filter(row => (0,_renovatebot_pep440__WEBPACK_IMPORTED_MODULE_0__.gte)(version, row.since)));
    void since;
    return { ...rules, release };
}
/** Whether a text is a release number (else it is a git ref, such as `master`). */
const isRelease = (version) => (0,_renovatebot_pep440__WEBPACK_IMPORTED_MODULE_0__.valid)(version) !== null;
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


/***/ }),

/***/ 3653:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   d: () => (/* binding */ dockerCredentials)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(51455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(48161);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_os__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_2__);
/* harmony import */ var zod__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(9691);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(83916);





const configSchema = zod__WEBPACK_IMPORTED_MODULE_4__/* .object */ .Ikc({
    auths: zod__WEBPACK_IMPORTED_MODULE_4__/* .record */ .g1P(zod__WEBPACK_IMPORTED_MODULE_4__/* .string */ .YjP(), zod__WEBPACK_IMPORTED_MODULE_4__/* .object */ .Ikc({
        auth: zod__WEBPACK_IMPORTED_MODULE_4__/* .string */ .YjP().optional(),
        username: zod__WEBPACK_IMPORTED_MODULE_4__/* .string */ .YjP().optional(),
        password: zod__WEBPACK_IMPORTED_MODULE_4__/* .string */ .YjP().optional(),
        identitytoken: zod__WEBPACK_IMPORTED_MODULE_4__/* .string */ .YjP().optional()
    }))
        .optional(),
    credsStore: zod__WEBPACK_IMPORTED_MODULE_4__/* .string */ .YjP().optional(),
    credHelpers: zod__WEBPACK_IMPORTED_MODULE_4__/* .record */ .g1P(zod__WEBPACK_IMPORTED_MODULE_4__/* .string */ .YjP(), zod__WEBPACK_IMPORTED_MODULE_4__/* .string */ .YjP()).optional()
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
    const { getExecOutput } = await __webpack_require__.e(/* import() */ 955).then(__webpack_require__.bind(__webpack_require__, 41955));
    const { exitCode, stdout } = await getExecOutput(`docker-credential-${helper}`, ['get'], {
        input: Buffer.from(server),
        silent: true,
        ignoreReturnCode: true,
        env
    });
    if (exitCode !== 0)
        return undefined;
    const answer = zod__WEBPACK_IMPORTED_MODULE_4__/* .object */ .Ikc({ Username: zod__WEBPACK_IMPORTED_MODULE_4__/* .string */ .YjP(), Secret: zod__WEBPACK_IMPORTED_MODULE_4__/* .string */ .YjP() })
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
    const folder = env['DOCKER_CONFIG'] ?? (0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(env['HOME'] ?? (0,node_os__WEBPACK_IMPORTED_MODULE_1__.homedir)(), '.docker');
    const file = (0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(folder, 'config.json');
    const read = async () => {
        let text;
        try {
            text = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readFile)(file, 'utf8');
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
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .FlowstoreError */ .U3('REGISTRY', `docker's configuration ${file} is not valid`, {
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


/***/ }),

/***/ 40534:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   i: () => (/* binding */ deserialize)
/* harmony export */ });
/* harmony import */ var zod__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(9691);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(83916);
/* harmony import */ var _prefect_rules_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6148);
/* harmony import */ var _docker_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(90461);
/* harmony import */ var _local_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(72922);
/* harmony import */ var _storage_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(32912);






// The words are marshmallow's, as Prefect's schemas give them.
const string = zod__WEBPACK_IMPORTED_MODULE_5__/* .string */ .YjP({
    error: issue => (issue.input === null ? 'Field may not be null.' : 'Not a valid string.')
});
const flows = zod__WEBPACK_IMPORTED_MODULE_5__/* .record */ .g1P(zod__WEBPACK_IMPORTED_MODULE_5__/* .string */ .YjP(), string, 'Not a valid mapping type.').default({});
const words = zod__WEBPACK_IMPORTED_MODULE_5__/* .array */ .YOg(string, 'Not a valid list.').default([]);
const text = string
    .nullable()
    .optional()
    .transform(value => value ?? undefined);
const common = {
    secrets: words,
    path: text,
    stored_as_script: zod__WEBPACK_IMPORTED_MODULE_5__/* .boolean */ .zMY('Not a valid boolean.').default(false)
};
const docker = zod__WEBPACK_IMPORTED_MODULE_5__/* .object */ .Ikc({
    ...common,
    flows,
    registry_url: text,
    image_name: text,
    image_tag: text,
    // Prefect takes no null here.
    prefect_version: string.optional()
});
const local = zod__WEBPACK_IMPORTED_MODULE_5__/* .object */ .Ikc({ ...common, flows, directory: string.optional() });
const memory = zod__WEBPACK_IMPORTED_MODULE_5__/* .object */ .Ikc({ secrets: words });
const bytes = zod__WEBPACK_IMPORTED_MODULE_5__/* .object */ .Ikc({ secrets: words, flows });
/** Storages of Prefect that keep flows where this project does not go. */
const ELSEWHERE = [
    'Azure',
    'Bitbucket',
    'CodeCommit',
    'GCS',
    'Git',
    'GitHub',
    'GitLab',
    'Module',
    'S3',
    'Webhook'
];
const invalid = (message, cause) => new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('STORAGE_INVALID', message, { cause });
function read(schema, value) {
    const parsed = schema.safeParse(value);
    if (parsed.success)
        return parsed.data;
    const [issue] = parsed.error.issues;
    throw invalid(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, parsed.error);
}
/** The release that wrote a JSON, or undefined: Prefect itself never looks at it. */
function writtenBy(version) {
    try {
        return (0,_prefect_rules_js__WEBPACK_IMPORTED_MODULE_1__/* .rulesFor */ .NP)(String(version)).release;
    }
    catch {
        return undefined;
    }
}
/** Whether a release's schema knows a type. */
function isKnown(type, { types, localType }) {
    const names = types.map(kind => ({ docker: 'Docker', local: localType, memory: 'Memory', bytes: 'Bytes' })[kind]);
    return names.some(name => name === type);
}
/**
 * A storage from its JSON, as Prefect's `StorageSchema` loads it: unknown fields are ignored, missing
 * ones have their default, wrong ones are refused. The flows are known by name and location; their
 * handles are not, for a JSON does not hold them.
 *
 * @param json the text, or what it says
 * @param options `release`: the Prefect that reads, and whose types alone are known; default the one
 * that wrote the JSON, and then the types of every release
 * @throws FlowstoreError STORAGE_INVALID, for types in the words of Prefect
 */
function deserialize(json, options = {}) {
    let value = json;
    if (typeof json === 'string') {
        try {
            value = JSON.parse(json);
        }
        catch (error) {
            throw invalid(`a storage is a JSON object: ${error.message}`, error);
        }
    }
    const { type, __version__: version } = read(zod__WEBPACK_IMPORTED_MODULE_5__/* .looseObject */ ._H3({
        type: zod__WEBPACK_IMPORTED_MODULE_5__/* .string */ .YjP('Not a valid string.').optional(),
        __version__: zod__WEBPACK_IMPORTED_MODULE_5__/* .unknown */ .L5J().optional()
    }), value);
    const release = options.release ?? writtenBy(version) ?? _prefect_rules_js__WEBPACK_IMPORTED_MODULE_1__/* .NEWEST_PREFECT */ .Jb;
    if (options.release !== undefined && type !== undefined && !isKnown(type, (0,_prefect_rules_js__WEBPACK_IMPORTED_MODULE_1__/* .rulesFor */ .NP)(release))) {
        throw invalid(`type: Unsupported value: ${type}`);
    }
    const base = (fields) => ({
        release,
        secrets: fields.secrets
    });
    const script = (fields) => (0,_prefect_rules_js__WEBPACK_IMPORTED_MODULE_1__/* .rulesFor */ .NP)(release).scripts ? { path: fields.path, storedAsScript: fields.stored_as_script } : {};
    switch (type) {
        case 'Docker': {
            const fields = read(docker, value);
            return _docker_js__WEBPACK_IMPORTED_MODULE_2__/* .DockerStorage */ .Q.from(fields.flows, {
                ...base(fields),
                ...script(fields),
                registryUrl: fields.registry_url,
                imageName: fields.image_name,
                imageTag: fields.image_tag,
                prefectVersion: fields.prefect_version
            });
        }
        case 'Local':
        case 'LocalStorage': {
            const fields = read(local, value);
            return _local_js__WEBPACK_IMPORTED_MODULE_3__/* .LocalStorage */ .D.from(fields.flows, {
                ...base(fields),
                ...script(fields),
                directory: fields.directory
            });
        }
        case 'Memory':
            return new _storage_js__WEBPACK_IMPORTED_MODULE_4__/* .Memory */ .ce(base(read(memory, value)));
        case 'Bytes': {
            const fields = read(bytes, value);
            return _storage_js__WEBPACK_IMPORTED_MODULE_4__/* .Bytes */ .Ix.from(fields.flows, base(fields));
        }
        case undefined:
            throw invalid('type: Missing data for required field.');
        default:
            throw invalid(ELSEWHERE.includes(type)
                ? `${type} storage is Prefect's, but none that this project reads`
                : `type: Unsupported value: ${type}`);
    }
}


/***/ }),

/***/ 90461:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Q: () => (/* binding */ DockerStorage)
/* harmony export */ });
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(83916);
/* harmony import */ var _storage_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(32912);



function join(registry, name, how) {
    if (name.startsWith('/') || registry === '')
        return name;
    if (how === 'os.path')
        return registry.endsWith('/') ? registry + name : `${registry}/${name}`;
    return node_path__WEBPACK_IMPORTED_MODULE_0__.posix.join(registry, name);
}
/**
 * What Prefect's `Docker` storage is without a daemon: name, locations in the image, JSON.
 */
class DockerStorage extends _storage_js__WEBPACK_IMPORTED_MODULE_2__/* .Storage */ .wc {
    kind = 'docker';
    registryUrl;
    /** Set by a build where it was not given. */
    imageName;
    /** Set by a build where it was not given. */
    imageTag;
    prefectVersion;
    prefectDirectory;
    constructor(options = {}) {
        super(options);
        this.registryUrl = options.registryUrl;
        this.imageName = options.imageName;
        this.imageTag = options.imageTag;
        this.prefectDirectory = options.prefectDirectory;
        const { release } = this.rules;
        if (this.prefectDirectory !== undefined && !this.rules.prefectDirectory) {
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .FlowstoreError */ .U3('UNSUPPORTED_PREFECT', `Docker storage of Prefect ${release} has no prefect_directory; that of 0.12.2 and later has`);
        }
        this.prefectVersion = options.prefectVersion ?? (release.includes('+') ? 'master' : release);
    }
    /** A storage with the flows of a JSON: name to location. */
    static from(flows, options) {
        const storage = new DockerStorage(options);
        storage.restore(flows);
        return storage;
    }
    /** Registry and name of the image, without its tag. */
    get repository() {
        if (this.imageName === undefined)
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
        if (this.imageTag === undefined || needsRegistry)
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
        const folder = this.prefectDirectory === undefined
            ? this.rules.dockerFolder
            : `${this.prefectDirectory}/flows`;
        return `${folder}/${flow.slug}.prefect`;
    }
    stored(name, location) {
        return { name, image: this.name, path: location };
    }
    unnamed() {
        return new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .FlowstoreError */ .U3('STORAGE_INVALID', this.rules.nameMissing);
    }
}


/***/ }),

/***/ 30423:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Z: () => (/* binding */ storedBytes),
/* harmony export */   v: () => (/* binding */ flowFile)
/* harmony export */ });
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
/** A flow as its storage keeps it. */
const storedBytes = (flow, storage) => storage.kind === 'local' || storage.kind === 'docker' ? flowFile(flow, storage.rules) : flow.bytes;


/***/ }),

/***/ 72922:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   D: () => (/* binding */ LocalStorage)
/* harmony export */ });
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(73024);
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(48161);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_os__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_2__);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(83916);
/* harmony import */ var _file_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(30423);
/* harmony import */ var _storage_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(32912);






/** `slugify(pendulum.now('utc').isoformat())`: microseconds, left out where there are none. */
function timeSlug(milliseconds) {
    const micros = Math.round(milliseconds * 1000);
    const seconds = new Date(Math.floor(micros / 1000)).toISOString().slice(0, 19);
    const fraction = micros % 1_000_000;
    const stamp = seconds.toLowerCase().replaceAll(':', '-');
    return `${stamp}${fraction === 0 ? '' : `-${String(fraction).padStart(6, '0')}`}-00-00`;
}
/**
 * Prefect's `LocalStorage` (`Local` from 0.6.0): each flow a file on this machine, written when it is added.
 */
class LocalStorage extends _storage_js__WEBPACK_IMPORTED_MODULE_4__/* .Storage */ .wc {
    kind = 'local';
    directory;
    now;
    written = [];
    constructor(options = {}) {
        super(options);
        const directory = options.directory ?? '~/.prefect/flows';
        this.directory =
            options.validate === false
                ? directory
                : (0,node_path__WEBPACK_IMPORTED_MODULE_2__.resolve)(directory.replace(/^~(?=$|[/\\])/, (0,node_os__WEBPACK_IMPORTED_MODULE_1__.homedir)()));
        this.now = options.now ?? (() => performance.timeOrigin + performance.now());
        if (options.validate !== false)
            this.make(this.directory);
    }
    /** A storage with the flows of a JSON: name to path. Nothing is made on this machine. */
    static from(flows, options) {
        const storage = new LocalStorage({ ...options, validate: false });
        storage.restore(flows);
        return storage;
    }
    get name() {
        return this.rules.localType;
    }
    /** Takes back every file that this storage wrote. */
    removeFiles() {
        for (const file of this.written.splice(0))
            (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.rmSync)(file, { force: true });
    }
    locationOf(flow) {
        if (!this.rules.localTimestamps)
            return (0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(this.directory, `${flow.slug}.prefect`);
        return (0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(this.directory, flow.slug, timeSlug(this.now()));
    }
    fields() {
        return { ...super.fields(), directory: this.directory };
    }
    store(flow, location) {
        const draft = `${location}.tmp`;
        try {
            this.make((0,node_path__WEBPACK_IMPORTED_MODULE_2__.dirname)(location));
            (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.writeFileSync)(draft, (0,_file_js__WEBPACK_IMPORTED_MODULE_5__/* .flowFile */ .v)(flow, this.rules));
            (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.renameSync)(draft, location);
            this.written.push(location);
        }
        catch (error) {
            if (error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .FlowstoreError */ .U3)
                throw error;
            if ((0,node_fs__WEBPACK_IMPORTED_MODULE_0__.existsSync)(draft))
                (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.rmSync)(draft);
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .FlowstoreError */ .U3('WRITE_FAILED', `can't write flow "${flow.name}" to ${location}: ${error.message}`, { file: flow.module, line: flow.line, cause: error });
        }
    }
    stored(name, location) {
        return { name, path: location };
    }
    make(folder) {
        try {
            (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.mkdirSync)(folder, { recursive: true });
        }
        catch (error) {
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .FlowstoreError */ .U3('WRITE_FAILED', `can't make the folder ${folder}: ${error.message}`, { hint: 'Say another with directory.', cause: error });
        }
    }
}


/***/ }),

/***/ 32912:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Ix: () => (/* binding */ Bytes),
/* harmony export */   ce: () => (/* binding */ Memory),
/* harmony export */   wc: () => (/* binding */ Storage)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(83916);
/* harmony import */ var _prefect_rules_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6148);


/** Where flows are kept: Prefect's `Storage` with the names of TypeScript. */
class Storage {
    /** What the storage's Prefect release does. */
    rules;
    secrets;
    path;
    storedAsScript;
    locations = new Map();
    handles = new Map();
    /**
     * @throws FlowstoreError UNSUPPORTED_PREFECT for a release or an option of another release,
     * STORAGE_INVALID in Prefect's words for a script without a path
     */
    constructor(options = {}) {
        this.rules = (0,_prefect_rules_js__WEBPACK_IMPORTED_MODULE_1__/* .rulesFor */ .NP)(options.release ?? _prefect_rules_js__WEBPACK_IMPORTED_MODULE_1__/* .NEWEST_PREFECT */ .Jb);
        this.secrets = options.secrets ?? [];
        this.path = options.path;
        this.storedAsScript = options.storedAsScript ?? false;
        if ((this.storedAsScript || this.path !== undefined) && !this.rules.scripts) {
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('UNSUPPORTED_PREFECT', `storages of Prefect ${this.rules.release} have no path and no stored_as_script; those of 0.12.5 and later do`);
        }
        if (this.storedAsScript && this.path === undefined) {
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('STORAGE_INVALID', 'A `path` must be provided to show where flow `.py` file is stored.');
        }
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
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('NAME_CONFLICT', `Name conflict: Flow with the name "${flow.name}" is already present in this storage.`, at);
        }
        if (flow.versions.prefect !== this.rules.release) {
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('UNSUPPORTED_PREFECT', `Flow "${flow.name}" was made by Prefect ${flow.versions.prefect}; this storage is of Prefect ${this.rules.release}`, at);
        }
        const location = this.path ?? this.locationOf(flow);
        for (const [name, taken] of this.locations) {
            if (taken === location && !this.storedAsScript) {
                throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('LOCATION_CONFLICT', `the flows "${name}" and "${flow.name}" have one location: ${location}`, { ...at, hint: 'Prefect derives the location from the name: rename one of them.' });
            }
        }
        if (!this.storedAsScript)
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
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('FLOW_NOT_CONTAINED', 'Flow is not contained in this Storage');
    }
    /**
     * Gives what runs a flow of this storage. Prefect's own is Docker's alone, takes the image without
     * its registry, and forgets container and exit code.
     *
     * @param locationOrName of a flow in this storage
     * @param runner what runs it: it needs a daemon or an interpreter, which a storage knows nothing of
     * @throws FlowstoreError FLOW_NOT_CONTAINED, NOT_SUPPORTED for a storage that keeps no flow
     */
    getEnvRunner(locationOrName, runner) {
        for (const [name, location] of this.locations) {
            if (locationOrName === name || locationOrName === location) {
                return runner(this.stored(name, location));
            }
        }
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('FLOW_NOT_CONTAINED', 'Flow is not contained in this Storage', {
            hint: `There are: ${[...this.locations.keys()].join(', ') || 'none'}.`
        });
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
            secrets: [...this.secrets],
            path: this.path,
            stored_as_script: this.storedAsScript
        };
    }
    /** Takes over a flow's location from a storage's JSON; its handle is not known. */
    restore(flows) {
        for (const [name, location] of Object.entries(flows))
            this.locations.set(name, location);
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
    getEnvRunner(locationOrName) {
        return this.stored(locationOrName);
    }
    stored(name) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .FlowstoreError */ .U3('NOT_SUPPORTED', `flow "${name}" can't be run: memory storage keeps flows only while it lives`);
    }
    locationOf(flow) {
        return flow.name;
    }
}
/** Prefect's `Bytes`: each flow's raw cloudpickle, in base64 inside the JSON. */
class Bytes extends Storage {
    kind = 'bytes';
    name = 'Bytes';
    contents = new Map();
    /** A storage with the flows of a JSON: name to base64. */
    static from(flows, options) {
        const storage = new Bytes(options);
        storage.restore(Object.fromEntries(Object.keys(flows).map(name => [name, name])));
        for (const [name, content] of Object.entries(flows))
            storage.contents.set(name, content);
        return storage;
    }
    locationOf(flow) {
        return flow.name;
    }
    store(flow) {
        this.contents.set(flow.name, flow.bytes.toString('base64'));
    }
    stored(name) {
        return { name, content: Buffer.from(this.contents.get(name) ?? '', 'base64') };
    }
    fields() {
        return { ...super.fields(), flows: Object.fromEntries(this.contents) };
    }
}


/***/ }),

/***/ 80914:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Z: () => (/* binding */ connectDocker)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(77598);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_crypto__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(51455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_2__);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(83916);
/* harmony import */ var _engine_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(47724);





/** The platform's own socket, as the docker client has it. */
const defaultUrl = (platform) => platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock';
const TLS_HINT = 'tls-config (or DOCKER_CERT_PATH) is the folder with the ca.pem, cert.pem and key.pem of this daemon.';
/** @throws FlowstoreError DAEMON that names the file which is no certificate or key */
async function readCertificates(folder) {
    const read = async (name, parse) => {
        const path = (0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(folder, name);
        try {
            const text = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readFile)(path, 'utf8');
            return { text, parsed: parse(text) };
        }
        catch (error) {
            const { code, message } = error;
            const reason = code === 'ENOENT' ? 'there is no such file' : message;
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .FlowstoreError */ .U3('DAEMON', `${path} can't be used for TLS: ${reason}`, {
                hint: TLS_HINT,
                cause: error
            });
        }
    };
    const certificate = (text) => new node_crypto__WEBPACK_IMPORTED_MODULE_0__.X509Certificate(text);
    const ca = await read('ca.pem', certificate);
    const cert = await read('cert.pem', certificate);
    const key = await read('key.pem', node_crypto__WEBPACK_IMPORTED_MODULE_0__.createPrivateKey);
    if (!cert.parsed.checkPrivateKey(key.parsed)) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .FlowstoreError */ .U3('DAEMON', `${(0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(folder, 'key.pem')} is not the key of the cert.pem beside it`, { hint: TLS_HINT });
    }
    return { ca: ca.text, cert: cert.text, key: key.text };
}
/** Which file a failure of TLS is about; nothing where it is about none. */
function blamedFile(error, folder) {
    const { code = '', message } = error;
    // A daemon tells a client by an alert that it does not trust it; some only hang up.
    if (/\balert\b/.test(message) || code === 'ECONNRESET') {
        return `the daemon does not take ${(0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(folder, 'cert.pem')}`;
    }
    return /CERT|ISSUER|VERIFY_LEAF/.test(code) && !code.startsWith('ERR_TLS_CERT_ALTNAME')
        ? `${(0,node_path__WEBPACK_IMPORTED_MODULE_2__.join)(folder, 'ca.pem')} did not sign the daemon's certificate`
        : undefined;
}
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
    return { ...options, ...(await readCertificates(folder)) };
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
    let options;
    try {
        const address = (options = await connectionOptions(url, env));
        const engine = new _engine_js__WEBPACK_IMPORTED_MODULE_4__/* .Engine */ .N$(address);
        await engine.open({ method: 'GET', path: '/_ping' }).then(answer => answer.resume());
        const docker = async () => new (await Promise.all(/* import() */[__webpack_require__.e(504), __webpack_require__.e(830), __webpack_require__.e(408), __webpack_require__.e(602)]).then(__webpack_require__.t.bind(__webpack_require__, 39040, 23))).default(address);
        return { engine, docker, url };
    }
    catch (error) {
        if (error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .FlowstoreError */ .U3)
            throw error;
        const reason = error instanceof Error ? error.message.trim() || error.name : String(error);
        const folder = env['DOCKER_CERT_PATH'];
        const blamed = options?.cert === undefined || folder === undefined
            ? undefined
            : blamedFile(error, folder);
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_3__/* .FlowstoreError */ .U3('DAEMON', `no Docker daemon answers at ${url} (${source}): ${blamed === undefined ? reason : `${blamed} (${reason})`}`, {
            hint: blamed === undefined
                ? 'Start Docker, or say where it is with base-url or DOCKER_HOST.'
                : TLS_HINT,
            cause: error
        });
    }
}


/***/ }),

/***/ 47724:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   N$: () => (/* binding */ Engine),
/* harmony export */   v0: () => (/* binding */ readFrames)
/* harmony export */ });
/* unused harmony export EngineError */
/* harmony import */ var node_stream_consumers__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(38321);
/* harmony import */ var node_stream_consumers__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_stream_consumers__WEBPACK_IMPORTED_MODULE_0__);

/** What an engine answered in place of what was asked, in its words. */
class EngineError extends Error {
    statusCode;
    name = 'EngineError';
    constructor(statusCode, words) {
        super(words);
        this.statusCode = statusCode;
    }
}
const wordsIn = (body) => {
    try {
        return String(JSON.parse(body).message);
    }
    catch {
        return body.trim();
    }
};
/**
 * The Docker Engine's API, as far as containers take it. What builds, pulls and pushes is dockerode's,
 * which alone takes longer to load than a container to be made.
 *
 * Every method throws {@link EngineError}, or what the system or TLS threw.
 */
class Engine {
    address;
    agent;
    constructor(address) {
        this.address = address;
    }
    /** Sends a request and gives the answer's stream. */
    async open(request) {
        const sent = await this.request(request);
        const answer = new Promise((resolve, reject) => {
            sent.on('response', resolve).on('error', reject);
        });
        const { json, archive } = request;
        if (archive !== undefined && !Buffer.isBuffer(archive)) {
            archive.on('error', (error) => sent.destroy(error)).pipe(sent);
        }
        else
            sent.end(json === undefined ? archive : JSON.stringify(json));
        return accepted(await answer);
    }
    /** Sends a request and reads the JSON of the answer; undefined where it is empty. */
    async ask(request) {
        const body = (await (0,node_stream_consumers__WEBPACK_IMPORTED_MODULE_0__.buffer)(await this.open(request))).toString('utf8');
        return (body === '' ? undefined : JSON.parse(body));
    }
    /** What the engine knows of an image that it has. */
    image(reference) {
        return this.ask({ method: 'GET', path: `/images/${reference}/json` });
    }
    /** Sends a request, and goes on with the raw connection in both directions. */
    async attach(path) {
        const upgrade = { connection: 'Upgrade', upgrade: 'tcp' };
        const sent = await this.request({ method: 'POST', path }, upgrade);
        return new Promise((resolve, reject) => {
            sent.on('error', reject);
            sent.on('upgrade', (_answer, socket, head) => {
                if (head.length > 0)
                    socket.unshift(head);
                resolve(socket);
            });
            sent.on('response', answer => {
                accepted(answer).then(() => {
                    reject(new Error('the daemon lets nobody attach to containers'));
                }, reject);
            });
            sent.end();
        });
    }
    async request({ method, path, json, archive, signal }, more = {}) {
        const isTls = this.address.protocol === 'https';
        const { Agent, request } = isTls ? await Promise.resolve(/* import() */).then(__webpack_require__.t.bind(__webpack_require__, 44708, 23)) : await Promise.resolve(/* import() */).then(__webpack_require__.t.bind(__webpack_require__, 37067, 23));
        this.agent ??= new Agent({ keepAlive: true });
        const type = json === undefined ? (archive === undefined ? undefined : 'x-tar') : 'json';
        const options = {
            ...this.address,
            ...{ protocol: undefined, method, path, agent: this.agent },
            ...(signal && { signal }),
            headers: { ...(type && { 'content-type': `application/${type}` }), ...more }
        };
        return request(options);
    }
}
async function accepted(answer) {
    const { statusCode = 0 } = answer;
    if (statusCode < 400)
        return answer;
    const words = wordsIn((await (0,node_stream_consumers__WEBPACK_IMPORTED_MODULE_0__.buffer)(answer)).toString('utf8'));
    throw new EngineError(statusCode, words === '' ? `status ${statusCode}` : words);
}
const HEADER = 8;
/**
 * What comes over an attached connection, taken apart: the bytes of both outputs of the container
 * (Docker Engine API, "Attach to a container": frames with a header of eight bytes).
 *
 * @param onOutput called with bytes as they come
 */
function readFrames(onOutput) {
    let kept = Buffer.alloc(0);
    let left = 0;
    return chunk => {
        let rest = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
        kept = Buffer.alloc(0);
        while (rest.length > 0) {
            if (left === 0) {
                if (rest.length < HEADER) {
                    kept = rest;
                    return;
                }
                left = rest.readUInt32BE(4);
                rest = rest.subarray(HEADER);
                continue;
            }
            const bytes = rest.subarray(0, left);
            onOutput(bytes);
            left -= bytes.length;
            rest = rest.subarray(bytes.length);
        }
    };
}


/***/ }),

/***/ 95138:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Q3: () => (/* binding */ sha256File),
/* harmony export */   iE: () => (/* binding */ sha256Json),
/* harmony export */   sc: () => (/* binding */ sha256)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(77598);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_crypto__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_stream_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(46466);
/* harmony import */ var node_stream_promises__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_stream_promises__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _source_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(78999);



/** SHA-256 of a text or of bytes, in hex. */
function sha256(content) {
    return (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)('sha256').update(content).digest('hex');
}
/**
 * SHA-256 of a file, streamed, in hex.
 *
 * @throws FlowstoreError FILE_CHANGED for a file that is gone, FILE_UNREADABLE
 */
async function sha256File(path) {
    const hash = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)('sha256');
    await (0,node_stream_promises__WEBPACK_IMPORTED_MODULE_1__.pipeline)((0,_source_js__WEBPACK_IMPORTED_MODULE_2__/* .readSource */ .o)(path), hash);
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

/***/ 78999:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   o: () => (/* binding */ readSource)
/* harmony export */ });
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(73024);
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(83916);


const changed = (path, how, cause) => new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .FlowstoreError */ .U3('FILE_CHANGED', `${path} ${how} while flowstore was reading the repository`, {
    hint: 'Let nothing write there during the run, or leave the file out with .gitignore or .dockerignore.',
    cause
});
/** A file of the user's that can't be read, as an error that names it. */
function unreadable(path, error) {
    const { code, message } = error;
    return code === 'ENOENT'
        ? changed(path, 'went away', error)
        : new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .FlowstoreError */ .U3('FILE_UNREADABLE', `${path} can't be read: ${message}`, {
            hint: 'Give this user the right to read it, or leave it out with .gitignore or .dockerignore.',
            cause: error
        });
}
/**
 * The content of a file of the user's, in parts.
 *
 * @param size the length that it was listed with; default any
 * @throws FlowstoreError FILE_CHANGED for a file that is gone, or that has another length;
 * FILE_UNREADABLE
 */
async function* readSource(path, size) {
    let read = 0;
    try {
        for await (const chunk of (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.createReadStream)(path)) {
            read += chunk.length;
            if (size !== undefined && read > size)
                throw changed(path, 'grew');
            yield chunk;
        }
    }
    catch (error) {
        throw error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .FlowstoreError */ .U3 ? error : unreadable(path, error);
    }
    if (size !== undefined && read < size)
        throw changed(path, 'shrank');
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
