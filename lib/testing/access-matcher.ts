import type { INestApplicationContext } from '@nestjs/common';
import { isDeepStrictEqual } from 'node:util';
import { AccessTable, type ExpectedAccess } from '../nest/access-table/access-table';
import { describeAccess } from '../nest/access-table/describe-access';

/** What a matcher answers to Jest. */
export interface AccessMatcherResult {
  readonly pass: boolean;
  /** What Jest prints where it does not pass. */
  readonly message: () => string;
}

/**
 * A Jest matcher: an application (or its `AccessTable`) has exactly the routes and other handlers that are listed, and
 * each is open to exactly whom the list says. In which order names stand does not matter. `nestjs-oidc-multi-auth/testing/jest`
 * adds it to Jest's `expect`.
 *
 * @example
 * ```ts
 * expect(app).toHaveAccess({
 *   'GET /mines': { roles: ['core_view_all'] },
 *   'GET /me': 'authenticated',
 *   'GET /mine-types': 'public',
 * });
 * ```
 */
export function toHaveAccess(
  app: INestApplicationContext | AccessTable,
  expected: Readonly<Record<string, ExpectedAccess>>,
): AccessMatcherResult {
  const actual = (app instanceof AccessTable ? app : describeAccess(app)).toMatrix();
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort();
  const differences = keys.flatMap((key) => {
    const [wanted, found] = [valueOf(expected, key), valueOf(actual, key)];
    if (isDeepStrictEqual(wanted, found)) {
      return [];
    }
    return [
      ...(wanted === undefined ? [] : [`- ${key}: ${JSON.stringify(wanted)}`]),
      ...(found === undefined ? [] : [`+ ${key}: ${JSON.stringify(found)}`]),
    ];
  });
  const pass = differences.length === 0;
  return {
    pass,
    message: () =>
      pass
        ? 'the access to the application is as listed'
        : ['the access to the application is not as listed (- listed, + in the application):', ...differences].join(
            '\n',
          ),
  };
}

/** What a matrix says of a key, with names sorted. */
function valueOf(matrix: Readonly<Record<string, ExpectedAccess>>, key: string): unknown {
  const access = Object.hasOwn(matrix, key) ? matrix[key] : undefined;
  if (typeof access !== 'object') {
    return access;
  }
  const kinds = Object.entries(access).filter(([, names]) => names !== undefined);
  return Object.fromEntries(
    kinds
      .map(
        ([kind, names]) =>
          [
            kind,
            names
              .map((name) => JSON.stringify(name))
              .sort()
              .map((name): unknown => JSON.parse(name)),
          ] as const,
      )
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}
