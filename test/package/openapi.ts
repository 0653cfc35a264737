import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { Clients, OidcMultiAuthModule, Public, Roles } from 'nestjs-oidc-multi-auth';
import { addOidcSecurity } from 'nestjs-oidc-multi-auth/openapi';

@Roles('view')
@Controller('mines')
class MinesController {
  @Get()
  findAll(): void {}
  @Clients('bcmi')
  @Get(':id/documents/:name')
  document(): void {}
  @Public()
  @Get('types')
  types(): void {}
}

const issuer = 'https://sso.example';
const clients = ['core-web', 'bcmi'].map((name) => ({ name, audience: name, issuer, preset: 'gold-sso' as const }));

@Module({
  imports: [OidcMultiAuthModule.forRoot({ clients, globalGuards: true })],
  controllers: [MinesController],
})
class AppModule {}

/** The document of an application says who may call what, by whichever `@nestjs/swagger` goes with this Nest. */
async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: ['warn', 'error'] });
  app.setGlobalPrefix('api');
  const document = addOidcSecurity(SwaggerModule.createDocument(app, new DocumentBuilder().build()), app);
  await app.close();
  const found = Object.entries(document.paths).map(([path, { get }]) => [
    path,
    get?.security?.flatMap((alternative) => Object.keys(alternative)),
    Object.keys(get?.responses ?? {}),
  ]);
  const refusals = ['200', '400', '401', '403', '503'];
  const expected = [
    ['/api/mines', ['core-web', 'bcmi'], refusals],
    ['/api/mines/{id}/documents/{name}', ['bcmi'], refusals],
    ['/api/mines/types', [], ['200']],
  ];
  if (JSON.stringify(found) !== JSON.stringify(expected)) {
    throw new Error(`the document is not what it should be: ${JSON.stringify(found)}`);
  }
  console.log('the OpenAPI document says who may call what');
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
