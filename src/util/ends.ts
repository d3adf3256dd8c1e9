import { processScope } from './scope.js'

/** The scope of the process by its former name, until the room `docker` uses that. */
export const atEnd = processScope.defer
