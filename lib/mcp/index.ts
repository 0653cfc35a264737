export { protectMcp } from './protect-mcp';
export type { McpApplication, McpServerStrategy, ProtectMcpOptions } from './options';
