/** How much of a value is shown, in characters. */
const LONGEST = 200;

/** Control characters, and characters that change the direction of a text. */
const UNPRINTABLE = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A value of a token as JSON: on one line, shortened, and safe to print to a terminal. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  const bounded = text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
  return bounded.replace(UNPRINTABLE, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Several values, each as `shown`. */
export function listed(values: Iterable<unknown>, conjunction: 'and' | 'or' = 'or'): string {
  const texts = [...values].map(shown);
  const [last = 'none'] = texts.slice(-1);
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')} ${conjunction} ${last}`;
}

/** A time, in seconds since the epoch, to the second in UTC. */
export function dateOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace(/\.\d+Z$/, 'Z');
}

const UNITS = [
  { name: 'days', seconds: 86_400 },
  { name: 'h', seconds: 3600 },
  { name: 'min', seconds: 60 },
] as const;

/** A duration, in the largest unit of which it has at least two. */
export function durationOf(seconds: number): string {
  const unit = UNITS.find((candidate) => seconds >= 2 * candidate.seconds);
  return unit === undefined ? `${Math.floor(seconds)} s` : `${Math.floor(seconds / unit.seconds)} ${unit.name}`;
}

/** A time and its distance from now, both in seconds since the epoch. */
export function relativeTo(now: number, time: number): string {
  return time > now
    ? `${dateOf(time)}, in ${durationOf(time - now)}`
    : `${dateOf(time)}, ${durationOf(now - time)} ago`;
}
