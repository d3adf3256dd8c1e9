export const id = 752;
export const ids = [752];
export const modules = {

/***/ 50752:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   summaryMarkdown: () => (/* binding */ summaryMarkdown),
/* harmony export */   terminalError: () => (/* binding */ terminalError),
/* harmony export */   terminalNotice: () => (/* binding */ terminalNotice),
/* harmony export */   terminalReport: () => (/* binding */ terminalReport)
/* harmony export */ });
/* harmony import */ var _util_format_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(32693);

/** What there is to say of the image, if the storage has one. */
const imageLines = ({ outputs }) => [
    ['Image', outputs.image],
    ['Tags', outputs.tags.split('\n').join(', ')],
    ['Digest', outputs.digest]
].filter(([, value]) => value !== '');
const UNCHANGED = 'Unchanged: the registry has this image, made of the same input.';
/** One line of text, whatever a flow is called: a line break could begin a command to the runner. */
const oneLine = (text) => 
// eslint-disable-next-line no-control-regex -- these are what is looked for
text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
/** What a person reads in a terminal when a build is done. */
function terminalReport({ report }) {
    const rows = report.flows.map(flow => [
        flow.name,
        `${flow.module}:${flow.line}`,
        (0,_util_format_js__WEBPACK_IMPORTED_MODULE_0__/* .humanSize */ .X)(flow.size),
        flow.location
    ]);
    const widths = [0, 1, 2].map(column => Math.max(...rows.map(row => (row[column] ?? '').length)));
    const { python, prefect, cloudpickle } = report.versions;
    return [
        `${rows.length} ${rows.length === 1 ? 'flow' : 'flows'} (Python ${python}, Prefect ${prefect}, cloudpickle ${cloudpickle}):`,
        ...rows.map(row => oneLine(`  ${row.map((text, i) => text.padEnd(widths[i] ?? 0)).join('  ')}`).trimEnd()),
        ...imageLines(report).map(([name, value]) => `${name}: ${value}`),
        ...(report.outputs.changed === 'false' ? [UNCHANGED] : []),
        `Storage: ${report.outputs['storage-path']}`
    ].join('\n');
}
/** An error as a terminal shows it: code, message, place, why, what to do. */
function terminalError(error) {
    const place = error.file ? ` (${error.file}${error.line ? `:${error.line}` : ''})` : '';
    return [
        oneLine(`error ${error.code}: ${error.message}${place}`),
        ...(error.detail ?? '')
            .split('\n')
            .filter(Boolean)
            .map(line => `    | ${oneLine(line)}`),
        ...(error.hint ? [`  hint: ${error.hint}`] : [])
    ].join('\n');
}
/** A notice as a terminal shows it. */
const terminalNotice = (notice) => oneLine(`${notice.level}: ${notice.message}`);
/** Text inside a Markdown table's cell: a flow's name may hold anything. */
const cell = (text) => text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_{}[\]()#+!|~-]/g, '\\$&')
    .replace(/\s+/g, ' ');
/** GitHub takes a job summary of 1 MiB. */
const MOST_ROWS = 1000;
/** The job summary: flows, versions and the time of each phase. */
function summaryMarkdown({ report }) {
    const { flows, phases, notices, versions } = report;
    const more = flows.length - MOST_ROWS;
    return [
        `### flowstore: ${flows.length} ${flows.length === 1 ? 'flow' : 'flows'}`,
        '',
        `Python ${versions.python}, Prefect ${versions.prefect}, cloudpickle ${versions.cloudpickle}`,
        '',
        ...imageLines(report).flatMap(([name, value]) => [`${name}: \`${value}\``, '']),
        ...(report.outputs.changed === 'false' ? [UNCHANGED, ''] : []),
        '| Flow | Module | Location | Size |',
        '| --- | --- | --- | --- |',
        ...flows
            .slice(0, MOST_ROWS)
            .map(flow => `| ${cell(flow.name)} | ${cell(flow.module)}:${flow.line} | ${cell(flow.location)} | ${(0,_util_format_js__WEBPACK_IMPORTED_MODULE_0__/* .humanSize */ .X)(flow.size)} |`),
        ...(more > 0 ? ['', `${more} more flows are in report.json.`] : []),
        '',
        phases.map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`).join(', '),
        ...notices.map(notice => `\n> ${notice.level}: ${cell(notice.message)}`),
        ''
    ].join('\n');
}


/***/ }),

/***/ 32693:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   X: () => (/* binding */ humanSize)
/* harmony export */ });
/** A size as a person reads it, in binary steps: `512 B`, `3.2 KiB`, `1.0 GiB`. */
function humanSize(bytes) {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
    let size = bytes;
    let unit = 0;
    while (size >= 1024 && unit < units.length - 1) {
        size /= 1024;
        unit += 1;
    }
    return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}


/***/ })

};
