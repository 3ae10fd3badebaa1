import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import type { Page } from '@playwright/test';
import type { AxeResults, RunOptions } from 'axe-core';

import { expect, test } from '../fixtures/looks.ts';
import { answered } from '../fixtures/watch.ts';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe finds; put into the page once, and asked as often as its look changes. */
async function barriers(page: Page, options: RunOptions): Promise<string[]> {
  const { violations } = await page.evaluate(
    (options) => (window as unknown as { axe: { run(of: object, o: object): Promise<AxeResults> } }).axe.run(document, options),
    { resultTypes: ['violations'], ...options } as object,
  );
  return violations.map(({ id, nodes }) => {
    const places = nodes.map(({ html, any }) => `${html.slice(0, 120)} ${any[0]?.message ?? ''}`);
    return `${id}: ${places.join(' | ')}`;
  });
}

// Every second page each, so that two can look at once.
for (const half of [0, 1]) {
  test(`no page has a barrier, at 320 and 1280 px, light and dark (${half + 1} of 2)`, async ({ look, watch, javaScript }) => {
    test.slow();
    // axe is a script itself; without ours the markup is the same but for what islands show.
    test.skip(!javaScript);
    watch.expect(answered(404));
    const source = await readFile(axe, 'utf8');
    const found: string[] = [];
    for (const sight of look.sights.filter((_, n) => n % 2 === half)) {
      const page = await look.open(sight);
      await page.evaluate(source);
      for (const width of [320, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        const { wide, shown } = await page.evaluate(() => ({
          wide: document.documentElement.scrollWidth,
          shown: document.documentElement.clientWidth,
        }));
        const told = [
          ...(wide > shown ? [`scrolls sideways by ${wide - shown} px`] : []),
          ...(await barriers(page, { runOnly: tags })),
        ];
        // The other scheme is other colours and nothing else.
        await page.emulateMedia({ colorScheme: 'dark' });
        const dark = await barriers(page, { runOnly: { type: 'rule', values: ['color-contrast'] } });
        await page.emulateMedia({ colorScheme: 'light' });
        found.push(...told.concat(dark.map((one) => `dark: ${one}`)).map((one) => `${sight.name} at ${width}: ${one}`));
      }
      // Text at twice its size, on the smallest phone: it breaks, and nothing stands outside (WCAG 1.4.4).
      await page.setViewportSize({ width: 320, height: 900 });
      const outside = await page.evaluate(() => {
        const root = document.documentElement;
        root.style.fontSize = '200%';
        const over = root.scrollWidth - root.clientWidth;
        root.style.fontSize = '';
        return over;
      });
      if (outside > 0) found.push(`${sight.name} at 320, text at 200 %: scrolls sideways by ${outside} px`);
    }
    expect(found).toEqual([]);
  });
}
