export const id = 172;
export const ids = [172];
export const modules = {

/***/ 40172:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   publishFiles: () => (/* binding */ publishFiles),
/* harmony export */   removeEarlier: () => (/* binding */ removeEarlier)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(51455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var zod__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(9691);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(83916);




const failed = (folder, error) => new _errors_js__WEBPACK_IMPORTED_MODULE_2__/* .FlowstoreError */ .U3('WRITE_FAILED', `can't write to ${folder}: ${error.message}`, {
    hint: 'Say another folder with output-directory.',
    cause: error
});
/** What shows that a report is one of ours, and which files lie beside it. */
const earlierReport = zod__WEBPACK_IMPORTED_MODULE_3__/* .object */ .Ikc({
    outputs: zod__WEBPACK_IMPORTED_MODULE_3__/* .object */ .Ikc({ 'flows-path': zod__WEBPACK_IMPORTED_MODULE_3__/* .string */ .YjP(), image: zod__WEBPACK_IMPORTED_MODULE_3__/* .string */ .YjP() }),
    versions: zod__WEBPACK_IMPORTED_MODULE_3__/* .object */ .Ikc({ flowstore: zod__WEBPACK_IMPORTED_MODULE_3__/* .string */ .YjP() })
});
/**
 * Removes what an earlier run has published into a folder, so that nobody takes it for this run's:
 * the files that its report speaks of. Where there is no report of ours, nothing is touched: a
 * Dockerfile may be the user's own.
 *
 * @throws FlowstoreError WRITE_FAILED
 */
async function removeEarlier(folder) {
    let outputs;
    try {
        const text = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readFile)((0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(folder, 'report.json'), 'utf8');
        outputs = earlierReport.parse(JSON.parse(text)).outputs;
    }
    catch {
        return;
    }
    const names = [
        'storage.json',
        ...(outputs['flows-path'] === '' ? [] : ['flows.json']),
        ...(outputs.image === '' ? [] : ['Dockerfile']),
        // Last, for it tells of the others.
        'report.json'
    ];
    try {
        for (const name of names)
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.rm)((0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(folder, name), { force: true });
    }
    catch (error) {
        throw failed(folder, error);
    }
}
/**
 * Writes files into a folder, all or none: each under a temporary name first, then renamed.
 *
 * @param files name relative to the folder, to content
 * @returns absolute path of each, if the folder is absolute
 * @throws FlowstoreError WRITE_FAILED
 */
async function publishFiles(files, folder) {
    const drafts = [];
    const published = [];
    try {
        for (const [name, content] of files) {
            const path = (0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(folder, name);
            const draft = `${path}.${process.pid}.tmp`;
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.mkdir)((0,node_path__WEBPACK_IMPORTED_MODULE_1__.dirname)(path), { recursive: true });
            drafts.push({ draft, path });
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.writeFile)(draft, content);
        }
        for (const { draft, path } of drafts) {
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.rename)(draft, path);
            published.push(path);
        }
    }
    catch (error) {
        for (const path of [...drafts.map(({ draft }) => draft), ...published]) {
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.rm)(path, { force: true });
        }
        throw failed(folder, error);
    }
    return published;
}


/***/ })

};
