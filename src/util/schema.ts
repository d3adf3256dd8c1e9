import { config } from 'zod'

// A schema is used once or twice in a run: compiling it takes longer than it saves.
config({ jitless: true })

// Named exports, so that the bundle omits the rest, such as zod's messages in forty languages.
export {
  array,
  boolean,
  enum,
  instanceof,
  literal,
  looseObject,
  NEVER,
  number,
  object,
  record,
  strictObject,
  string,
  union,
  unknown,
  type infer,
  type ZodType
} from 'zod'
