import { HttpException } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';
import { challengesFor, refusalHeaders, type Header } from '../core/refusal/challenge';
import { REFUSALS, type Refusal, type RefusalCode } from '../core/refusal/refusal-code';
import { DEFAULT_STYLE, type RefusalDetail, type RefusalStyle } from '../core/refusal/refusal-style';

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
  /** The scopes that its challenge names; undefined where it names none. */
  readonly requiredScopes: readonly string[] | undefined;
  readonly #style: RefusalStyle;

  /**
   * Makes a refusal, for a guard of your own that refuses as these do.
   *
   * @param code why.
   * @param options what it says beside that. Default: what the module says without options.
   */
  constructor(code: RefusalCode, options: OidcAuthExceptionOptions = {}) {
    const { realm = DEFAULT_STYLE.realm, detail = DEFAULT_STYLE.detail, resourceMetadata } = options;
    const { status, message: meaning } = REFUSALS[code];
    const error = STATUS_CODES[status] ?? '';
    const message = detail === 'description' ? (options.message ?? meaning) : error;
    const body: OidcAuthExceptionBody = { statusCode: status, message, error, ...(detail === 'none' ? {} : { code }) };
    super(body, status);
    this.message = message;
    this.code = code;
    this.retryAfter = options.retryAfter;
    this.requiredScopes = options.requiredScopes;
    this.#style = { realm, detail, resourceMetadata };
  }

  /** The value of `WWW-Authenticate`; undefined for `keys_unavailable`. Made when it is read: most are never read. */
  get challenge(): string | undefined {
    const challenges = challengesFor(this, this.#style);
    return challenges.length === 0 ? undefined : challenges.join(', ');
  }

  /**
   * The headers of an answer that tells it.
   *
   * @internal
   */
  get headers(): readonly Header[] {
    return refusalHeaders(this, this.#style);
  }
}

/**
 * The exception that tells a refusal. It is expected and nobody reads where it was made, so it has no stack trace: taking one
 * is most of what a refusal would cost.
 *
 * @internal
 */
export function exceptionOf(refusal: Refusal, style: RefusalStyle): OidcAuthException {
  const { code, retryAfter, requiredScopes, message } = refusal;
  const options = { ...style, retryAfter, requiredScopes, message };
  const limit = Error.stackTraceLimit;
  // Where it cannot be written, there is a stack trace.
  Reflect.set(Error, 'stackTraceLimit', 0);
  try {
    return new OidcAuthException(code, options);
  } finally {
    Reflect.set(Error, 'stackTraceLimit', limit);
  }
}
