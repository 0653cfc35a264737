import { HttpException } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';
import { challengeFor } from './challenge';
import { REFUSALS, type RefusalCode } from './refusal-code';

/** The body of a refusal: Nest's own shape plus the code. */
export interface OidcAuthExceptionBody {
  readonly statusCode: number;
  readonly message: string;
  readonly error: string;
  readonly code: RefusalCode;
}

/** What an `OidcAuthException` may carry beside its code. */
export interface OidcAuthExceptionOptions {
  /** Seconds until the next attempt makes sense; the value of `Retry-After` (RFC 9110 section 10.2.3). */
  readonly retryAfter?: number;
  /** Scopes to name in the challenge's `scope` attribute (RFC 6750 section 3). */
  readonly requiredScopes?: readonly string[];
  /** The protection space named in the challenge. Default: `api`. */
  readonly realm?: string;
}

/**
 * A refusal as Nest knows it: an `HttpException` whose status, body and challenge follow from its code
 * (RFC 6750 section 3.1).
 *
 * @example
 * ```ts
 * @Catch(OidcAuthException)
 * export class RefusalFilter implements ExceptionFilter {
 *   catch(refusal: OidcAuthException, host: ArgumentsHost) {
 *     host.switchToHttp().getResponse().status(refusal.getStatus()).json({ reason: refusal.code });
 *   }
 * }
 * ```
 */
export class OidcAuthException extends HttpException {
  /** Why: one of the closed set. */
  readonly code: RefusalCode;
  /** The value of `WWW-Authenticate`; undefined for `keys_unavailable`. */
  readonly challenge: string | undefined;
  /** Seconds until the next attempt makes sense; undefined but for `keys_unavailable`. */
  readonly retryAfter: number | undefined;

  constructor(code: RefusalCode, options: OidcAuthExceptionOptions = {}) {
    const { status, message } = REFUSALS[code];
    const body: OidcAuthExceptionBody = { statusCode: status, message, error: STATUS_CODES[status] ?? '', code };
    super(body, status);
    this.message = message;
    this.code = code;
    this.challenge = challengeFor({ code, requiredScopes: options.requiredScopes }, options.realm ?? 'api');
    this.retryAfter = options.retryAfter;
  }
}
