export const id = 806;
export const ids = [806];
export const modules = {

/***/ 6212:
/***/ ((module, __unused_webpack_exports, __webpack_require__) => {

// light library entry point.


module.exports = __webpack_require__(35504);

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
