export const id = 172;
export const ids = [172];
export const modules = {

/***/ 40172:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   publishFiles: () => (/* binding */ publishFiles)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(51455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(76760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(83916);



/**
 * Writes files into a folder, all or none: each under a temporary name first, then renamed.
 *
 * @param files name relative to the folder, to content
 * @returns absolute path of each, if the folder is absolute
 * @throws FlowstoreError WRITE_FAILED
 */
async function publishFiles(files, folder) {
    const drafts = [];
    try {
        for (const [name, content] of files) {
            const path = (0,node_path__WEBPACK_IMPORTED_MODULE_1__.join)(folder, name);
            const draft = `${path}.${process.pid}.tmp`;
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.mkdir)((0,node_path__WEBPACK_IMPORTED_MODULE_1__.dirname)(path), { recursive: true });
            drafts.push({ draft, path });
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.writeFile)(draft, content);
        }
        for (const { draft, path } of drafts)
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.rename)(draft, path);
    }
    catch (error) {
        for (const { draft } of drafts)
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.rm)(draft, { force: true });
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_2__/* .FlowstoreError */ .U3('WRITE_FAILED', `can't write to ${folder}: ${error.message}`, {
            hint: 'Say another folder with output-directory.',
            cause: error
        });
    }
    return drafts.map(({ path }) => path);
}


/***/ })

};
