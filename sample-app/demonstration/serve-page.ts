import type { NestExpressApplication } from '@nestjs/platform-express';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { settingsOf } from './settings';

/** The page and its scripts and styles, as they are: there is no build step. */
const FOLDER = join(__dirname, '../page');

/** Serves the sample's page at `/`. */
export function servePage(app: NestExpressApplication): void {
  const headers = {
    'Content-Security-Policy': contentSecurityPolicy(),
    'Cache-Control': 'no-cache',
    // The address has an authorization code in it for a moment (RFC 6749 section 4.1.2).
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  };
  app.useStaticAssets(FOLDER, {
    setHeaders: (response: ServerResponse) => {
      Object.entries(headers).forEach(([name, value]) => response.setHeader(name, value));
    },
  });
}

/** Nothing but the page's own files, the mines API, and the provider's discovery and token endpoints. */
function contentSecurityPolicy(): string {
  const { login } = settingsOf(undefined);
  const provider = login === undefined ? '' : ` ${new URL(login.discoveryUrl).origin}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self'${provider}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}
