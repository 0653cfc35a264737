/**
 * What a page tells its reader to do, in order: files to write, each named in the paragraph before its block, commands to run
 * (`sh`), and what these print (`text`).
 */
export function stepsOf(page) {
  const blocks = [...page.matchAll(/^```(sh|ts|js|text)\n([\s\S]*?)^```$/gm)];
  return blocks.map(({ 1: language, 2: text, index }) => {
    if (language === 'sh' || language === 'text') {
      return { kind: language === 'sh' ? 'commands' : 'printed', text };
    }
    const paragraph = page.slice(0, index).trimEnd().split('\n\n').at(-1);
    const [, file] = /`([\w./-]+\.(?:ts|mjs))`/.exec(paragraph) ?? [];
    if (file === undefined) {
      throw new Error(`no file is named before this block:\n${text}`);
    }
    return { kind: 'file', text, file };
  });
}

/** Whether something was printed as the page says, where `...` stands for anything. */
export function printedAs(expected, printed) {
  const parts = expected
    .trim()
    .split('...')
    .map((part) => part.trim());
  let from = 0;
  return parts.every((part) => {
    const at = printed.replaceAll('\r', '').indexOf(part, from);
    from = at + part.length;
    return at >= 0;
  });
}
