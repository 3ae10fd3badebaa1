import { readFile } from 'node:fs/promises';

import { links } from '../fixtures/client.ts';
import { named, register } from '../fixtures/people.ts';
import { paid } from '../fixtures/paying.ts';
import { inRepository } from '../fixtures/places.ts';
import { expect, test } from '../fixtures/test.ts';

interface Payloads {
  markup: string[];
  ends: string[];
  templates: string[];
  signs: string[];
  formulas: string[];
  headers: string[];
}

/** As the tests of the listeners make them. */
async function payloads(): Promise<string[]> {
  const parts = JSON.parse(await readFile(inRepository('server/tests/listeners/payloads.json'), 'utf8')) as Payloads;
  const each = (befores: string[], afters: string[]) => afters.flatMap((after) => befores.map((before) => before + after));
  return [...each(parts.ends, parts.markup), ...each(parts.signs, parts.formulas), ...parts.templates, ...parts.headers];
}

/** Without white space and what is not seen. */
const folded = (text: string) => text.replace(/[\s\p{C}]/gu, '');

/** Of one bill. Few long bills are fewer pages than many short ones. */
const LINES = 24;

/** A person reads so many pages a minute (`Rate::Read`), and this one is quick. */
const MOST = 95;

test('whatever a file brought is text on every page', async ({ page, context, language, javaScript }) => {
  // The watch ends this red where a script runs, the policy had to stop one, or a stranger is asked. The rest is the same
  // in every language, and without scripts nothing could run.
  test.skip(!javaScript || language !== 'en');
  test.slow();
  const all = await payloads();
  expect(all.length).toBeGreaterThan(300);
  const bills = Array.from({ length: Math.ceil(all.length / LINES) }, (_, n) => all.slice(n * LINES, (n + 1) * LINES));
  const person = await named('<img src=x onerror=pwn()>', '</title><script>pwn()</script>', bills);
  const client = await register(person, language);
  await context.addCookies(client.cookies());

  const left = new Set(all);
  let pages = 0;
  const seen = async (path: string) => {
    await page.goto(path);
    pages += 1;
    // Whatever waits for a finger or a focus has had it.
    await page.keyboard.press('Tab');
    const main = folded(await page.locator('main').innerText());
    for (const text of left) if (main.includes(folded(text))) left.delete(text);
    return page.locator('main').innerHTML();
  };
  await seen('/');
  await seen('/profile');
  const own = new Set<string>();
  let next: string | undefined = '/bills';
  while (next !== undefined) {
    const list: string = await seen(next);
    links(list, /^\/bills\/[0-9a-f-]+$/).forEach((bill) => own.add(bill));
    next = links(list, /^\/bills\?.*after=/).at(-1);
  }
  expect(own.size).toBe(bills.length);
  for (const bill of own) {
    const shown = await seen(bill);
    for (const [number, trail] of links(shown, /^\/explain\//).entries()) if (number % 32 === 0) await seen(trail);
  }
  expect([...left], 'payloads that no page shows as they are').toEqual([]);

  const [bill] = own;
  await seen(`${bill}/pay`);
  const receipt = await paid(client, bill!, '12.00');
  await seen(receipt);
  await seen('/payments');
  expect(pages).toBeLessThan(MOST);
});
