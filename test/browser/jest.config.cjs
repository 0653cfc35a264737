const root = require('../../jest.config.cjs');

/** Tests in a real browser, which need more than Node: `npm run test:browser`. */
module.exports = {
  rootDir: '../..',
  testEnvironment: 'node',
  roots: ['<rootDir>/test/browser'],
  testMatch: ['**/*.browser.ts'],
  testTimeout: 60_000,
  maxWorkers: 1,
  transform: root.transform,
  transformIgnorePatterns: root.transformIgnorePatterns,
  moduleNameMapper: root.moduleNameMapper,
};
