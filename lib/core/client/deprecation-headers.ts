import type { Deprecation } from './client';

/**
 * The headers that tell callers that their client is to go: when it was deprecated (RFC 9745), when it ends (RFC 8594), and
 * where to read about it (RFC 8288).
 */
export function deprecationHeaders({ since, sunset, link }: Deprecation): readonly (readonly [string, string])[] {
  const relations = sunset === undefined ? 'deprecation' : 'deprecation sunset';
  return [
    ['Deprecation', `@${Math.floor(since)}`],
    ...(sunset === undefined ? [] : ([['Sunset', new Date(sunset * 1000).toUTCString()]] as const)),
    ...(link === undefined ? [] : ([['Link', `<${link}>; rel="${relations}"; type="text/html"`]] as const)),
  ];
}
