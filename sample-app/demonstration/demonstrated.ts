import type { INestApplicationContext } from '@nestjs/common';
import type { EmbeddedProvider } from '../provider/embedded-provider';

/** What the page shows. */
export interface Demonstrated {
  /** The application that answers, once it is made. */
  readonly application: () => INestApplicationContext;
  /** The provider that the sample has started; absent with a real one. */
  readonly provider?: EmbeddedProvider;
}

/** Where controllers get it from. */
export const DEMONSTRATED = Symbol('what the page shows');
