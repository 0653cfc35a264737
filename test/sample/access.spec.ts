import { NestFactory } from '@nestjs/core';
import { describeAccess } from 'nestjs-oidc-multi-auth';
import 'nestjs-oidc-multi-auth/testing/jest';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppModule } from '../../sample-app/app.module';

const application = () => NestFactory.createApplicationContext(AppModule, { preview: true, logger: false });

it('LIB-32 OWASP-AUTHZ the mines API is open to whom it should be, and nothing else is there', async () => {
  expect(await application()).toHaveAccess({
    'GET /bcmi/mines': { clients: ['bcmi'], roles: ['core_view_all'] },
    'GET /me': 'authenticated',
    'GET /mine-types': 'public',
    'GET /mines': { roles: ['core_view_all'] },
    'GET /mines/:id': { roles: ['core_view_all', 'core_edit_mines'] },
    'PUT /mines/:id': { roles: ['core_edit_mines'] },
    'POST /mines/:id/close': { roles: ['core_edit_mines'], allRoles: ['core_edit_mines', 'core_close_mines'] },
    'GET /partner/mines/:id/status': { clients: ['partner'], roles: ['mine_status_view'] },
  });
});

it('its README shows the table that it has ("npm run docs:access" writes it)', async () => {
  const readme = readFileSync(join(__dirname, '../../sample-app/README.md'), 'utf8');
  const [, table] = /<!-- access table -->\n\n([\s\S]*?)\n<!-- \/access table -->/.exec(readme) ?? [];
  expect(table).toBe(describeAccess(await application()).toMarkdown());
});
