import { config, z } from 'zod'

// A schema is used once or twice in a run: compiling it takes longer than it saves.
config({ jitless: true })

export { z }
