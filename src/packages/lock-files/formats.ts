// The formats of project files, imported only for such a file.
export * as pipfileLock from './pipfile-lock.js'
export * as poetryLock from './poetry-lock.js'
export * as pyproject from './pyproject.js'
export * as uvLock from './uv-lock.js'
