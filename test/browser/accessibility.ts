import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const LOW_CONTRAST = readFileSync(join(__dirname, 'low-contrast.js'), 'utf8');

/** Roles of what a user operates, or goes to by name. */
const NAMED = ['button', 'link', 'radio', 'textbox', 'radiogroup', 'form', 'navigation', 'region', 'table'];

interface Named {
  readonly role: string;
  readonly name: string;
}

/** What assistive technology is told of a page: every node that has a role, in order, as Chromium computes it. */
export async function accessibilityTree(page: Page): Promise<Named[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  await session.detach();
  return nodes
    .filter(({ ignored }) => !ignored)
    .map(({ role, name }) => ({ role: String(role?.value), name: String(name?.value ?? '').trim() }));
}

/** The roles of what should have a name and has none; `seen` is how many there were in all. */
export function nameless(tree: readonly Named[]): { readonly seen: number; readonly without: readonly string[] } {
  const named = tree.filter(({ role }) => NAMED.includes(role));
  return { seen: named.length, without: named.filter(({ name }) => name === '').map(({ role }) => role) };
}

/** Texts and controls of too little contrast, as `low-contrast.js` says. */
export async function lowContrast(page: Page): Promise<{ readonly checked: number; readonly low: readonly string[] }> {
  await page.evaluate(LOW_CONTRAST);
  return page.evaluate('lowContrast()');
}

/** How many pixels a page is wider than its window. */
export async function overflow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
}

/** Presses Tab until what has the focus is called that; fails where nothing is, or where the focus cannot be seen. */
export async function tabTo(page: Page, name: string): Promise<void> {
  const passed: string[] = [];
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate<{ name: string; isSeen: boolean }>(FOCUSED);
    passed.push(focused.name);
    if (!focused.isSeen) {
      throw new Error(`the focus on ${focused.name} cannot be seen`);
    }
    if (focused.name === name) {
      return;
    }
  }
  throw new Error(`no Tab leads to ${name}, but to ${passed.join(', ')}`);
}

/** The name of what has the focus, and whether an outline of it, or of the label around it, shows that. */
const FOCUSED = `(() => {
  const { activeElement: element } = document;
  const name = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent;
  const places = [element, element.closest('label')].filter((place) => place !== null);
  const isSeen = element === document.body || places.some((place) => getComputedStyle(place).outlineStyle !== 'none');
  return { name: name.trim().replace(/\\s+/g, ' '), isSeen };
})()`;
