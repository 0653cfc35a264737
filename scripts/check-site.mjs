/**
 * Checks the built documentation site: every link to a page or a file of the site exists, every fragment names an element of
 * its page, and every page of docs/ is in the sidebar.
 *
 * node scripts/check-site.mjs [folder]     default: .site
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(process.argv[2] ?? join(root, '.site'));
const base = process.env.SITE_BASE ?? '/';
const faults = [];

const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.html'));
const htmlOf = new Map(pages.map((page) => [join(folder, page), readFileSync(join(folder, page), 'utf8')]));
const idsOf = new Map(
  [...htmlOf].map(([file, html]) => [
    file,
    new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => unescape(id))),
  ]),
);

for (const [file, html] of htmlOf) {
  if (basename(file) === '404.html') continue;
  for (const [, link] of html.matchAll(/<a\s[^>]*?href="([^"]*)"/g)) {
    const href = unescape(link);
    if (/^[a-z][a-z\d+.-]*:|^\/\//i.test(href)) continue;
    const [path, fragment] = href.split('#');
    const target = path === '' ? file : targetOf(decodeURI(path.split('?')[0]), file);
    if (target === undefined) faults.push(`${relative(folder, file)}: no page for ${href}`);
    else if (fragment && !idsOf.get(target)?.has(decodeURIComponent(fragment))) {
      faults.push(`${relative(folder, file)}: no element for ${href}`);
    }
  }
}

const home = htmlOf.get(join(folder, 'docs/quick-start.html')) ?? '';
for (const page of readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))) {
  if (!home.includes(`href="${base}docs/${page.replace(/\.md$/, '.html')}"`)) {
    faults.push(`docs/${page} is not in the sidebar (site/.vitepress/config.mts)`);
  }
}

if (pages.length < 20) faults.push(`only ${pages.length} pages were built`);
for (const fault of new Set(faults)) console.error(fault);
if (faults.length > 0) process.exit(1);
console.log(`${relative(process.cwd(), folder).split(sep).join('/')}: ${pages.length} pages, no dead link`);

/** The file of the site that a link leads to. */
function targetOf(path, from) {
  const file = path.startsWith('/') ? join(folder, path.slice(base.length)) : join(dirname(from), path);
  return [file, `${file}.html`, join(file, 'index.html')].find((name) => existsSync(name) && statSync(name).isFile());
}

function unescape(text) {
  return text.replaceAll('&amp;', '&').replaceAll('&#39;', "'").replaceAll('&quot;', '"');
}
