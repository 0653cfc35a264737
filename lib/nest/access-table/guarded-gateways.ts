/**
 * Whether Nest lets global guards stand before the messages of WebSocket gateways: since version 12 it
 * does. Where that cannot be told, they count as not standing there.
 */
export function hasGuardedGateways(): boolean {
  try {
    const { version } = require('@nestjs/core/package.json') as { readonly version: string };
    return Number.parseInt(version, 10) >= 12;
  } catch {
    return false;
  }
}
