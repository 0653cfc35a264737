const shared = require('../../jest.config.cjs');

/** Tests that need servers which Node.js does not bring: `nats-server` and `redis-server`. */
module.exports = {
  ...shared,
  rootDir: '../..',
  roots: ['<rootDir>/test/brokers'],
  testMatch: ['**/*.broker-spec.ts'],
  reporters: ['default'],
};
