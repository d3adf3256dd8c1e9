/** `major.minor` of a version, such as `3.9` of `3.9.18`. */
export const minorOf = (version: string): string => version.split('.').slice(0, 2).join('.')
