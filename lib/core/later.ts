/**
 * Whether a function of the application returned a promise, or anything else with a `then`, where a value was expected. Its
 * rejection is handled, because an unhandled one ends the process.
 */
export function isLater(value: unknown): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
    return false;
  }
  try {
    if (typeof Reflect.get(value, 'then') !== 'function') {
      return false;
    }
  } catch {
    // A getter that throws: it is no value either.
    return true;
  }
  Promise.resolve(value).catch(() => undefined);
  return true;
}
