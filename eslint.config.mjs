import js from '@eslint/js'
import jest from 'eslint-plugin-jest'
import tseslint from 'typescript-eslint'

const EXIT = {
  object: 'process',
  property: 'exit',
  message: 'Only the entry points end the process.'
}
const TO_THE_LOG =
  'Text of others reaches the log through a Recorder or publish/, which make plain lines of it.'
const FOR_GITHUB = {
  regex: '^@actions/(core|artifact)',
  message: 'Only src/action.ts and src/publish/ write for GitHub.'
}
const PURE = {
  regex: '^(node:)?(http2?|https|net|tls|dgram|child_process|worker_threads|cluster)$',
  message: 'src/storage/ has no HTTP and no processes.'
}

export default tseslint.config(
  { ignores: ['dist/', 'lib/', 'node_modules/', '.test-bed/', '.flowstore/', 'examples/'] },
  js.configs.recommended,
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        fetch: 'readonly',
        setTimeout: 'readonly',
        performance: 'readonly'
      }
    }
  },
  { files: ['stubs/**/*.js'], languageOptions: { sourceType: 'commonjs' } },
  {
    files: ['src/**/*.ts', '__tests__/**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.test.json' } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'no-restricted-properties': ['error', EXIT]
    }
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/{bundle,action,cli}.ts', 'src/publish/{annotations,job}.ts'],
    rules: {
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        EXIT,
        { object: 'process', property: 'stdout', message: TO_THE_LOG },
        { object: 'process', property: 'stderr', message: TO_THE_LOG }
      ]
    }
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/action.ts', 'src/publish/{annotations,artifact,job}.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [FOR_GITHUB] }],
      // The rule above does not see imports on first use.
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ImportExpression[source.value=/^@actions.(core|artifact)/]',
          message: FOR_GITHUB.message
        }
      ]
    }
  },
  {
    files: ['src/storage/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [FOR_GITHUB, PURE] }] }
  },
  { files: ['__tests__/**/*.ts'], ...jest.configs['flat/recommended'] },
  {
    files: ['__tests__/**/*.ts'],
    rules: {
      'jest/no-standalone-expect': ['error', { additionalTestBlockFunctions: ['check'] }],
      'jest/expect-expect': ['error', { assertFunctionNames: ['expect', 'expect*'] }]
    }
  }
)
