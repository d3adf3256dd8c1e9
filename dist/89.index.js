export const id = 89;
export const ids = [89];
export const modules = {

/***/ 48089:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   makeEnvironment: () => (/* binding */ makeEnvironment)
/* harmony export */ });
/* harmony import */ var _image_base_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(2212);
/* harmony import */ var _image_environment_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(18256);
/* harmony import */ var _image_environment_build_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(57965);
/* harmony import */ var _image_environment_plan_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(73357);
/* harmony import */ var _image_push_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(55133);
/* harmony import */ var _image_user_dockerfile_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(85969);
/* harmony import */ var _environment_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(54877);







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
        await (0,_image_push_js__WEBPACK_IMPORTED_MODULE_4__/* .checkPushAccess */ .Lr)(target.name, credentials);
    const base = work.base === undefined
        ? await (0,_image_user_dockerfile_js__WEBPACK_IMPORTED_MODULE_5__/* .userBaseImage */ .c)(daemon, { path: dockerfile ?? '', cwd: surroundings.cwd, dockerignore, buildKwargs: given }, log)
        : await (0,_image_base_js__WEBPACK_IMPORTED_MODULE_0__/* .baseImage */ .f)(daemon, work.base, localImage, credentials, log, given.platform);
    const digest = work.base === undefined ? await (0,_environment_js__WEBPACK_IMPORTED_MODULE_6__/* .knownBase */ .d8)(run, work) : undefined;
    const plan = (0,_image_environment_plan_js__WEBPACK_IMPORTED_MODULE_3__/* .planEnvironment */ .R)(inputs, digest === undefined ? base : { ...base, digest }, log);
    const { key } = plan;
    const fresh = buildKwargs.nocache === true;
    const local = fresh ? undefined : await (0,_image_environment_js__WEBPACK_IMPORTED_MODULE_1__/* .localEnvironment */ .bx)(daemon, key, buildKwargs);
    if (local)
        log.info(`Environment ${key}: the daemon has it`);
    const remote = local || fresh ? undefined : await (0,_environment_js__WEBPACK_IMPORTED_MODULE_6__/* .inRegistry */ .z9)(run, work, key);
    if (remote) {
        log.info(`Environment ${key}: the registry has it`);
        return remote;
    }
    const made = local ?? (await (0,_image_environment_build_js__WEBPACK_IMPORTED_MODULE_2__/* .buildEnvironment */ .A)(daemon, plan, log));
    return target === undefined ? made : pushed(run, work, target, made);
}
/** An environment image of the daemon, in the registry as well. */
async function pushed(run, work, target, environment) {
    const daemon = await work.daemon();
    const tag = (0,_environment_js__WEBPACK_IMPORTED_MODULE_6__/* .remoteTag */ .vD)(environment.key);
    await (await daemon.docker()).getImage(environment.image).tag({ repo: target.name, tag });
    await (0,_image_push_js__WEBPACK_IMPORTED_MODULE_4__/* .pushImage */ .GH)(daemon, `${target.name}:${tag}`, work.credentials);
    run.log.info(`Environment ${environment.key}: pushed as ${target.name}:${tag}`);
    return (await (0,_environment_js__WEBPACK_IMPORTED_MODULE_6__/* .inRegistry */ .z9)(run, work, environment.key)) ?? environment;
}


/***/ })

};
