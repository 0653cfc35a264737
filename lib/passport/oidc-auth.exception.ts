import { HttpException } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';
import { challengeFor } from '../core/refusal/challenge';
import { REFUSALS, type RefusalCode } from '../core/refusal/refusal-code';
import { DEFAULT_STYLE, type RefusalDetail } from '../core/refusal/refusal-style';

/** The body of a refusal: Nest's own shape plus the code. */
export interface OidcAuthExceptionBody {
  readonly statusCode: number;
  readonly message: string;
  readonly error: string;
  /** Absent where `refusalDetail` is `none`. */
  readonly code?: RefusalCode;
}

/** What an `OidcAuthException` may carry beside its code. */
export interface OidcAuthExceptionOptions {
  /** Seconds until the next attempt makes sense; the value of `Retry-After` (RFC 9110 section 10.2.3). */
  readonly retryAfter?: number;
  /** Scopes to name in the challenge's `scope` attribute (RFC 6750 section 3). */
  readonly requiredScopes?: readonly string[];
  /** What to say instead of the code's own message: printable ASCII without quote and backslash. */
  readonly message?: string;
  /** The protection space named in the challenge. Default: `api`. */
  readonly realm?: string;
  /** How much it says. Default: `description`. */
  readonly detail?: RefusalDetail;
  /** URL of the protected resource metadata to name in the challenge (RFC 9728 section 5.1). Default: none. */
  readonly resourceMetadata?: string | undefined;
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
  /** Seconds until the next attempt makes sense; undefined but for `keys_unavailable`. */
  readonly retryAfter: number | undefined;
  readonly #challenge: () => string | undefined;

  /**
   * Makes a refusal, for a guard of your own that refuses as these do.
   *
   * @param code why.
   * @param options what it says beside that. Default: what the module says without options.
   */
  constructor(code: RefusalCode, options: OidcAuthExceptionOptions = {}) {
    const { realm, detail, resourceMetadata, ...refusal } = { ...DEFAULT_STYLE, ...options };
    const { status, message: meaning } = REFUSALS[code];
    const error = STATUS_CODES[status] ?? '';
    const message = detail === 'description' ? (refusal.message ?? meaning) : error;
    const body: OidcAuthExceptionBody = { statusCode: status, message, error, ...(detail === 'none' ? {} : { code }) };
    super(body, status);
    this.message = message;
    this.code = code;
    this.retryAfter = options.retryAfter;
    this.#challenge = () => challengeFor({ code, ...refusal }, { realm, detail, resourceMetadata });
  }

  /** The value of `WWW-Authenticate`; undefined for `keys_unavailable`. Made when it is read: most are never. */
  get challenge(): string | undefined {
    return this.#challenge();
  }
}
