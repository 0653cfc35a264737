import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { AddressInfo } from 'node:net';
import { DemonstrationModule } from './demonstration/demonstration.module';
import { servePage } from './demonstration/serve-page';
import { demonstrate } from './demonstration/trials';
import { serveDocs } from './docs';
import { EmbeddedProvider } from './provider/embedded-provider';

/**
 * Starts the mines API. With `JWT_OIDC_...` variables in the environment it accepts tokens of the provider that these
 * name; without any it starts a provider of its own and prints what to try.
 */
async function main(): Promise<void> {
  const isConfigured = Object.keys(process.env).some((variable) => variable.startsWith('JWT_OIDC_'));
  const provider = isConfigured ? undefined : await EmbeddedProvider.start(port('PROVIDER_PORT', 3001));
  if (provider !== undefined) {
    Object.assign(process.env, provider.environment);
  }
  // An application of its own would be made of AppModule.
  const demonstration = DemonstrationModule.of({ application: () => app, provider });
  const app: NestExpressApplication = await NestFactory.create<NestExpressApplication>(demonstration);
  const url = (): string => `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  servePage(app);
  serveDocs(app, url);
  await app.listen(port('PORT', 3000), '127.0.0.1');
  console.log(`\nLog in, call routes and see why they answer as they do, in a browser: ${url()}/`);
  console.log(`The mines API is at ${url()}`);
  if (provider !== undefined) {
    console.log(await demonstrate(provider, url()));
  }

  const stop = (): void => {
    void Promise.all([app.close(), provider?.stop()]);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

function port(variable: string, otherwise: number): number {
  const value = Number(process.env[variable] ?? otherwise);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new Error(`${variable} is not a port`);
  }
  return value;
}

main().catch((error: unknown) => {
  const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  console.error(inUse ? `${error.message}: choose others by PORT and PROVIDER_PORT (0 for any that is free)` : error);
  process.exit(1);
});
