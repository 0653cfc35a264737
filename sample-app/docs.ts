import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { addOidcSecurity } from 'nestjs-oidc-multi-auth/openapi';
import { AppModule } from './app.module';
import { authOptions } from './auth.options';

/** Where Swagger UI is. The provider knows the page below it that users are sent back to. */
const PATH = 'docs';

/**
 * Serves Swagger UI, where a user of core-web logs in and calls routes. The other clients are not for people, and the
 * document does not name them: their tokens can be pasted.
 *
 * @param url where the application will be reached, once it is.
 */
export function serveDocs(app: NestExpressApplication, url: () => string): void {
  const coreWeb = authOptions().clients.find(({ name }) => name === 'core-web');
  const builder = new DocumentBuilder()
    .setTitle('The mines API')
    .setDescription('A sample of nestjs-oidc-multi-auth.')
    .setVersion('1');
  if (coreWeb?.discoveryUrl !== undefined) {
    // The paths that Keycloak has. A scheme of the client's own name is the client's.
    const endpoints = coreWeb.discoveryUrl.replace('.well-known/openid-configuration', 'protocol/openid-connect');
    const authorizationCode = {
      authorizationUrl: `${endpoints}/auth`,
      tokenUrl: `${endpoints}/token`,
      scopes: { openid: 'who logs in' },
    };
    builder.addOAuth2({ type: 'oauth2', flows: { authorizationCode } }, coreWeb.name);
  }
  // What the sample's page asks for is no part of the mines API.
  const routes = SwaggerModule.createDocument(app, builder.build(), { include: [AppModule] });
  const document = addOidcSecurity(routes, app, { clients: ['core-web'] });
  SwaggerModule.setup(PATH, app, document, {
    swaggerOptions: {
      // Read when a browser asks, and the port is known.
      get oauth2RedirectUrl() {
        return `${url()}/${PATH}/oauth2-redirect.html`;
      },
      initOAuth: {
        clientId: [coreWeb?.audience].flat()[0],
        scopes: ['openid'],
        usePkceWithAuthorizationCodeGrant: true,
      },
    },
  });
}
