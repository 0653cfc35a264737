import { HttpException } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';
import type { AuthenticationRequirement } from '../core/access/authentication-requirement';
import { REFUSALS, type Refusal, type RefusalCode } from '../core/refusal/refusal-code';
import { challengeListFor, headersFor, type RefusalHeader } from '../core/refusal/refusal-headers';
import { DEFAULT_STYLE, type RefusalDetail, type RefusalStyle } from '../core/refusal/refusal-style';
import { withoutStackTrace } from './without-stack-trace';

/** The body of a refusal: Nest's own shape plus the code. */
export interface OidcAuthExceptionBody {
  readonly statusCode: number;
  readonly message: string;
  readonly error: string;
  /** Absent where `refusalDetail` is `none`. */
  readonly code?: RefusalCode;
}

/** What an `OidcAuthException` may carry in addition to its code. */
export interface OidcAuthExceptionOptions {
  /** Seconds until the next attempt makes sense; the value of `Retry-After` (RFC 9110 section 10.2.3). */
  readonly retryAfter?: number;
  /** Scopes for the challenge's `scope` attribute (RFC 6750 section 3). */
  readonly requiredScopes?: readonly string[];
  /** How the user must have been authenticated, for the challenge (RFC 9470 section 3). */
  readonly authentication?: AuthenticationRequirement;
  /** A message that replaces the code's own: printable ASCII without quote and backslash. */
  readonly message?: string;
  /** The protection space that the challenge names. Default: `api`. */
  readonly realm?: string;
  /** How much the body and the challenge say. Default: `description`. */
  readonly detail?: RefusalDetail;
  /** URL of the protected resource metadata, for the challenge (RFC 9728 section 5.1). Default: none. */
  readonly resourceMetadata?: string | undefined;
}

/**
 * A refusal as an `HttpException`: its code determines status, body and challenge (RFC 6750 section 3.1).
 *
 * Exceptions that the guards throw carry no stack trace: they are expected answers. One that you construct has its trace.
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
  readonly #refusal: Refusal;
  readonly #style: RefusalStyle;

  /**
   * Makes a refusal, for a guard of your own that refuses as these do.
   *
   * @param code why.
   * @param options what the refusal carries in addition. Default: the defaults of the module.
   */
  constructor(code: RefusalCode, options?: OidcAuthExceptionOptions);
  /**
   * Takes a refusal as it is: copying it would cost more than the rest of the exception.
   *
   * @internal
   */
  constructor(refusal: Refusal, style: RefusalStyle);
  constructor(reason: RefusalCode | Refusal, options: OidcAuthExceptionOptions = {}) {
    const refusal: Refusal = typeof reason === 'string' ? { ...options, code: reason } : reason;
    const { realm = DEFAULT_STYLE.realm, detail = DEFAULT_STYLE.detail, resourceMetadata } = options;
    super(bodyOf(refusal, detail), REFUSALS[refusal.code].status);
    this.code = refusal.code;
    this.retryAfter = refusal.retryAfter;
    this.#refusal = refusal;
    this.#style = { realm, detail, resourceMetadata };
  }

  /** The value of `WWW-Authenticate`; undefined for `keys_unavailable`. Made when it is read: most are never read. */
  get challenge(): string | undefined {
    return challengeListFor(this.#refusal, this.#style);
  }

  /** @internal */
  get refusal(): Refusal {
    return this.#refusal;
  }

  /**
   * The headers of the answer, made when they are read. Not called `headers`: Express and Fastify set the headers that an
   * error has under that name.
   *
   * @internal
   */
  get refusalHeaders(): readonly RefusalHeader[] {
    return headersFor(this.#refusal, this.#style);
  }
}

/**
 * Makes the exception for a refusal. It has no stack trace (see `withoutStackTrace`).
 *
 * @internal
 */
export function exceptionOf(refusal: Refusal, style: RefusalStyle): OidcAuthException {
  return withoutStackTrace(() => new OidcAuthException(refusal, style));
}

/**
 * The body of the answer to a refusal.
 *
 * @internal
 */
export function bodyOf(refusal: Refusal, detail: RefusalDetail): OidcAuthExceptionBody {
  const { code } = refusal;
  const { status, message: meaning } = REFUSALS[code];
  const error = STATUS_CODES[status] ?? '';
  const message = detail === 'description' ? (refusal.message ?? meaning) : error;
  return detail === 'none' ? { statusCode: status, message, error } : { statusCode: status, message, error, code };
}
