import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { protectMcp } from 'nestjs-oidc-multi-auth/mcp';
import { AppModule, mcp } from './app.module';
import { startProvider } from './provider';

/** Starts the MCP server of the mines, and an authorization server that any MCP client can register at. */
async function main(): Promise<void> {
  const port = Number(process.env['PORT'] ?? 3010);
  const resource = `http://127.0.0.1:${port}/mcp`;
  // The second is another server, whose tokens this one must refuse.
  const { issuer, server } = await startProvider(Number(process.env['PROVIDER_PORT'] ?? 3011), [
    resource,
    'https://other.example/mcp',
  ]);
  const app = await NestFactory.create(AppModule.of(resource, issuer), {
    logger: ['warn', 'error'],
    // Streams of sessions would keep the server from stopping.
    forceCloseConnections: true,
  });
  app.connectMicroservice({ strategy: mcp });
  protectMcp(app, mcp);
  await app.startAllMicroservices();
  await app.listen(port, '127.0.0.1');
  console.log(`The MCP server of the mines is at ${resource}`);
  console.log(`Its authorization server is at ${issuer}: log in as alice, bob, or ines, who is an inspector`);
  console.log('Add the URL of the server to an MCP client. Ctrl-C stops everything.');

  const stop = (): void => {
    server.close();
    server.closeAllConnections();
    void app.close();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
