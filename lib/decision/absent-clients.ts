import { refusedBecause } from '../core/decision/decision';
import type { UnselectedToken } from './token-selector';
import { TokenVerifier } from './token-verifier';

/** When to try again, in seconds. */
const RETRY_AFTER = 5;

const ABSENT: UnselectedToken = {
  decision: Object.freeze(refusedBecause({ check: 'client', code: 'state_unavailable' }, { retryAfter: RETRY_AFTER })),
  addressed: [],
};

/**
 * What decides as long as nobody knows who the clients are: no token can be judged, so none is accepted and none is called bad.
 *
 * @internal
 */
export class AbsentClients extends TokenVerifier {
  override atThisMoment(): ReturnType<TokenVerifier['atThisMoment']> {
    return { ...super.atThisMoment(), verifier: this };
  }

  override select(): UnselectedToken {
    return ABSENT;
  }
}
