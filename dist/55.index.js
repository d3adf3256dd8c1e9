export const id = 55;
export const ids = [55];
export const modules = {

/***/ 45055:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   userBaseDigest: () => (/* binding */ userBaseDigest)
/* harmony export */ });
/* unused harmony export dockerfileInputs */
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(51455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var dockerfile_ast__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(78390);
/* harmony import */ var _discover_sources_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(28049);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(83916);
/* harmony import */ var _util_hash_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(95138);
/* harmony import */ var _files_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(76222);







/** `$NAME`, `${NAME}` and `${NAME:-default}` with their values; undefined where one is not known. */
function expanded(text, values) {
    const whole = text.replace(/\$(?:(\w+)|\{(\w+)(?::-([^}]*))?\})/g, (all, bare, braced, otherwise) => values.get(bare ?? braced ?? '') ?? otherwise ?? all);
    return whole.includes('$') ? undefined : whole;
}
/** Sources and destination of COPY or ADD. */
function pathsOf(instruction) {
    const content = instruction.getRawArgumentsContent() ?? '';
    if (content.startsWith('[')) {
        try {
            return JSON.parse(content);
        }
        catch {
            // Not the JSON form, then: a path may begin like that.
        }
    }
    return instruction.getArguments().map(part => part.getValue());
}
/**
 * Reads from a Dockerfile what its image is made of (Dockerfile reference: ARG before FROM, `--from`,
 * `--mount`).
 *
 * @returns undefined where that depends on something that the text does not say, such as an address
 * that ADD reads
 */
function dockerfileInputs(text, buildargs = {}) {
    const file = dockerfile_ast__WEBPACK_IMPORTED_MODULE_2__.DockerfileParser.parse(text);
    const lines = text.split(/\r?\n/);
    const values = new Map();
    for (const argument of file.getInitialARGs()) {
        const property = argument.getProperty();
        const name = property?.getName() ?? '';
        const value = buildargs[name] ?? property?.getValue();
        if (value !== null && value !== undefined)
            values.set(name, value);
    }
    const stages = new Set(['scratch']);
    const images = new Set();
    const sources = new Set();
    const addImage = (reference) => {
        if (reference === undefined)
            return false;
        if (!stages.has(reference.toLowerCase()) && !/^\d+$/.test(reference))
            images.add(reference);
        return true;
    };
    for (const instruction of file.getInstructions()) {
        const { start, end } = instruction.getRange();
        const words = lines.slice(start.line, end.line + 1).join('\n');
        if (instruction instanceof dockerfile_ast__WEBPACK_IMPORTED_MODULE_2__.From) {
            if (!addImage(expanded(instruction.getImage() ?? '$', values)))
                return undefined;
            const stage = instruction.getBuildStage();
            if (stage !== null)
                stages.add(stage.toLowerCase());
            continue;
        }
        const from = /(?:^|\s)--from=(\S+)/.exec(words)?.[1] ?? /--mount=\S*\bfrom=([^\s,]+)/.exec(words)?.[1];
        if (from !== undefined) {
            if (!addImage(expanded(from, values)))
                return undefined;
            continue;
        }
        if (/--mount=(?!\S*type=(?:cache|tmpfs|secret|ssh))/.test(words))
            sources.add('.');
        if (!(instruction instanceof dockerfile_ast__WEBPACK_IMPORTED_MODULE_2__.Copy || instruction instanceof dockerfile_ast__WEBPACK_IMPORTED_MODULE_2__.Add))
            continue;
        const paths = pathsOf(instruction);
        for (const source of paths.slice(0, -1)) {
            if (source.includes('$') || source.startsWith('<<') || source.includes('://'))
                return undefined;
            sources.add(source.replace(/^\/+/, '') || '.');
        }
    }
    return { images: [...images], sources: [...sources] };
}
/**
 * Identifies the image of a user's Dockerfile without building it: its text, what it copies, and the
 * images it is built on.
 *
 * @param digestOf the digest of an image that it is built on
 * @returns undefined where only a build can tell
 */
async function userBaseDigest({ path, cwd, dockerignore, buildKwargs }, digestOf) {
    const text = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readFile)((0,node_path__WEBPACK_IMPORTED_MODULE_1__.resolve)(cwd, path), 'utf8');
    const inputs = dockerfileInputs(text, buildKwargs.buildargs);
    if (inputs === undefined)
        return undefined;
    const bases = [];
    for (const reference of inputs.images) {
        const digest = await digestOf(reference).catch(() => undefined);
        if (digest === undefined)
            return undefined;
        bases.push(digest);
    }
    try {
        const { context } = await (0,_files_js__WEBPACK_IMPORTED_MODULE_6__/* .copiedFiles */ .M)(cwd, inputs.sources.map(source => ({ source, destination: '/' })), await (0,_discover_sources_js__WEBPACK_IMPORTED_MODULE_3__/* .dockerFilter */ .RR)(cwd, dockerignore));
        const kwargs = { ...buildKwargs, nocache: undefined };
        return `sha256:${(0,_util_hash_js__WEBPACK_IMPORTED_MODULE_5__/* .sha256Json */ .iE)([text, await (0,_files_js__WEBPACK_IMPORTED_MODULE_6__/* .contentsOf */ .K)(context), bases, kwargs])}`;
    }
    catch (error) {
        // The build says better what is not there.
        if (error instanceof _errors_js__WEBPACK_IMPORTED_MODULE_4__/* .FlowstoreError */ .U3)
            return undefined;
        throw error;
    }
}


/***/ })

};
