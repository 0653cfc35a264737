import { Payload } from '@nestjs/microservices';
import { McpController, Prompt, Resource, Tool } from '@rekog/mcp-nest';
import { Authenticated, CurrentUser, OidcPrincipal, Roles, Scopes } from 'nestjs-oidc-multi-auth';
import { z } from 'zod';
import { mineOf, MINES } from './mines';

const text = (value: unknown) => ({ content: [{ type: 'text', text: JSON.stringify(value) }] });
const byId = z.object({ id: z.string() });

/** The mines as tools, resources and a prompt. Each says who may use it. */
@McpController()
export class MinesMcp {
  @Tool({ name: 'whoami', description: 'Says who calls' })
  @Authenticated()
  whoami(@CurrentUser() user: OidcPrincipal) {
    return text({ subject: user.subject, client: user.client, roles: user.roles, scopes: user.scopes });
  }

  @Tool({ name: 'find_mines', description: 'Finds mines', parameters: z.object({ region: z.string().optional() }) })
  @Scopes('mines.read')
  find(@Payload() { region }: { region?: string }) {
    return text(MINES.filter((mine) => region === undefined || mine.region === region));
  }

  @Tool({ name: 'get_mine', description: 'Shows one mine', parameters: byId })
  @Scopes('mines.read')
  get(@Payload() { id }: { id: string }) {
    return text(mineOf(id) ?? null);
  }

  @Tool({ name: 'close_mine', description: 'Closes a mine', parameters: byId })
  @Scopes('mines.read', 'mines.close')
  close(@Payload() { id }: { id: string }) {
    const mine = mineOf(id);
    if (mine !== undefined) {
      mine.isOpen = false;
    }
    return text({ closed: mine?.id ?? null });
  }

  @Tool({ name: 'list_inspections', description: 'Lists inspections, for inspectors' })
  @Roles('inspector')
  inspections() {
    return text(MINES.map(({ id }) => ({ mine: id, inspected: '2026-05-01' })));
  }

  @Resource({ uri: 'mines://all', name: 'all mines', mimeType: 'application/json' })
  @Scopes('mines.read')
  all() {
    return { contents: [{ uri: 'mines://all', mimeType: 'application/json', text: JSON.stringify(MINES) }] };
  }

  @Resource({ uri: 'mines://inspectors', name: 'notes for inspectors' })
  @Roles('inspector')
  notes() {
    return { contents: [{ uri: 'mines://inspectors', text: 'Wear a helmet.' }] };
  }

  @Prompt({ name: 'inspection_report', description: 'Writes a report of an inspection' })
  @Roles('inspector')
  report() {
    return { messages: [{ role: 'user', content: { type: 'text', text: 'Write a report of the inspection.' } }] };
  }
}
