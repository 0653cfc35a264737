import { Metadata } from '@grpc/grpc-js';
import type { ExecutionContext } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import { WsException } from '@nestjs/websockets';
import { DEFAULT_STYLE } from '../../lib/core/refusal/refusal-style';
import { exceptionFor, grpcError } from '../../lib/nest/transport/refusal-exception';
import { exceptionOf } from '../../lib/passport/oidc-auth.exception';

const refusal = () => exceptionOf({ code: 'token_expired', retryAfter: 7 }, DEFAULT_STYLE);
const contextOf = (type: string) =>
  ({ getType: () => type, switchToRpc: () => ({ getContext: () => ({}) }) }) as unknown as ExecutionContext;

it.each([
  ['ws', WsException],
  ['rpc', RpcException],
] as const)('the exception of %s has the body of the refusal and no stack trace', (type, Exception) => {
  const exception = exceptionFor(contextOf(type), refusal());
  expect(exception).toBeInstanceOf(Exception);
  expect((exception as WsException | RpcException).getError()).toEqual({
    status: 'error',
    statusCode: 401,
    message: 'The token has expired',
    error: 'Unauthorized',
    code: 'token_expired',
    retryAfter: 7,
  });
  expect(exception.stack).not.toMatch(/\n\s+at /);
});

it('the error of gRPC has the code and the headers of the refusal as trailing metadata', () => {
  const exception = refusal();
  const { metadata } = grpcError(new Metadata(), exception) as { readonly metadata: Metadata };
  expect(metadata.getMap()).toEqual({
    'refusal-code': 'token_expired',
    'retry-after': '7',
    'www-authenticate': exception.challenge,
  });
});
