// The results of a case: samples, medians, and whether the table's bounds are met.
import { median } from './process.mjs'

const round = (value, digits = 3) => Number(value.toFixed(digits))

/** The ratio of two medians. */
export const ratio = (all, one, other) => median(all[one]) / median(all[other])

const check = (what, bound, sign, value) => ({
  what,
  bound: `${sign} ${bound}`,
  value: round(value),
  met: sign === '≥' ? value >= bound : value <= bound
})

export const atLeast = (what, bound, value) => check(what, bound, '≥', value)
export const atMost = (what, bound, value) => check(what, bound, '≤', value)

/** A bound without a measurement, since the run failed. */
export const broken = (what, bound) => ({ what, bound, value: null, met: false })

/** Medians of the phases in flowstore's reports, in seconds. */
export const phasesOf = reports => {
  const names = [...new Set(reports.flatMap(report => report.phases.map(phase => phase.name)))]
  const of = (report, name) =>
    report.phases
      .filter(phase => phase.name === name)
      .reduce((sum, { seconds }) => sum + seconds, 0)
  return Object.fromEntries(
    names.map(name => [name, round(median(reports.map(report => of(report, name))))])
  )
}

/**
 * A case, in the form of the results.
 *
 * @param samples name to samples: `{ seconds, report? }` each
 * @param checks returns the checks, given name to seconds
 */
export const caseOf = (samples, checks, facts = {}) => {
  const seconds = Object.fromEntries(
    Object.entries(samples).map(([name, taken]) => [name, taken.map(sample => sample.seconds)])
  )
  const series = Object.fromEntries(
    Object.entries(samples).map(([name, taken]) => {
      const reports = taken.flatMap(({ report }) => (report ? [report] : []))
      return [
        name,
        {
          median: round(median(seconds[name])),
          samples: seconds[name].map(value => round(value)),
          ...(reports.length > 0 ? { phases: phasesOf(reports) } : {})
        }
      ]
    })
  )
  return { unit: 's', series, checks: checks(seconds), ...facts }
}
