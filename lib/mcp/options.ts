/** What the protection of an MCP server can be told. */
export interface ProtectMcpOptions {
  /**
   * Whether `tools/list`, `resources/list`, `resources/templates/list` and `prompts/list` also show what the caller may not
   * use. Calls are refused all the same. Default: false.
   */
  readonly showAll?: boolean;
}

/** The part of a Nest application that is used: what `NestFactory.create()` returns has it. */
export interface McpApplication {
  get(token: unknown, options?: { readonly strict?: boolean }): unknown;
  getHttpAdapter?(): unknown;
}

/** The part of `McpStrategy` of `@rekog/mcp-nest` 2 that is used. */
export interface McpServerStrategy {
  readonly options: { readonly transports: readonly object[] };
  bindRequestHandlers(...args: never[]): void;
  listen(callback: (error?: unknown, ...rest: unknown[]) => void): unknown;
}
