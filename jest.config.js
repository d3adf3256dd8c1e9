import { createDefaultEsmPreset } from 'ts-jest'

const base = {
  ...createDefaultEsmPreset({ tsconfig: './tsconfig.test.json', diagnostics: false }),
  clearMocks: true,
  testEnvironment: 'node',
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' }
}

const suite = (displayName, folder, ignored = []) => ({
  ...base,
  displayName,
  testMatch: [`<rootDir>/__tests__/${folder}/**/*.test.ts`],
  testPathIgnorePatterns: ['/node_modules/', ...ignored]
})

// unit runs in seconds and needs Node alone; the others need what their name says.
export default {
  projects: [
    suite('unit', 'unit'),
    suite('docker', 'docker'),
    suite('compatibility', 'compatibility'),
    suite('field', 'field'),
    suite('deploy', 'deploy'),
    suite('faults', 'faults'),
    suite('conformance', 'conformance'),
    suite('dist', 'dist'),
    suite('workflow', 'workflow')
  ]
}
