import { Controller, Get, Post, UseGuards, type CanActivate } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { ApiBearerAuth, ApiForbiddenResponse } from '@nestjs/swagger';
import {
  AllRoles,
  Authenticated,
  Authorize,
  Clients,
  MultiJwtGuard,
  OptionalAuth,
  Public,
  Roles,
  RolesGuard,
  Scopes,
} from 'nestjs-oidc-multi-auth';
import { CLIENTS, codesOf, documentOf, responseOf, type Documented } from './document-of';
import type { OpenAPIObject } from '@nestjs/swagger';

/** What is asked of the callers of an operation: its security, its roles, and the statuses it refuses with. */
function summaryOf(document: OpenAPIObject, path: string) {
  const operation = document.paths[path]?.get;
  return {
    security: operation?.security,
    roles: operation && Reflect.get(operation, 'x-required-roles'),
    refusals: Object.keys(operation?.responses ?? {}).filter((status) => Number(status) >= 400),
  };
}

const EACH = [{ 'core-web': [] }, { bcmi: [] }, { nris: [] }];

@Controller('none')
class Undecorated {
  @Get('plain')
  plain() {}
  @Public()
  @Get('public')
  public() {}
  @OptionalAuth()
  @Get('optional')
  optional() {}
  @Authenticated()
  @Get('authenticated')
  authenticated() {}
  @Roles('view', 'edit')
  @Get('roles')
  roles() {}
  @AllRoles('edit', 'close')
  @Get('all-roles')
  allRoles() {}
  @Roles('edit', { client: 'nris', any: ['inspect', 'audit'] })
  @AllRoles('close')
  @Get('both-roles')
  bothRoles() {}
  @Roles({ client: 'nris', any: ['inspect'] }, { client: 'bcmi', any: ['view'] })
  @Get('roles-of-clients')
  rolesOfClients() {}
  @Scopes('mines.read', 'mines.write')
  @Get('scopes')
  scopes() {}
  @Clients('bcmi', 'nris')
  @Get('clients')
  clients() {}
  @Clients('bcmi')
  @Roles('view')
  @AllRoles('edit')
  @Scopes('mines.read')
  @Authorize(() => true)
  @Get('everything')
  everything() {}
  @Clients('not-here')
  @Get('unknown-client')
  unknownClient() {}
  @Clients('bcmi')
  @Roles({ client: 'nris', any: ['inspect'] })
  @Get('nobody')
  nobody() {}
}

describe('operations behind the guards of this library', () => {
  let document: OpenAPIObject;
  beforeAll(async () => {
    document = (await documentOf({ controllers: [Undecorated] })).after;
  });

  it.each([
    ['plain', EACH, undefined, ['400', '401', '503']],
    ['public', [], undefined, []],
    ['optional', [{}, ...EACH], undefined, ['400', '401', '503']],
    ['authenticated', EACH, undefined, ['400', '401', '503']],
    ['roles', EACH, { any: ['view', 'edit'] }, ['400', '401', '403', '503']],
    ['all-roles', EACH, { all: ['edit', 'close'] }, ['400', '401', '403', '503']],
    [
      'both-roles',
      EACH,
      { any: ['edit', { client: 'nris', any: ['inspect', 'audit'] }], all: ['close'] },
      ['400', '401', '403', '503'],
    ],
    [
      'roles-of-clients',
      [{ bcmi: [] }, { nris: [] }],
      {
        any: [
          { client: 'nris', any: ['inspect'] },
          { client: 'bcmi', any: ['view'] },
        ],
      },
      ['400', '401', '403', '503'],
    ],
    ['clients', [{ bcmi: [] }, { nris: [] }], undefined, ['400', '401', '403', '503']],
  ])('%s', (path, security, roles, refusals) => {
    expect(summaryOf(document, `/none/${path}`)).toEqual({ security, roles, refusals });
  });

  it('names scopes where the scheme of a client has them', () => {
    const scopes = ['mines.read', 'mines.write'];
    expect(summaryOf(document, '/none/scopes').security).toEqual([
      { 'core-web': scopes },
      { bcmi: scopes },
      { nris: scopes },
    ]);
  });

  it('never says that nothing is asked for where no client is accepted', () => {
    expect(summaryOf(document, '/none/unknown-client').security).toEqual([{ 'not-here': [] }]);
    expect(document.components?.securitySchemes?.['not-here']).toEqual({
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'An access token of client not-here: none is accepted at the moment.',
    });
    expect(summaryOf(document, '/none/nobody').security).toEqual([{ bearer: [] }]);
  });

  it.each([
    ['roles', ['missing_a_valid_role']],
    ['all-roles', ['missing_required_roles']],
    ['scopes', ['missing_scope']],
    ['clients', ['client_not_allowed']],
    [
      'everything',
      ['client_not_allowed', 'missing_a_valid_role', 'missing_required_roles', 'missing_scope', 'access_denied'],
    ],
  ])('says how %s refuses a good token', (path, codes) => {
    expect(codesOf(document, `/none/${path}`, 'get', 403)).toEqual(codes);
  });

  it('says how a token is refused, and that none is only where one is needed', () => {
    const codes = codesOf(document, '/none/plain', 'get', 401);
    expect(codes).toEqual(
      expect.arrayContaining([
        'authorization_header_missing',
        'token_expired',
        'unknown_audience',
        'invalid_signature',
      ]),
    );
    expect(codesOf(document, '/none/optional', 'get', 401)).toEqual(codes.slice(1));
    expect(codes).not.toContain('not_authenticated');
    expect(codesOf(document, '/none/plain', 'get', 400)).toEqual(['invalid_request']);
    expect(codesOf(document, '/none/plain', 'get', 503)).toEqual(['keys_unavailable']);
  });

  it('says what is asked for in words', () => {
    expect(responseOf(document, '/none/both-roles', 'get', 403)?.description).toContain(
      'It asks for any of the roles `edit`, `inspect` or `audit` of nris; and for every one of the roles `close`.',
    );
    expect(responseOf(document, '/none/scopes', 'get', 403)?.description).toContain(
      'It asks for every one of the scopes `mines.read`, `mines.write`.',
    );
  });

  it('shows bodies and headers of refusals', () => {
    const response = responseOf(document, '/none/roles', 'get', 403);
    expect(response?.headers).toEqual({
      'WWW-Authenticate': { description: 'The challenge (RFC 6750 section 3).', schema: { type: 'string' } },
    });
    expect(response?.content?.['application/json']).toEqual({
      schema: { $ref: '#/components/schemas/OidcRefusal' },
      examples: {
        missing_a_valid_role: {
          value: {
            statusCode: 403,
            message: 'None of the roles that open this resource is granted',
            error: 'Forbidden',
            code: 'missing_a_valid_role',
          },
        },
      },
    });
    expect(document.components?.schemas?.['OidcRefusal']).toMatchObject({
      type: 'object',
      required: ['statusCode', 'message', 'error', 'code'],
      properties: { code: { enum: expect.arrayContaining(['token_expired', 'missing_scope']) } },
    });
    expect(Object.keys(responseOf(document, '/none/plain', 'get', 503)?.headers ?? {})).toEqual(['Retry-After']);
  });
});

@Roles('view')
@Clients('bcmi')
@ApiBearerAuth()
@Controller('class')
class Decorated {
  @Get('inherits')
  inherits() {}
  @Public()
  @Get('public')
  public() {}
  @OptionalAuth()
  @Get('optional')
  optional() {}
  @Roles('edit')
  @Get('replaces')
  replaces() {}
}

class Inheriting extends Undecorated {}
Controller('inheriting')(Inheriting);
Clients('nris')(Inheriting);

it('takes the decorators of a class into account, and replaces what was said by hand', async () => {
  const { after } = await documentOf({ controllers: [Decorated, Inheriting] });
  expect(summaryOf(after, '/class/inherits')).toMatchObject({ security: [{ bcmi: [] }], roles: { any: ['view'] } });
  expect(summaryOf(after, '/class/public')).toEqual({ security: [], roles: undefined, refusals: [] });
  expect(summaryOf(after, '/class/optional')).toMatchObject({ security: [{}, ...EACH], roles: undefined });
  expect(summaryOf(after, '/class/replaces')).toMatchObject({ security: [{ bcmi: [] }], roles: { any: ['edit'] } });
  // The same method in two classes asks for what each class asks for.
  expect(summaryOf(after, '/inheriting/plain').security).toEqual([{ nris: [] }]);
  expect(summaryOf(after, '/inheriting/public').security).toEqual([]);
});

it('leaves a response that an operation describes itself', async () => {
  @Controller()
  class OwnResponse {
    @Roles('view')
    @ApiForbiddenResponse({ description: 'Ask your manager.' })
    @Get('own')
    own() {}
  }
  const { after } = await documentOf({ controllers: [OwnResponse] });
  expect(responseOf(after, '/own', 'get', 403)).toEqual({ description: 'Ask your manager.' });
  expect(codesOf(after, '/own', 'get', 401)).toContain('token_expired');
});

describe('operations that nobody guards, or somebody else', () => {
  class Unknown implements CanActivate {
    canActivate() {
      return true;
    }
  }

  @Controller()
  class Mixed {
    @Get('unguarded')
    unguarded() {}
    @ApiBearerAuth('own')
    @UseGuards(Unknown)
    @Get('own-guard')
    ownGuard() {}
    @Public()
    @Get('public')
    public() {}
    @ApiBearerAuth('own')
    @Public()
    @UseGuards(AuthGuard('oidc:bcmi'))
    @Get('blind')
    blind() {}
    @Roles('view')
    @UseGuards(AuthGuard('oidc:bcmi'), RolesGuard)
    @Get('stock')
    stock() {}
    @Roles('view')
    @Clients('bcmi')
    @UseGuards(MultiJwtGuard)
    @Get('half')
    half() {}
    @Roles('view')
    @UseGuards(MultiJwtGuard, RolesGuard)
    @Post('guarded')
    guarded() {}
  }
  const mixed: Documented = { controllers: [Mixed], globalGuards: false };

  it('stay as they are', async () => {
    const { before, after } = await documentOf(mixed);
    for (const path of ['/unguarded', '/own-guard', '/blind']) {
      expect(after.paths[path]).toEqual(before.paths[path]);
    }
    expect(summaryOf(after, '/own-guard').security).toEqual([{ own: [] }]);
  });

  it('are public where they say so', async () => {
    const { after } = await documentOf({ ...mixed, build: (builder) => builder.addSecurityRequirements('everywhere') });
    expect(summaryOf(after, '/public')).toEqual({ security: [], roles: undefined, refusals: [] });
    expect(after.security).toEqual([{ everywhere: [] }]);
  });

  it('say how RolesGuard refuses behind a guard of another kind', async () => {
    const { after } = await documentOf(mixed);
    expect(summaryOf(after, '/stock')).toEqual({
      security: undefined,
      roles: { any: ['view'] },
      refusals: ['401', '403'],
    });
    expect(codesOf(after, '/stock', 'get', 401)).toEqual(['not_authenticated']);
  });

  it('say nothing of rules that no guard enforces', async () => {
    const { after } = await documentOf(mixed);
    expect(summaryOf(after, '/half')).toEqual({
      security: [{ bcmi: [] }],
      roles: undefined,
      refusals: ['400', '401', '403', '503'],
    });
    expect(codesOf(after, '/half', 'get', 403)).toEqual(['client_not_allowed']);
    expect(codesOf(after, '/guarded', 'post', 403)).toEqual(['missing_a_valid_role']);
  });
});

describe('refusals', () => {
  const plain = (documented: Documented) => documentOf({ controllers: [Undecorated], ...documented });

  it('list no codes where the application says none', async () => {
    const { after } = await plain({ auth: { refusalDetail: 'none' } });
    const response = responseOf(after, '/none/everything', 'get', 403);
    expect(codesOf(after, '/none/everything', 'get', 403)).toEqual([]);
    expect(response?.content?.['application/json']?.examples).toEqual({
      refusal: { value: { statusCode: 403, message: 'Forbidden', error: 'Forbidden' } },
    });
    expect(JSON.stringify(after)).not.toContain('missing_a_valid_role');
    expect(after.components?.schemas?.['OidcRefusal']).toMatchObject({ required: ['statusCode', 'message', 'error'] });
  });

  it('are those that can happen: no outage without key sets to fetch, no retired client where none retires', async () => {
    const secret = 'a secret of thirty-two octets !!';
    const { after } = await plain({ clients: [{ name: 'a', audience: 'a', issuer: 'https://a.example', secret }] });
    expect(summaryOf(after, '/none/plain').refusals).toEqual(['400', '401']);
    expect(codesOf(after, '/none/plain', 'get', 401)).not.toContain('client_retired');
    const [client, ...others] = CLIENTS;
    const retiring = { ...client, deprecated: { since: '2020-01-01', sunset: '2999-01-01' } } as (typeof CLIENTS)[0];
    const { after: later } = await plain({ clients: [retiring, ...others] });
    expect(codesOf(later, '/none/plain', 'get', 401)).toContain('client_retired');
  });
});
