import { OidcMultiAuthModule, type OidcMultiAuthOptions } from 'nestjs-oidc-multi-auth';
import { withUser, type TestUser, type TestUserOf } from 'nestjs-oidc-multi-auth/testing';
import { startApp, type TestApp, type TestAppOptions } from '../support/test-app';
import { MinesController } from './mines-app';

export const SSO = 'https://sso.example/auth/realms/standard';

export const OPTIONS: OidcMultiAuthOptions = {
  clients: [
    { name: 'web', audience: 'core-web', issuer: SSO, preset: 'gold-sso' },
    { name: 'bcmi', audience: 'mds-bcmi-4587', discoveryUrl: 'https://bcmi.example/.well-known/openid-configuration' },
  ],
  realm: 'mines',
};

const started: TestApp[] = [];

/** Starts an application, with global guards unless it is given otherwise, that is tested as a user. */
export async function startAs(user: TestUser | TestUserOf, app: TestAppOptions = {}): Promise<TestApp> {
  const testApp = await startApp({
    imports: [OidcMultiAuthModule.forRoot({ ...OPTIONS, globalGuards: true })],
    controllers: [MinesController],
    ...app,
    override: (builder) => withUser(builder, user),
  });
  started.push(testApp);
  return testApp;
}

export async function stopAll(): Promise<void> {
  await Promise.all(started.splice(0).map((app) => app.close()));
}
