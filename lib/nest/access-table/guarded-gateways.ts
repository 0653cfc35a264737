/**
 * Whether Nest applies global guards to the messages of WebSocket gateways, as it does since version 12. False if that is
 * unknown.
 */
export function hasGuardedGateways(): boolean {
  try {
    const { version } = require('@nestjs/core/package.json') as { readonly version: string };
    return Number.parseInt(version, 10) >= 12;
  } catch {
    return false;
  }
}
