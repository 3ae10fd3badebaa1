import type { Client } from '../fixtures/client.ts';
import { links } from '../fixtures/client.ts';
import { billOf, bills, demo, signIn } from '../fixtures/people.ts';
import { paid } from '../fixtures/paying.ts';
import { banks } from '../fixtures/sandbox.ts';
import { expect, heading, test } from '../fixtures/test.ts';

interface Figure {
  value: string;
  href: string;
}

const LINK = /<a\b[^>]*class="amount[^>]*>[\s\S]*?<\/a>/g;

/** Every figure of a page that opens what makes it; dollars that do not are told apart. */
function figures(page: string): { opened: Figure[]; bare: string[] } {
  const main = /<main[\s\S]*<\/main>/.exec(page)?.[0] ?? '';
  const opened = (main.match(LINK) ?? []).map((link) => ({
    href: /href="([^"]+)"/.exec(link)?.[1] ?? '',
    value: /<data[^>]*value="([^"]+)"/.exec(link)?.[1] ?? '',
  }));
  // What is left are figures without a trail, but for what is no figure: buttons, and names of pictures for readers.
  const rest = main
    .replace(LINK, '')
    .replace(/<button[\s\S]*?<\/button>|<a\b[^>]*class="button[^>]*>[\s\S]*?<\/a>|<svg[\s\S]*?<\/svg>/g, '')
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<[^>]+>/g, '\n');
  return { opened, bare: rest.match(/.*\$\d[\d,]*\.\d\d.*/g) ?? [] };
}

/** Opens every figure of these pages once, and holds each to the total of its explanation. */
async function walk(client: Client, pages: string[], most: number): Promise<number> {
  const known = new Map<string, string>();
  for (const path of pages) {
    const { opened, bare } = figures(await client.page(path));
    expect(bare, `figures without a trail on ${path}`).toEqual([]);
    for (const { href, value } of opened) {
      const total = known.get(href) ?? /data-total="([^"]+)"/.exec(await client.page(href))?.[1];
      expect(total, `${href}, as shown on ${path}`).toBe(value);
      known.set(href, value);
    }
  }
  // More would run into the limit of reads, and say nothing about money.
  expect(known.size).toBeLessThan(most);
  return known.size;
}

const MOST = 95;

test.describe('every figure opens what makes it', () => {
  // Read as text: the same with script and without.
  test.skip(({ javaScript }) => !javaScript);

  // Shared by all, and a person reads so many pages a minute: in one language, and nobody else's journey.
  for (const name of ['ben', 'chloe', 'marcus', 'tessa']) {
    test(`for ${name} of the demo plan`, async ({ language }) => {
      test.skip(language !== 'en');
      const client = await signIn(demo[name]!, language);
      const overview = await client.page('/');
      const list = await client.page('/bills');
      const own = links(`${overview}${list}`, /^\/bills\/[0-9a-f-]+$/).slice(0, 4);
      const payments = links(`${overview}${await client.page('/payments')}`, /^\/payments\/[0-9a-f-]+$/).slice(0, 3);
      expect(await walk(client, ['/', '/bills', '/payments', ...own, ...payments], MOST)).toBeGreaterThan(15);
    });
  }

  test('for a member who has just paid, in part, by card and by bank', async ({ member }) => {
    const scan = await billOf(member.client, 'scan');
    const pharmacy = await billOf(member.client, 'pharmacy');
    const parts = [
      await paid(member.client, scan, '101.10'),
      await paid(member.client, pharmacy, bills.pharmacy.owed, banks.good),
    ];
    const pages = ['/', '/bills', scan, `${scan}/pay`, pharmacy, '/payments', ...parts];
    expect(await walk(member.client, pages, MOST)).toBeGreaterThan(15);
  });
});

test('a figure opens with one tap, and its lines add up to it', async ({ page, member, say }) => {
  const bill = await billOf(member.client, 'visit');
  await paid(member.client, bill, '84.20');
  await page.goto(bill);
  await page.locator('.lead a.amount').click();
  await expect(page).toHaveURL(/\/explain\/bill-owed\//);
  await expect(page.locator('[data-total]')).toHaveAttribute('data-total', '100.00');
  await expect(page.locator('main')).toContainText('$84.20');
  await expect(page.locator('main')).toContainText(say('trail-received'));
  await expect(page.locator('main')).toContainText(say('trail-posted'));
});

test('a figure read from its source names the line', async ({ page, member, say }) => {
  await page.goto(await billOf(member.client, 'visit'));
  await page.locator('a.amount[href*="bill-billed"]').first().click();
  await expect(page.locator('[data-total]')).toHaveAttribute('data-total', bills.visit.billed);
  await expect(page.locator('main')).toContainText(say('trail-source'));
  await expect(heading(page)).not.toBeEmpty();
});
