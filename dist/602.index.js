export const id = 602;
export const ids = [602];
export const modules = {

/***/ 49940:
/***/ ((module, __unused_webpack_exports, __webpack_require__) => {



const load = () => __webpack_require__(88866)

module.exports = {
  get Server() {
    return load().Server
  },
  get ServerCredentials() {
    return load().ServerCredentials
  },
  get loadPackageDefinition() {
    return load().loadPackageDefinition
  }
}


/***/ }),

/***/ 26014:
/***/ ((module, __unused_webpack_exports, __webpack_require__) => {



module.exports = {
  get loadSync() {
    return (__webpack_require__(7764)/* .loadSync */ .Yi)
  }
}


/***/ }),

/***/ 68260:
/***/ ((__unused_webpack_module, exports) => {



exports.K = class Client {
  constructor() {
    throw new Error('ssh:// Docker hosts are not supported by this bundle')
  }
}


/***/ })

};
