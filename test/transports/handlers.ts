import type { Type } from '@nestjs/common';
import {
  Authenticated,
  Authorize,
  Clients,
  CurrentUser,
  OidcPrincipal,
  OptionalAuth,
  Public,
  Roles,
  type OidcMultiAuthOptions,
} from 'nestjs-oidc-multi-auth';
import type { TestIssuer } from 'nestjs-oidc-multi-auth/testing';

/** The handlers that every way into an application is tested with. */
export const HANDLERS = ['me', 'admin', 'bcmi', 'rule', 'open', 'optional'] as const;
export type HandlerName = (typeof HANDLERS)[number];

/** How a context declares a handler, and in what it wraps what the handler says. */
export interface HandlerStyle {
  readonly handles: (name: HandlerName) => MethodDecorator;
  readonly wrap?: (text: string, name: HandlerName) => unknown;
}

/** A class with the handlers, as some context wants them. */
export function defineHandlers({ handles, wrap = (text) => text }: HandlerStyle): Type {
  const answer = (name: HandlerName, user: OidcPrincipal | undefined): unknown =>
    wrap(JSON.stringify({ client: user?.client ?? null, roles: user?.roles ?? [] }), name);
  class Handlers {
    @handles('me')
    @Authenticated()
    me(@CurrentUser() user: OidcPrincipal): unknown {
      return answer('me', user);
    }
    @handles('admin')
    @Roles('admin')
    admin(@CurrentUser() user: OidcPrincipal): unknown {
      return answer('admin', user);
    }
    @handles('bcmi')
    @Clients('bcmi')
    bcmi(@CurrentUser() user: OidcPrincipal): unknown {
      return answer('bcmi', user);
    }
    @handles('rule')
    @Authorize((principal) => Promise.resolve(principal.hasRole('admin')))
    rule(@CurrentUser() user: OidcPrincipal): unknown {
      return answer('rule', user);
    }
    @handles('open')
    @Public()
    open(@CurrentUser() user?: OidcPrincipal): unknown {
      return answer('open', user);
    }
    @handles('optional')
    @OptionalAuth()
    optional(@CurrentUser() user?: OidcPrincipal): unknown {
      return answer('optional', user);
    }
  }
  return Handlers;
}

/** The options of the applications under test: two clients of one issuer, one of an issuer that is not there. */
export function optionsFor(issuer: TestIssuer, down: TestIssuer): OidcMultiAuthOptions {
  return {
    clients: [
      ...['core-web', 'bcmi'].map((name) => ({ name, audience: name, issuer: issuer.issuer })),
      { name: 'down', audience: 'down', issuer: down.issuer },
    ],
    defaults: { preset: 'gold-sso', clockTolerance: 0 },
  };
}
