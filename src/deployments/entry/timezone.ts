/** Whether there is a time zone of a name of the IANA database; `+02:00` is none. */
export function isTimezone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false
  // The list has no aliases. A format has, and takes 20 ms to load.
  if (name === 'UTC' || Intl.supportedValuesOf('timeZone').includes(name)) return true
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions()
    // Intl ignores case, and Prefect doesn't. An alias resolves to another name, so its own case can't be told.
    return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase()
  } catch {
    return false
  }
}
