import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import sharp from 'sharp';

import { expect, test } from '../fixtures/looks.ts';
import { inRepository } from '../fixtures/places.ts';
import { answered } from '../fixtures/watch.ts';

const folder = inRepository('end2end/screenshots');

test('a picture of every page, so that a change of look is seen in review', async ({ look, language, javaScript, watch }) => {
  test.slow();
  test.skip(!javaScript);
  watch.expect(answered(404));
  await mkdir(folder, { recursive: true });
  const widths = language === 'en' ? [320, 1280] : [320];
  const made = new Set<string>();
  for (const sight of look.sights) {
    const page = await look.open(sight);
    for (const width of widths) {
      await page.setViewportSize({ width, height: 640 });
      const file = `${sight.name}-${language}-${width}.png`;
      const picture = await page.screenshot({ fullPage: true, animations: 'disabled' });
      // They are kept with the code, so they are kept small: a page has few colours but for the edges of its letters.
      await sharp(picture).png({ palette: true, effort: 10 }).toFile(join(folder, file));
      made.add(file);
    }
  }
  // Pictures of pages that are gone go, too.
  for (const file of await readdir(folder)) {
    if (file.includes(`-${language}-`) && !made.has(file)) await rm(join(folder, file));
  }
});

test('every page of the portal is in the set', async ({ look, language, javaScript }) => {
  test.skip(!javaScript || language !== 'en');
  const table = await readFile(inRepository('server/authz.toml'), 'utf8');
  const routes = table
    .split('[[route]]')
    .filter((row) => /listener = "member"/.test(row) && /method = "GET"/.test(row))
    .map((row) => /path = "([^"]+)"/.exec(row)?.[1] ?? '')
    // Files.
    .filter((path) => !/\.(csv|svg)$/.test(path));
  expect(routes.length).toBeGreaterThan(10);
  const seen = new Set(look.sights.map(({ route }) => route));
  expect(routes.filter((route) => !seen.has(route))).toEqual([]);
});
