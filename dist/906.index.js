export const id = 906;
export const ids = [906];
export const modules = {

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


/***/ })

};
