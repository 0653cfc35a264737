import { ApolloDriver } from '@nestjs/apollo';
import { UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Field, GraphQLModule, ObjectType, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import {
  Authorize,
  Clients,
  CurrentUser,
  MultiJwtGuard,
  OidcMultiAuthModule,
  OidcPrincipal,
  Roles,
  RolesGuard,
  type AccessRequest,
} from 'nestjs-oidc-multi-auth';
import { setTimeout as wait } from 'node:timers/promises';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { type TestApp } from '../support/test-app';

const startApp = useApps();

/** Gives the other fields of an operation the time to put their principals somewhere. */
class SlowGuard implements CanActivate {
  async canActivate(): Promise<boolean> {
    await wait(30);
    return true;
  }
}

@ObjectType()
class Mine {
  @Field(() => String)
  name!: string;
}

const rolesAsked: string[][] = [];

@Resolver(() => Mine)
class MinesResolver {
  @UseGuards(MultiJwtGuard, SlowGuard, RolesGuard)
  @Clients('one')
  @Roles('of_one')
  @Query(() => String)
  one(@CurrentUser() user: OidcPrincipal) {
    return user.client;
  }
  @UseGuards(MultiJwtGuard, SlowGuard, RolesGuard)
  @Clients('two')
  @Roles('of_two')
  @Query(() => String)
  two(@CurrentUser() user: OidcPrincipal) {
    return user.client;
  }
  @UseGuards(MultiJwtGuard, SlowGuard, RolesGuard)
  @Clients('two')
  @Authorize((principal, request: AccessRequest, context: ExecutionContext) => {
    rolesAsked.push([principal.client, request.method, context.getType<string>()]);
    return (request.user as OidcPrincipal).client === principal.client;
  })
  @Query(() => String)
  rule(@CurrentUser() user: OidcPrincipal) {
    return user.client;
  }
  @UseGuards(MultiJwtGuard)
  @Clients('one')
  @Query(() => Mine)
  mine() {
    return { name: 'x' };
  }
  @UseGuards(MultiJwtGuard)
  @Clients('two')
  @Query(() => Mine)
  other() {
    return { name: 'y' };
  }
  @ResolveField(() => String)
  seenBy(@Parent() mine: Mine, @CurrentUser() user?: OidcPrincipal) {
    return `${mine.name} by ${user?.client}`;
  }
}

describe('operations of one GraphQL request', () => {
  const issuer = useTestIssuer();
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({
      imports: [
        GraphQLModule.forRoot({ driver: ApolloDriver, autoSchemaFile: true, graphiql: false }),
        OidcMultiAuthModule.forRoot({
          clients: ['one', 'two'].map((name) => ({
            name,
            audience: name,
            issuer: issuer.issuer,
            roles: () => [`of_${name}`],
          })),
        }),
      ],
      providers: [MinesResolver],
    });
  });

  const ask = async (query: string, token: string) => {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query }),
    });
    return (await response.json()) as { readonly data: unknown; readonly errors: readonly unknown[] };
  };

  it('LIB-34 each have the principal of the client they are for, whatever the others do meanwhile', async () => {
    const forBoth = await issuer.sign({ iss: issuer.issuer, aud: ['one', 'two'], exp: 4e9 });
    expect(await ask('{ one two rule again: one }', forBoth)).toEqual({
      data: { one: 'one', two: 'two', rule: 'two', again: 'one' },
    });
    expect(rolesAsked).toEqual([['two', 'POST', 'graphql']]);
  });

  it('a field without guards knows who asked for what it is a field of', async () => {
    const token = await issuer.tokenFor('one');
    expect(await ask('{ mine { name seenBy } }', token)).toEqual({ data: { mine: { name: 'x', seenBy: 'x by one' } } });
  });

  it('LIB-34 fields know who asked for the operation that they are of', async () => {
    const forBoth = await issuer.sign({ iss: issuer.issuer, aud: ['one', 'two'], exp: 4e9 });
    expect(await ask('{ mine { seenBy } a: mine { seenBy } other { seenBy } two }', forBoth)).toEqual({
      data: {
        mine: { seenBy: 'x by one' },
        a: { seenBy: 'x by one' },
        other: { seenBy: 'y by two' },
        two: 'two',
      },
    });
  });

  it('a refusal of one leaves the others alone', async () => {
    const answer = await ask('{ one two }', await issuer.tokenFor('one'));
    expect(answer.data).toBeNull();
    expect(answer.errors[0]).toMatchObject({
      path: ['two'],
      extensions: { code: 'FORBIDDEN', originalError: { code: 'client_not_allowed', statusCode: 403 } },
    });
  });
});
