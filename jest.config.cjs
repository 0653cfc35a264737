const { availableParallelism } = require('node:os');

/** One less than there are, as Jest has it, but two of two: what is tested mostly waits for itself. */
const workers = Math.max(Math.min(2, availableParallelism()), availableParallelism() - 1);

/** @type {import('jest').Config} */
module.exports = {
  maxWorkers: workers,
  // Most tests take milliseconds. This is for those that start a process, on a machine that does other things too.
  testTimeout: 30_000,
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  setupFilesAfterEnv: ['<rootDir>/test/support/watch-sinks.ts'],
  reporters: [
    'default',
    '<rootDir>/test/conformance/conformance-reporter.cjs',
    '<rootDir>/test/support/summary-reporter.cjs',
  ],
  // Tells the cases of one table of tests from tests of their own.
  testLocationInResults: true,
  transform: {
    '^.+\\.ts$': '@swc/jest',
    // Nest 12 and others ship ES modules only, and Jest loads CommonJS.
    '^.+\\.m?js$': [
      '@swc/jest',
      { swcrc: false, jsc: { target: 'es2022' }, module: { type: 'commonjs' }, sourceMaps: false },
    ],
  },
  transformIgnorePatterns: [
    // The package that a file is of, which may be nested in another one's.
    '/node_modules/(?!.*/node_modules/)(?!(?:@nestjs|jose|oauth4webapi|file-type|strtok3|token-types|uint8array-extras|@borewit|@tokenizer|content-disposition|mercurius|quick-lru|@nats-io|magic-string|dpop)/)',
  ],
  moduleNameMapper: {
    '^nestjs-oidc-multi-auth$': '<rootDir>/lib/index.ts',
    '^nestjs-oidc-multi-auth/mcp$': '<rootDir>/lib/mcp/index.ts',
    '^nestjs-oidc-multi-auth/openapi$': '<rootDir>/lib/openapi/index.ts',
    '^nestjs-oidc-multi-auth/redis$': '<rootDir>/lib/redis/index.ts',
    '^nestjs-oidc-multi-auth/testing/jest$': '<rootDir>/lib/testing/jest.ts',
    '^nestjs-oidc-multi-auth/options.schema.json$': '<rootDir>/lib/options.schema.json',
    '^nestjs-oidc-multi-auth/testing$': '<rootDir>/lib/testing/index.ts',
  },
  collectCoverageFrom: ['lib/**/*.ts'],
  coverageProvider: 'v8',
};
