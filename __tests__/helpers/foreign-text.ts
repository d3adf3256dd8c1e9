import fc from 'fast-check'

// The same texts in every run; FLOWSTORE_SEED draws others.
fc.configureGlobal({ seed: Number(process.env['FLOWSTORE_SEED'] ?? 1) })

/** Parts of commands, of Dockerfiles and of shells, and what ends a line or a word. */
const PARTS = [
  ...[
    '::',
    ':',
    '##[',
    '#',
    '##',
    '[',
    ']',
    'vso[',
    'teamcity[',
    'error',
    'add-mask',
    'set-output name=x'
  ],
  ...[
    '\n',
    '\r',
    '\r\n',
    '\t',
    '\v',
    '\f',
    '\0',
    '\u0085',
    '\u2028',
    '\u2029',
    '\u00a0',
    '\uFEFF',
    '\u202E'
  ],
  ...[
    '\u001b[0K',
    '\u001b',
    'section_start:1:a',
    ' ',
    '%0A',
    '%',
    '\\',
    '"',
    "'",
    '$',
    '${',
    '}',
    '`',
    '<<EOF'
  ],
  ...[
    'RUN ',
    'USER root',
    'FROM x',
    '# escape=`',
    ',',
    '*',
    '?',
    '~',
    '.',
    'a',
    'flow',
    'ü',
    '😀',
    '--',
    '=',
    ';'
  ]
]

/** A text as a hostile repository could have it in a name, a path, a version or a message. */
export const foreignText: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.constantFrom(...PARTS), { minLength: 1, maxLength: 12 }).map(parts => parts.join('')),
  fc.string({ minLength: 1, maxLength: 20, unit: 'binary' })
)

/** The same on one line, as a person writes it in an option. */
export const foreignLine: fc.Arbitrary<string> = foreignText.map(text =>
  text.replace(/[\r\n\0]/g, '')
)

/** A name that a file system allows: at most 255 bytes, without `/`. */
export const fileName: fc.Arbitrary<string> = foreignText
  .map(text => text.replace(/[/\0]/g, ''))
  .filter(name => name !== '' && name !== '.' && name !== '..' && Buffer.byteLength(name) <= 200)
