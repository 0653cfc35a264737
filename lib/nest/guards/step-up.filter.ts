import { Catch, Inject, type ArgumentsHost } from '@nestjs/common';
import { BaseExceptionFilter, HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { throwError } from 'rxjs';
import { exceptionOf } from '../../passport/oidc-auth.exception';
import { StepUpRequired } from '../../passport/step-up-required';
import { OidcRuntime } from '../runtime/oidc-runtime';
import { canHaveHeaders, requestOf, responseOf } from '../transport/call';
import { exceptionFor } from '../transport/refusal-exception';

/**
 * Answers a `StepUpRequired` that a handler throws as the guards answer it: with the challenge, and in the realm and style of
 * the module. What a rule throws is answered by `RolesGuard`.
 *
 * @internal
 */
@Catch(StepUpRequired)
export class StepUpFilter extends BaseExceptionFilter {
  constructor(
    // Looked up when it is needed: a global filter must not depend on options that depend on the request.
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
  ) {
    super();
  }

  override catch({ refusal }: StepUpRequired, host: ArgumentsHost): unknown {
    const { httpAdapter } = this.adapterHost;
    const exception = exceptionOf(refusal, this.moduleRef.get(OidcRuntime).styleFor(requestOf(host)));
    const response = responseOf(host);
    if (canHaveHeaders(response)) {
      for (const [name, value] of exception.refusalHeaders) {
        httpAdapter.setHeader(response, name, value);
      }
    }
    switch (host.getType<string>()) {
      case 'http':
        httpAdapter.reply(response, exception.getResponse(), exception.getStatus());
        return undefined;
      case 'rpc': {
        const error = exceptionFor(host, exception);
        return throwError(() =>
          'getError' in error && typeof error.getError === 'function' ? error.getError() : error,
        );
      }
      default:
        throw exceptionFor(host, exception);
    }
  }
}
