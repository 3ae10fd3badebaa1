import { billOf, bills } from '../../fixtures/people.ts';
import { paid } from '../../fixtures/paying.ts';
import { banks, dial, mail } from '../../fixtures/sandbox.ts';
import { expect, heading, test } from '../../fixtures/test.ts';

// After all others: this moves the time of the whole world outside.

const DAY = 24 * 60 * 60 * 1000;

test('a pending bank payment settles, another comes back, and a card’s can no longer be undone', async ({
  page,
  member,
  say,
}) => {
  test.slow();
  const scan = await billOf(member.client, 'scan');
  const pharmacy = await billOf(member.client, 'pharmacy');
  const good = await paid(member.client, scan, '60.00', banks.good);
  const bad = await paid(member.client, pharmacy, bills.pharmacy.owed, banks.returnedR01);
  await page.goto(good);
  await expect(page.locator('main')).toContainText(say('payment-pending-lead'));

  // Longer than any bank takes.
  await dial('/clock', { now: new Date(Date.now() + 12 * DAY).toISOString() });

  await expect(async () => {
    await page.goto(good);
    await expect(heading(page)).toHaveText(say('payment-settled-title', { amount: '$60.00' }), { timeout: 300 });
  }).toPass({ timeout: 90_000 });
  await mail(member.email, ({ subject }) => subject === say('mail-payment-settled-subject'));

  await expect(async () => {
    await page.goto(bad);
    await expect(heading(page)).toHaveText(say('payment-returned-bank-title'), { timeout: 300 });
  }).toPass({ timeout: 90_000 });
  await expect(page.locator('main')).toContainText(say('payment-return-R01'));
  const mailed = await mail(member.email, ({ subject }) => subject === say('mail-payment-returned-subject'));
  expect(mailed.text).toContain(`$${bills.pharmacy.owed}`);
  await page.goto(pharmacy);
  await expect(page.locator('.lead data')).toHaveAttribute('value', bills.pharmacy.owed);
});
