export const id = 260;
export const ids = [260];
export const modules = {

/***/ 68260:
/***/ ((__unused_webpack_module, exports) => {



exports.K = class Client {
  constructor() {
    throw new Error('ssh:// Docker hosts are not supported by this bundle')
  }
}


/***/ })

};
