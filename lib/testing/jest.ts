import './refuse-production';
import type { ExpectedAccess } from '../nest/access-table/access-table';
import { toHaveAccess } from './access-matcher';

declare global {
  namespace jest {
    // The parameters are those of @types/jest, of which this is a part.
    // oxlint-disable-next-line no-unused-vars, typescript/no-empty-object-type
    interface Matchers<R, T = {}> {
      /** See `toHaveAccess` of `nestjs-oidc-multi-auth/testing`. */
      toHaveAccess(expected: Readonly<Record<string, ExpectedAccess>>): R;
    }
  }
}

/** The part of Jest's `expect` that is used. */
interface Expect {
  extend(matchers: object): void;
}

const { expect } = globalThis as { readonly expect?: Expect };
if (expect === undefined) {
  throw new Error(
    'nestjs-oidc-multi-auth/testing/jest adds to the global expect of Jest, and there is none: with injectGlobals: false, ' +
      'call expect.extend({ toHaveAccess }) with the matcher of nestjs-oidc-multi-auth/testing',
  );
}
expect.extend({ toHaveAccess });
