export const id = 686;
export const ids = [686];
export const modules = {

/***/ 92686:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  loadEmbedded: () => (/* binding */ loadEmbedded),
  loadForImage: () => (/* binding */ loadForImage)
});

// EXTERNAL MODULE: ./src/errors.ts
var errors = __webpack_require__(83916);
// EXTERNAL MODULE: ./src/load/container.ts + 1 modules
var container = __webpack_require__(82497);
// EXTERNAL MODULE: ./src/load/flows.ts
var flows = __webpack_require__(35897);
// EXTERNAL MODULE: ./src/storage/flows-json.ts
var flows_json = __webpack_require__(20119);
// EXTERNAL MODULE: ./src/phases/environment.ts
var phases_environment = __webpack_require__(54877);
;// CONCATENATED MODULE: ./src/phases/python.ts


/** Opens a Python in a container of the environment image. */
async function openContainer(run, { work, environment }, why) {
    const { engine } = await (0,phases_environment/* inDaemon */.GT)(environment, work);
    const session = await (0,container/* containerPython */.g)(engine, environment.image, run.sources).open();
    run.defer(() => session.close());
    return { session, container: session, in: 'image', why };
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

;// CONCATENATED MODULE: ./src/phases/loading.ts






/** Has the environment image: found where it is, else made. */
async function imageEnvironment(run) {
    const work = await (0,phases_environment/* planImage */.Fz)(run);
    return { work, environment: await (0,phases_environment/* environmentOf */.p7)(run, work) };
}
const load = async (run, { session, expected }) => {
    const { options, log, modules } = run;
    // Python has its own to load meanwhile; what fails here fails again where it is needed.
    void Promise.all(/* import() */[__webpack_require__.e(955), __webpack_require__.e(504), __webpack_require__.e(221), __webpack_require__.e(621), __webpack_require__.e(414)]).then(__webpack_require__.bind(__webpack_require__, 82414)).catch(() => undefined);
    const found = await (0,flows/* loadFlows */.mL)(session, modules, options.storage === 'docker' ? 'reference' : 'value', (0,flows_json/* storageLabels */.H5)(options.storage), expected);
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
        return inContainer('the flows will run there');
    const bound = options.loadIn === 'auto' ? boundToImage(run) : undefined;
    if (bound !== undefined)
        return inContainer(bound);
    const { differenceText, interpreterMade, interpretersLike, mismatch } = await Promise.all(/* import() */[__webpack_require__.e(955), __webpack_require__.e(221), __webpack_require__.e(720)]).then(__webpack_require__.bind(__webpack_require__, 92720));
    let last;
    let problem;
    const onRunner = async (candidates, otherwise) => {
        for await (const loading of candidates) {
            const loaded = await load(run, loading);
            const [first] = loaded.problems;
            if (loaded.differences.length > 0)
                last = loaded.differences;
            // What packages don't make, such as a file of the base image, only the image has.
            else if (first && otherwise)
                problem = first.message;
            else {
                log.info(`Loading on the runner: ${loading.why}`);
                return { loading, loaded };
            }
        }
        return undefined;
    };
    const found = await onRunner(interpretersLike(run, image), options.loadIn === 'auto');
    if (found)
        return found;
    const why = problem ?? (last ? differenceText(last) : 'no interpreter is at hand');
    if (options.loadIn === 'auto') {
        try {
            await image.work.daemon();
            return await inContainer(why);
        }
        catch (error) {
            if (!(error instanceof errors/* FlowstoreError */.U3) || error.code !== 'DAEMON')
                throw error;
            log.info(`${error.message}; no interpreter here is like the image's: ${why}`);
        }
    }
    const made = await onRunner(interpreterMade(run, image), false);
    if (made)
        return made;
    throw mismatch(last ?? []);
}
/** Loads flows that go into no image: on this machine, or in a container of one. */
async function loadEmbedded(run) {
    const { options, surroundings, log, sources, requirements } = run;
    const { cwd, env, cache } = surroundings;
    const { loadingPython } = await Promise.all(/* import() */[__webpack_require__.e(955), __webpack_require__.e(221), __webpack_require__.e(382)]).then(__webpack_require__.bind(__webpack_require__, 53001));
    const { interpreterPython } = await Promise.all(/* import() */[__webpack_require__.e(955), __webpack_require__.e(658)]).then(__webpack_require__.bind(__webpack_require__, 12658));
    const { image, python } = await log.phase('environment', async () => options.loadIn === 'image'
        ? { image: await imageEnvironment(run), python: '' }
        : {
            image: undefined,
            python: await loadingPython({
                ...{ python: options.python, prefectVersion: options.prefectVersion },
                installer: options.installer,
                ...{ requirements, sources, cwd, env, cache }
            }, log)
        });
    return log.phase('load', async () => {
        const place = image
            ? (0,container/* containerPython */.g)((await (0,phases_environment/* inDaemon */.GT)(image.environment, image.work)).engine, image.environment.image, sources)
            : interpreterPython({ python, sources, env, envVars: options.envVars });
        const session = await place.open();
        run.defer(() => session.close());
        const loading = { session, in: image ? 'image' : 'runner', why: '' };
        return { loading, loaded: await load(run, loading) };
    });
}


/***/ })

};
