import { Controller, Module, UseGuards, type DynamicModule } from '@nestjs/common';
import { McpHttpControllerFor, McpStrategy, StreamableHttpTransport } from '@rekog/mcp-nest';
import { MultiJwtGuard, OidcMultiAuthModule, RolesGuard, Scopes } from 'nestjs-oidc-multi-auth';
import { MinesMcp } from './mines.mcp';

// With sessions, for clients of revisions before 2026-07-28. Newer ones need none.
const transport = new StreamableHttpTransport({ statefulMode: true });

export const mcp = new McpStrategy({ name: 'mines', version: '1.0.0', transports: [transport] });

/** The route of the server. Without a token, the challenge names the scope to begin with. */
@Controller('mcp')
@UseGuards(MultiJwtGuard, RolesGuard)
@Scopes('mines.read')
class McpRoute extends McpHttpControllerFor(transport) {}

@Module({ controllers: [McpRoute, MinesMcp] })
export class AppModule {
  /**
   * @param resource the URL of the MCP server: the audience of its tokens.
   * @param issuer who issues them.
   */
  static of(resource: string, issuer: string): DynamicModule {
    const mines = { name: 'mines-mcp', audience: resource, issuer, roles: 'roles' };
    const auth = OidcMultiAuthModule.forRoot({ clients: [mines], resourceMetadata: { resource } });
    return { module: AppModule, imports: [auth] };
  }
}
