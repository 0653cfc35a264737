import type { AcceptedDecision, Decision } from '../decision/decision';
import type { OidcJwtStrategy, PreparedToken } from './oidc-jwt.strategy';
import type { OidcRequest } from './oidc-request';

/**
 * Runs one strategy for one request, as Passport does, on an object of this request's own: a shared instance would give
 * concurrent requests each other's answer. Answers without a promise when the strategy does.
 */
export function driveStrategy(
  strategy: OidcJwtStrategy,
  request: OidcRequest,
  prepared: PreparedToken,
): Decision | Promise<Decision> {
  let decision: Decision | undefined;
  let resolve = (settled: Decision): void => {
    decision = settled;
  };
  let reject = (error: unknown): void => {
    throw error;
  };
  const run = Object.create(strategy) as OidcJwtStrategy;
  run.success = (_principal: unknown, accepted?: object): void => resolve(accepted as AcceptedDecision);
  run.refused = (refusal): void => resolve(refusal);
  run.error = (error: unknown): void => reject(error);
  run.fail = (): void => reject(new Error('a strategy that is given a token decides on it'));
  run.authenticate(request, prepared);
  return (
    decision ??
    new Promise<Decision>((onDecision, onError) => {
      resolve = onDecision;
      reject = onError;
    })
  );
}
