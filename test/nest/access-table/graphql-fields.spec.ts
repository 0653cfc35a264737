import { ApolloDriver } from '@nestjs/apollo';
import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { GraphQLModule, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Authenticated, describeAccess, OidcMultiAuthModule, Roles } from 'nestjs-oidc-multi-auth';
import { useApps, useTestIssuer } from '../../support/life-cycle';
import { type TestApp } from '../../support/test-app';

const startApp = useApps();

const issuer = useTestIssuer();

@Authenticated()
@Resolver()
class StaffResolver {
  @Query('staff')
  staff(): object {
    return {};
  }
}
@Roles('payroll')
@Resolver('Person')
class SalaryResolver {
  @ResolveField('salary')
  salary(): string {
    return '100000';
  }
}
@Module({ providers: [StaffResolver, SalaryResolver] })
class StaffModule {}
@Module({})
class OtherModule {}

const graphql = (path: string, include: Type[], isGuarded: boolean): DynamicModule =>
  GraphQLModule.forRoot({
    driver: ApolloDriver,
    path,
    include,
    typeDefs: 'type Person { salary: String } type Query { staff: Person }',
    graphiql: false,
    ...(isGuarded && { fieldResolverEnhancers: ['guards' as const] }),
  });

async function start(unenforcedAccess: 'refuse' | 'warn', ...modules: DynamicModule[]): Promise<TestApp> {
  const clients = [{ name: 'web', audience: 'web', issuer: issuer.issuer, preset: 'gold-sso' as const }];
  const app = await startApp({
    imports: [
      OidcMultiAuthModule.forRoot({ clients, globalGuards: true, unenforcedAccess }),
      StaffModule,
      OtherModule,
      ...modules,
    ],
  });
  return app;
}

async function salaryAt(app: TestApp, path: string): Promise<string> {
  const token = await issuer.tokenFor('web', { roles: ['none'] });
  const response = await fetch(app.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ staff { salary } }' }),
  });
  return response.text();
}

describe('TBL-1 a rule on a resolver class whose fields answer', () => {
  it('keeps the application from starting where guards do not stand before fields', async () => {
    await expect(start('refuse', graphql('/graphql', [], false))).rejects.toThrow(
      /SalaryResolver\.salary\(\): has access decorators that nothing enforces; list 'guards' in the fieldResolverEnhancers/,
    );
    const app = await start('warn', graphql('/graphql', [], false));
    expect(await salaryAt(app, '/graphql')).toContain('100000');
    expect(describeAccess(app.app).toMatrix()).toMatchObject({ 'graphql ResolveField Person.salary': 'unguarded' });
  });

  it('holds where they do', async () => {
    const app = await start('refuse', graphql('/graphql', [], true));
    expect(await salaryAt(app, '/graphql')).toContain('missing_a_valid_role');
    expect(describeAccess(app.app).toMatrix()).toMatchObject({
      'graphql ResolveField Person.salary': { roles: ['payroll'] },
    });
  });

  it('does not where one of two GraphQL modules that serve them has no guards before fields', async () => {
    const modules = [graphql('/one', [], true), graphql('/two', [], false)] as const;
    await expect(start('refuse', ...modules)).rejects.toThrow(/SalaryResolver\.salary\(\): has access decorators/);
    const app = await start('warn', ...modules);
    expect(await salaryAt(app, '/two')).toContain('100000');
    expect(describeAccess(app.app).toMatrix()).toMatchObject({ 'graphql ResolveField Person.salary': 'unguarded' });
  });

  it('holds where the other GraphQL module serves other modules', async () => {
    const app = await start('refuse', graphql('/one', [StaffModule], true));
    expect(await salaryAt(app, '/one')).toContain('missing_a_valid_role');
    const both = start(
      'refuse',
      graphql('/one', [StaffModule], true),
      graphql('/two', [StaffModule, OtherModule], false),
    );
    await expect(both).rejects.toThrow(/SalaryResolver/);
  });
});
