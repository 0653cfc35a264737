import { isAuthenticatedAs } from '../core/access/authentication-requirement';
import type { Client } from '../core/client/client';
import { own } from '../core/token/json-object';
import type { ExplanationHint } from './explanation';
import { hint } from './hint';
import type { Inquiry } from './inquiry';
import { durationOf, listed, shown } from './wording';

/** Why the authentication of the user does not meet the requirement of a route. */
export function authenticationHints(client: Client, { asked, decision, now }: Inquiry): ExplanationHint[] {
  const [requirement] = asked.authenticationContext ?? [];
  if (requirement === undefined || !decision.accepted) {
    return [];
  }
  const { claims } = decision.principal;
  const clock = { now: () => now, toleranceOf: () => client.clockTolerance };
  const isMet = (one: typeof requirement): boolean => isAuthenticatedAs(claims, one, client.name, clock);
  const { acr, maxAge } = requirement;
  const hints: ExplanationHint[] = [];
  if (acr !== undefined && !isMet({ acr })) {
    const found = own(claims, 'acr');
    hints.push(
      typeof found === 'string'
        ? hint(
            'authentication_weak',
            `the user was authenticated by acr ${shown(found)}, and the route wants ${listed(acr)}`,
            `request the token with acr_values=${shown(acr.join(' '))}`,
          )
        : unknown('acr', 'let the provider write it into access tokens'),
    );
  }
  if (maxAge !== undefined && !isMet({ maxAge })) {
    const found = own(claims, 'auth_time');
    hints.push(
      typeof found === 'number'
        ? hint(
            'authentication_old',
            found > now
              ? `auth_time is ${durationOf(found - now)} in the future`
              : `the user was authenticated ${durationOf(now - found)} ago, and the route wants at most ${maxAge} s`,
            found > now
              ? 'compare the clocks of the provider and of this machine'
              : `request a new token with max_age=${maxAge}`,
          )
        : unknown('auth_time', 'let the provider write it into access tokens'),
    );
  }
  return hints;
}

function unknown(claim: string, remedy: string): ExplanationHint {
  return hint('authentication_unknown', `the token has no usable claim ${claim}, which the route compares`, remedy);
}
