import type { INestApplication, ModuleMetadata, Type } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject, type SwaggerDocumentOptions } from '@nestjs/swagger';
import { Test } from '@nestjs/testing';
import { OidcMultiAuthModule, type OidcClientOptions, type OidcMultiAuthOptions } from 'nestjs-oidc-multi-auth';
import { addOidcSecurity, type OidcSecurityOptions } from 'nestjs-oidc-multi-auth/openapi';
import { MemoryLogger } from '../support/test-app';

/** Three clients of one issuer, whose discovery document is where it should be. */
export const CLIENTS: readonly OidcClientOptions[] = ['core-web', 'bcmi', 'nris'].map((name) => ({
  name,
  audience: `${name}-audience`,
  issuer: 'https://sso.example/realms/standard',
  preset: 'gold-sso',
}));

export interface Documented {
  readonly clients?: readonly OidcClientOptions[];
  readonly auth?: Omit<OidcMultiAuthOptions, 'clients'>;
  readonly globalGuards?: boolean;
  readonly controllers?: Type[];
  readonly imports?: ModuleMetadata['imports'];
  readonly configure?: (app: INestApplication) => void;
  readonly build?: (builder: DocumentBuilder) => DocumentBuilder;
  readonly swagger?: SwaggerDocumentOptions;
  readonly options?: OidcSecurityOptions;
  readonly logger?: MemoryLogger;
}

/** An application as it is when its document is made. */
export async function createApp(documented: Documented): Promise<INestApplication> {
  const { clients = CLIENTS, auth, globalGuards = true, controllers = [], imports = [] } = documented;
  const module = await Test.createTestingModule({
    imports: [OidcMultiAuthModule.forRoot({ ...auth, clients, globalGuards }), ...imports],
    controllers,
  })
    .setLogger(documented.logger ?? new MemoryLogger())
    .compile();
  const app = module.createNestApplication();
  documented.configure?.(app);
  return app;
}

/** The document of an application before and after. */
export async function documentOf(documented: Documented): Promise<{ before: OpenAPIObject; after: OpenAPIObject }> {
  const app = await createApp(documented);
  const builder = documented.build?.(new DocumentBuilder()) ?? new DocumentBuilder();
  const before = SwaggerModule.createDocument(app, builder.build(), documented.swagger);
  const after = addOidcSecurity(before, app, documented.options);
  await app.close();
  return { before, after };
}

/** A response with what it refers to put in its place. */
export function responseOf(document: OpenAPIObject, path: string, method: 'get' | 'post', status: number) {
  const response = document.paths[path]?.[method]?.responses[status];
  const name = response !== undefined && '$ref' in response ? response.$ref.split('/').at(-1) : undefined;
  const found = name === undefined ? response : document.components?.responses?.[name];
  return found !== undefined && !('$ref' in found) ? found : undefined;
}

/** The codes that a response describes. */
export function codesOf(document: OpenAPIObject, path: string, method: 'get' | 'post', status: number): string[] {
  const { description = '' } = responseOf(document, path, method, status) ?? {};
  return [...description.matchAll(/^- `(\w+)`: \S/gm)].map(([, code = '']) => code);
}
