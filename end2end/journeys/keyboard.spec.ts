import type { Page } from '@playwright/test';

import { billOf, bills } from '../fixtures/people.ts';
import { isGateway, cards } from '../fixtures/sandbox.ts';
import { comeBack } from '../fixtures/paying.ts';
import { expect, heading, test } from '../fixtures/test.ts';

/** Goes on with Tab alone until `selector` has the focus; everything on the way shows that it has it. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let steps = 0; steps < 80; steps += 1) {
    await page.keyboard.press('Tab');
    const { there, shown, name } = await page.evaluate((selector) => {
      const at = document.activeElement as HTMLElement;
      const style = getComputedStyle(at);
      const around = at.closest('label, .choice, .field') ?? at;
      const ring = [style, getComputedStyle(around)].some(
        ({ outlineStyle, outlineWidth, boxShadow }) => (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || boxShadow !== 'none',
      );
      const box = at.getBoundingClientRect();
      return {
        there: at.matches(selector),
        shown: at === document.body || (ring && box.width > 0 && box.bottom > 0 && box.top < innerHeight),
        name: at.outerHTML.slice(0, 80),
      };
    }, selector);
    expect(shown, `the focus shows on ${name}`).toBe(true);
    if (there) return;
  }
  throw new Error(`no way to ${selector} by keyboard`);
}

test('a bill is paid without a mouse', async ({ page, member, say, language }) => {
  const bill = await billOf(member.client, 'visit');
  await page.goto('/');
  await page.keyboard.press('Tab');
  await expect(page.locator('.skip')).toBeFocused();
  await page.keyboard.press('Enter');
  await tabTo(page, `a[href="${bill}"]`);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`${bill}$`));
  await tabTo(page, `a.button[href="${bill}/pay"]`);
  await page.keyboard.press('Enter');

  await expect(heading(page)).toHaveText(say('pay-title'));
  await tabTo(page, '[name=amount]');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('85,40');
  await tabTo(page, '[name=method]');
  await page.keyboard.press('Space');
  await tabTo(page, 'main form button');
  await page.keyboard.press('Enter');
  // The summary has the focus by itself; its link leads to the field.
  await expect(page.locator('.refusals')).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.locator('[name=amount]')).toBeFocused();
  await page.keyboard.press('Control+A');
  await page.keyboard.type('85.40');
  await page.keyboard.press('Enter');

  await expect(heading(page)).toHaveText(say('payment-check-title'));
  await tabTo(page, 'form[action="/api/pay/confirm"] button');
  await page.keyboard.press('Space');
  await expect.poll(() => isGateway(page.url())).toBe(true);
  for (const [name, typed] of [['card_number', cards.good], ['expiry', '12/30'], ['cvc', '123'], ['name', 'Rosa Vale']]) {
    await tabTo(page, `[name=${name}]`);
    await page.keyboard.type(typed ?? '');
  }
  await page.keyboard.press('Enter');
  await comeBack(page, language);
  await expect(heading(page)).toHaveText(say('payment-received-title', { amount: '$85.40' }));
  expect(bills.visit.owed).toBe('184.20');
});

test('everything a page offers is reached and left by Tab', async ({ page, member }) => {
  for (const path of ['/', '/profile', `${await billOf(member.client, 'visit')}/pay`]) {
    await page.goto(path);
    const all = await page.locator('a[href]:visible, button:visible, input:visible:not([type=hidden]), select:visible, summary:visible').count();
    const reached = new Set<string>();
    for (let steps = 0; steps < all + 10; steps += 1) {
      await page.keyboard.press('Tab');
      reached.add(await page.evaluate(() => {
        const at = document.activeElement;
        const known = (at?.getAttribute('data-walked') ?? String(document.querySelectorAll('[data-walked]').length));
        at?.setAttribute('data-walked', known);
        return at === document.body ? 'body' : known;
      }));
    }
    // Of the answers to one question, Tab reaches one.
    expect(reached.size, path).toBeGreaterThanOrEqual(all - 2);
  }
});
