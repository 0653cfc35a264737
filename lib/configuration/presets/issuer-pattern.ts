/** A placeholder for any number of path segments, including none. */
const ANY_PATH = '{path*}';

/** What `{guid}` stands for: the lower-case form that tokens have. */
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A part of a form with one placeholder, and fixed text before or after it. */
const PLACEHOLDER = /^([^{]*)\{[^{}]+\}([^{}]*)$/;

/**
 * Whether an issuer has a form. Both are split at their slashes and compared part by part. `{guid}` stands for a GUID, `{path*}`
 * (once in a form) for any number of parts, and every other name in braces for text that is not empty, as in
 * `{tenant}.b2clogin.com`. Used for configured issuers only, when the application starts: tokens are compared exactly.
 */
export function matchesForm(issuer: string, form: string): boolean {
  const parts = issuer.split('/');
  const places = form.split('/');
  const anyPath = places.indexOf(ANY_PATH);
  if (anyPath >= 0) {
    const count = parts.length - (places.length - 1);
    if (count < 0) {
      return false;
    }
    places.splice(anyPath, 1, ...Array.from({ length: count }, () => '{path}'));
  }
  return parts.length === places.length && places.every((place, index) => fits(parts[index] ?? '', place));
}

/** Whether an issuer's host is that of a form. */
export function matchesHost(issuer: string, form: string): boolean {
  const [, , host = ''] = issuer.split('/');
  const [, , place = ''] = form.split('/');
  return fits(host, place);
}

function fits(part: string, place: string): boolean {
  if (place === '{guid}') {
    return GUID.test(part);
  }
  const [, before = '', after = ''] = PLACEHOLDER.exec(place) ?? [];
  return PLACEHOLDER.test(place)
    ? part.length > before.length + after.length && part.startsWith(before) && part.endsWith(after)
    : part === place;
}

/** A form as messages show it. */
export function shownForm(form: string): string {
  return form.replace(`/${ANY_PATH}`, '');
}
