/** A place that stands for any number of path segments, also for none. */
const ANY_PATH = '{path*}';

/** What `{guid}` stands for: the lower-case form that tokens have. */
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Whether an issuer has a form: equal part by part, between its slashes. `{guid}` stands for a GUID, `{path*}` (once in a form)
 * for any number of parts, and every other name in braces for one part that is not empty. For configured issuers, when the
 * application starts; tokens are compared with those exactly.
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

function fits(part: string, place: string): boolean {
  if (place === '{guid}') {
    return GUID.test(part);
  }
  return place.startsWith('{') ? part !== '' : part === place;
}

/** A form as it is shown to people. */
export function shownForm(form: string): string {
  return form.replace(`/${ANY_PATH}`, '');
}
