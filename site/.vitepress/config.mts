import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';

const { version, homepage } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

const vue = fileURLToPath(new URL('../node_modules/vue/', import.meta.url));

/** The anchor that GitHub gives a heading, so that one link works in both places. */
function githubAnchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');
}

const page = (text: string, name: string) => ({ text, link: `/docs/${name}` });

// docs/, README.md and the other pages of the repository keep their paths, so that links between them need no rewriting.
export default defineConfig({
  title: 'nestjs-oidc-multi-auth',
  description: 'One NestJS API that accepts the access tokens of many OIDC clients.',
  lang: 'en',
  srcDir: '..',
  srcExclude: ['node_modules/**', 'site/node_modules/**', 'test/**', 'bench/**', 'chaos/**', 'dist/**', '.github/**'],
  rewrites: { 'site/index.md': 'index.md' },
  outDir: '../.site',
  cacheDir: './cache',
  base: process.env.SITE_BASE ?? '/',
  // The README links to the license, which is no page.
  ignoreDeadLinks: [/\/LICENSE$/],
  buildEnd: ({ outDir }) => {
    const license = readFileSync(new URL('../../LICENSE', import.meta.url), 'utf8');
    writeFileSync(join(outDir, 'LICENSE.html'), `<!doctype html><title>License</title><pre>${license}</pre>\n`);
  },
  markdown: { anchor: { slugify: githubAnchor } },
  vite: {
    build: { chunkSizeWarningLimit: 4096 },
    // Pages stand outside this package, and import Vue.
    resolve: {
      alias: [
        { find: /^vue$/, replacement: `${vue}dist/vue.runtime.esm-bundler.js` },
        { find: /^vue\/server-renderer$/, replacement: `${vue}server-renderer/index.mjs` },
      ],
    },
  },
  head: [['meta', { name: 'theme-color', content: '#3451b2' }]],
  themeConfig: {
    search: { provider: 'local' },
    outline: { level: [2, 3] },
    nav: [
      { text: 'Quick start', link: '/docs/quick-start' },
      { text: 'Troubleshooting', link: '/docs/troubleshooting' },
      { text: 'Reference', link: '/docs/reference/README' },
      { text: version, items: [{ text: 'Changelog', link: '/CHANGELOG' }] },
    ],
    socialLinks: homepage?.startsWith('https://github.com/') ? [{ icon: 'github', link: homepage }] : [],
    sidebar: [
      {
        text: 'Getting started',
        items: [page('Quick start', 'quick-start'), page('Migrating', 'migrating'), page('Upgrading', 'upgrading')],
      },
      {
        text: 'Configuration',
        items: [
          page('Clients and options', 'clients'),
          page('Provider presets', 'providers'),
          page('ConfigService and JSON', 'configuration'),
          page('Environment variables', 'environment'),
          page('Dynamic clients', 'dynamic-clients'),
          page('Workload identities', 'workloads'),
          page('Token sources', 'token-sources'),
        ],
      },
      {
        text: 'Access control',
        items: [
          page('Roles, scopes and rules', 'roles'),
          page('Access table', 'access'),
          page('Step-up authentication', 'step-up'),
          page('Passport and guards', 'guards'),
        ],
      },
      {
        text: 'Tokens and protocols',
        items: [
          page('Opaque tokens', 'opaque-tokens'),
          page('Proof of possession', 'proof-of-possession'),
          page('Revocation and logout', 'revocation'),
          page('MCP servers', 'mcp'),
          page('Transports', 'transports'),
          page('OpenAPI', 'openapi'),
          page('Browsers', 'browsers'),
        ],
      },
      { text: 'Testing', items: [page('Testing your application', 'testing')] },
      {
        text: 'Troubleshooting',
        items: [
          page('Troubleshooting', 'troubleshooting'),
          page('Refusal codes', 'refusals'),
          page('explain', 'explain'),
          page('doctor', 'doctor'),
        ],
      },
      { text: 'Recipes', items: [page('Recipes', 'recipes')] },
      {
        text: 'Production',
        items: [
          page('Deploying', 'deploying'),
          page('Key sets and outages', 'key-sets'),
          page('Observability', 'observability'),
          page('Security', 'security'),
          page('Performance', 'performance'),
        ],
      },
      {
        text: 'Reference',
        items: [
          { text: 'API reference', link: '/docs/reference/README' },
          page('Compatibility', 'compatibility'),
          page('Interoperability', 'interoperability'),
          page('Conformance', 'conformance'),
          page('Test vectors', 'vectors'),
          page('Supply chain', 'supply-chain'),
          { text: 'Security policy', link: '/SECURITY' },
          { text: 'Changelog', link: '/CHANGELOG' },
          { text: 'Contributing', link: '/CONTRIBUTING' },
          page('Architecture', 'architecture'),
        ],
      },
    ],
  },
});
