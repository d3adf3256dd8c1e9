export const id = 136;
export const ids = [136];
export const modules = {

/***/ 21916:
/***/ ((__unused_webpack_module, exports) => {

var __webpack_unused_export__;

__webpack_unused_export__ = true;
exports.Io = __webpack_unused_export__ = void 0;
var peq = new Uint32Array(0x10000);
var myers_32 = function (a, b) {
    var n = a.length;
    var m = b.length;
    var lst = 1 << (n - 1);
    var pv = -1;
    var mv = 0;
    var sc = n;
    var i = n;
    while (i--) {
        peq[a.charCodeAt(i)] |= 1 << i;
    }
    for (i = 0; i < m; i++) {
        var eq = peq[b.charCodeAt(i)];
        var xv = eq | mv;
        eq |= ((eq & pv) + pv) ^ pv;
        mv |= ~(eq | pv);
        pv &= eq;
        if (mv & lst) {
            sc++;
        }
        if (pv & lst) {
            sc--;
        }
        mv = (mv << 1) | 1;
        pv = (pv << 1) | ~(xv | mv);
        mv &= xv;
    }
    i = n;
    while (i--) {
        peq[a.charCodeAt(i)] = 0;
    }
    return sc;
};
var myers_x = function (b, a) {
    var n = a.length;
    var m = b.length;
    var mhc = [];
    var phc = [];
    var hsize = Math.ceil(n / 32);
    var vsize = Math.ceil(m / 32);
    for (var i = 0; i < hsize; i++) {
        phc[i] = -1;
        mhc[i] = 0;
    }
    var j = 0;
    for (; j < vsize - 1; j++) {
        var mv_1 = 0;
        var pv_1 = -1;
        var start_1 = j * 32;
        var vlen_1 = Math.min(32, m) + start_1;
        for (var k = start_1; k < vlen_1; k++) {
            peq[b.charCodeAt(k)] |= 1 << k;
        }
        for (var i = 0; i < n; i++) {
            var eq = peq[a.charCodeAt(i)];
            var pb = (phc[(i / 32) | 0] >>> i) & 1;
            var mb = (mhc[(i / 32) | 0] >>> i) & 1;
            var xv = eq | mv_1;
            var xh = ((((eq | mb) & pv_1) + pv_1) ^ pv_1) | eq | mb;
            var ph = mv_1 | ~(xh | pv_1);
            var mh = pv_1 & xh;
            if ((ph >>> 31) ^ pb) {
                phc[(i / 32) | 0] ^= 1 << i;
            }
            if ((mh >>> 31) ^ mb) {
                mhc[(i / 32) | 0] ^= 1 << i;
            }
            ph = (ph << 1) | pb;
            mh = (mh << 1) | mb;
            pv_1 = mh | ~(xv | ph);
            mv_1 = ph & xv;
        }
        for (var k = start_1; k < vlen_1; k++) {
            peq[b.charCodeAt(k)] = 0;
        }
    }
    var mv = 0;
    var pv = -1;
    var start = j * 32;
    var vlen = Math.min(32, m - start) + start;
    for (var k = start; k < vlen; k++) {
        peq[b.charCodeAt(k)] |= 1 << k;
    }
    var score = m;
    for (var i = 0; i < n; i++) {
        var eq = peq[a.charCodeAt(i)];
        var pb = (phc[(i / 32) | 0] >>> i) & 1;
        var mb = (mhc[(i / 32) | 0] >>> i) & 1;
        var xv = eq | mv;
        var xh = ((((eq | mb) & pv) + pv) ^ pv) | eq | mb;
        var ph = mv | ~(xh | pv);
        var mh = pv & xh;
        score += (ph >>> (m - 1)) & 1;
        score -= (mh >>> (m - 1)) & 1;
        if ((ph >>> 31) ^ pb) {
            phc[(i / 32) | 0] ^= 1 << i;
        }
        if ((mh >>> 31) ^ mb) {
            mhc[(i / 32) | 0] ^= 1 << i;
        }
        ph = (ph << 1) | pb;
        mh = (mh << 1) | mb;
        pv = mh | ~(xv | ph);
        mv = ph & xv;
    }
    for (var k = start; k < vlen; k++) {
        peq[b.charCodeAt(k)] = 0;
    }
    return score;
};
var distance = function (a, b) {
    if (a.length < b.length) {
        var tmp = b;
        b = a;
        a = tmp;
    }
    if (b.length === 0) {
        return a.length;
    }
    if (a.length <= 32) {
        return myers_32(a, b);
    }
    return myers_x(a, b);
};
exports.Io = distance;
var closest = function (str, arr) {
    var min_distance = Infinity;
    var min_index = 0;
    for (var i = 0; i < arr.length; i++) {
        var dist = distance(str, arr[i]);
        if (dist < min_distance) {
            min_distance = dist;
            min_index = i;
        }
    }
    return arr[min_index];
};
__webpack_unused_export__ = closest;


/***/ }),

/***/ 45136:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  checkOptions: () => (/* binding */ checkOptions),
  N: () => (/* binding */ inputOptions),
  unknownOption: () => (/* binding */ unknownOption)
});

// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(73024);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(76760);
// EXTERNAL MODULE: ./node_modules/zod/v4/classic/schemas.js + 15 modules
var schemas = __webpack_require__(9691);
// EXTERNAL MODULE: ./node_modules/zod/v4/core/core.js
var core = __webpack_require__(88532);
// EXTERNAL MODULE: ./src/errors.ts
var src_errors = __webpack_require__(83916);
// EXTERNAL MODULE: ./node_modules/fastest-levenshtein/mod.js
var mod = __webpack_require__(21916);
;// CONCATENATED MODULE: ./src/util/text.ts

/** The nearest of some words to a text, or undefined where none is near. */
function nearest(text, words) {
    const [best] = words
        .map(word => ({ word, far: (0,mod/* distance */.Io)(text.toLowerCase(), word) }))
        .sort((a, b) => a.far - b.far);
    return best && best.far <= Math.max(2, best.word.length / 3) ? best.word : undefined;
}

// EXTERNAL MODULE: ./src/options/specs.ts
var specs = __webpack_require__(79874);
;// CONCATENATED MODULE: ./src/options/options.ts






const NAMES = specs/* OPTION_SPECS */.F.map(spec => spec.name);
// Prefect's class names, and ours.
const STORAGES = {
    local: 'local',
    localstorage: 'local',
    memory: 'memory',
    bytes: 'bytes'
};
const lines = (text) => text
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'));
const options_text = schemas/* string */.YjP().trim();
const options_boolean = options_text
    .toLowerCase()
    .refine(value => ['true', 'false'].includes(value), 'is neither true nor false')
    .transform(value => value === 'true');
const schema = schemas/* object */.Ikc({
    flows: options_text.transform(lines).refine(list => list.length > 0, 'names no flow module'),
    storage: options_text.transform((value, context) => {
        const storage = STORAGES[value.toLowerCase()];
        if (storage)
            return storage;
        const near = nearest(value, ['local', 'memory', 'bytes']);
        context.addIssue({
            code: 'custom',
            message: value.toLowerCase() === 'docker'
                ? "docker storage can't be built by this version yet; local, memory and bytes can"
                : `is '${value}', not local, memory or bytes${near ? `; did you mean '${near}'?` : ''}`
        });
        return core/* NEVER */.tm;
    }),
    'python-dependencies': options_text.default('').transform(lines),
    'requirements-file': options_text.optional(),
    'env-vars': options_text.default('').transform((value, context) => {
        const variables = {};
        for (const line of lines(value)) {
            const pair = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(line);
            if (!pair?.[1] || pair[1] in variables) {
                context.addIssue({
                    code: 'custom',
                    message: pair?.[1]
                        ? `gives ${pair[1]} twice`
                        : `has a line that is not KEY=VALUE: '${line.split('=')[0] ?? ''}'`
                });
            }
            else
                variables[pair[1]] = pair[2] ?? '';
        }
        return variables;
    }),
    'prefect-version': options_text
        .regex(/^[A-Za-z0-9][\w.+!/-]*$/, 'is neither a release nor a git ref')
        .optional(),
    directory: options_text.optional(),
    python: options_text.optional(),
    healthcheck: options_boolean,
    'output-directory': options_text,
    'upload-artifact': options_boolean,
    'artifact-name': options_text.regex(/^[^":<>|*?\r\n\\/]+$/, 'has a character that GitHub forbids')
});
/** An error about an option that is none of ours, with the nearest that is. */
function unknownOption(name) {
    const near = nearest(name, NAMES);
    return new src_errors/* FlowstoreError */.U3('UNKNOWN_OPTION', `there is no option '${name}'`, {
        hint: near ? `Did you mean '${near}'?` : `There are: ${NAMES.join(', ')}.`
    });
}
/**
 * Checks options. Empty texts count as not given.
 *
 * @param cwd the folder that paths are relative to
 * @throws FlowstoreErrors with every error found
 */
function checkOptions(raw, cwd) {
    const errors = [];
    const given = Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== undefined && value.trim() !== ''));
    for (const name of Object.keys(given))
        if (!NAMES.includes(name))
            errors.push(unknownOption(name));
    const defaults = Object.fromEntries(specs/* OPTION_SPECS */.F.flatMap(spec => (spec.default === undefined ? [] : [[spec.name, spec.default]])));
    const parsed = schema.safeParse({ ...defaults, ...given });
    if (!parsed.success) {
        for (const issue of parsed.error.issues) {
            const name = String(issue.path[0]);
            const missing = !(name in given) && !(name in defaults);
            const code = missing ? 'MISSING_OPTION' : 'INVALID_OPTION';
            errors.push(new src_errors/* FlowstoreError */.U3(code, missing ? `the option '${name}' is required` : `the option '${name}' ${issue.message}`));
        }
    }
    const storage = STORAGES[(given['storage'] ?? 'local').toLowerCase()];
    if (given['directory'] && storage !== 'local') {
        errors.push(new src_errors/* FlowstoreError */.U3('INVALID_OPTION', "the option 'directory' goes with 'storage: local' only"));
    }
    const file = given['requirements-file'];
    if (file && !(0,external_node_fs_.existsSync)((0,external_node_path_.resolve)(cwd, file))) {
        errors.push(new src_errors/* FlowstoreError */.U3('FILE_NOT_FOUND', `the requirements file '${file}' does not exist`, {
            hint: `Looked in ${cwd}.`
        }));
    }
    (0,src_errors/* throwAll */.Kx)(errors);
    const value = parsed.data;
    return {
        flows: value.flows,
        storage: value.storage,
        pythonDependencies: value['python-dependencies'],
        requirementsFile: value['requirements-file'],
        envVars: value['env-vars'],
        prefectVersion: value['prefect-version'],
        directory: value.directory,
        python: value.python,
        healthcheck: value.healthcheck,
        outputDirectory: value['output-directory'],
        uploadArtifact: value['upload-artifact'],
        artifactName: value['artifact-name']
    };
}
/** Reads the Action's inputs: variables named `INPUT_` and the input in upper case. */
function inputOptions(env, cwd) {
    return checkOptions(Object.fromEntries(Object.entries(env).flatMap(([name, value]) => name.startsWith('INPUT_') ? [[name.slice(6).toLowerCase().replaceAll(' ', '_'), value]] : [])), cwd);
}


/***/ })

};
