/** Milliseconds that a connection to the daemon may be silent. */
export interface TimeLimits {
  /** For a fact, such as the labels of an image. */
  readonly answer: number
  /** For work with an answer at its end, such as the start of a container. */
  readonly work: number
  /** For work that tells how far it is: a build, a pull, a push. A step of a build may print nothing for long. */
  readonly progress: number
}

/** Seconds, as Compose and docker-py have them. */
const DEFAULT_SECONDS = 60

/**
 * The limits for a daemon.
 *
 * @param seconds the variable DOCKER_CLIENT_TIMEOUT; default and for a text that is no positive number 60
 */
export function timeLimits(seconds?: string): TimeLimits {
  const number = Number(seconds)
  const answer = (number > 0 && number < 1e6 ? number : DEFAULT_SECONDS) * 1000
  return { answer, work: 5 * answer, progress: 30 * answer }
}
