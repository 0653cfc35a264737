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
  /** Gets a provider. */
  get(token: unknown, options?: { readonly strict?: boolean }): unknown;
  /** Gets the HTTP adapter; absent where the application serves no HTTP. */
  getHttpAdapter?(): unknown;
}

/** The part of `McpStrategy` of `@rekog/mcp-nest` 2 that is used. */
export interface McpServerStrategy {
  /** Its options, with its transports. */
  readonly options: { readonly transports: readonly object[] };
  /** Sets the handlers of requests on a server of the SDK. */
  bindRequestHandlers(...args: never[]): void;
  /** Starts the transports. */
  listen(callback: (error?: unknown, ...rest: unknown[]) => void): unknown;
}
