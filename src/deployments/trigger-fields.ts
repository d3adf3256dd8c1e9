/** The fields of each kind of trigger. */
export const TRIGGER_FIELDS = {
  event: [
    'match',
    'match_related',
    'after',
    'expect',
    'for_each',
    'posture',
    'threshold',
    'within'
  ],
  metric: ['match', 'match_related', 'posture', 'metric'],
  compound: ['triggers', 'within', 'require'],
  sequence: ['triggers', 'within']
} as const

/** The kind of a trigger. Without `type`, Prefect reads it from the other fields. */
export function triggerType({
  type,
  posture,
  triggers,
  require
}: Readonly<Record<string, unknown>>): string {
  if (typeof type === 'string') return type
  if (posture === 'Metric') return 'metric'
  if (triggers === undefined) return 'event'
  return require === undefined ? 'sequence' : 'compound'
}
