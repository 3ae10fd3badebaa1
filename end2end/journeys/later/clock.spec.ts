import { hidden } from '../../fixtures/client.ts';
import { billOf, bills } from '../../fixtures/people.ts';
import { paid } from '../../fixtures/paying.ts';
import { banks, cards, dial, mail } from '../../fixtures/sandbox.ts';
import { expect, heading, test } from '../../fixtures/test.ts';
import { say as sayIn, type Language } from '../../fixtures/words.ts';

// After all others: this moves the time of the whole world outside. So the four ways of every journey are taken at once.

const DAY = 24 * 60 * 60 * 1000;
const languages: Language[] = ['en', 'es'];
const ways = languages.flatMap((language) => [true, false].map((javaScriptEnabled) => ({ language, javaScriptEnabled })));

test('a pending bank payment settles, another comes back, and a card’s can no longer be undone', async ({
  people,
  browserOf,
}) => {
  test.slow();
  const begun = await Promise.all(
    ways.map(async ({ language, javaScriptEnabled }) => {
      const [person, client] = await people.member(language);
      const context = await browserOf(client, { javaScriptEnabled });
      const pharmacy = await billOf(client, 'pharmacy');
      const card = await paid(client, await billOf(client, 'visit'), '50.00', cards.good);
      return {
        person,
        client,
        page: await context.newPage(),
        say: (key: string, args?: Record<string, string>) => sayIn(language, key, args),
        card,
        // As it stood on a page that was open all the while.
        undo: { payment_id: hidden(await client.page(`${card}?step=undo`), 'payment_id') },
        good: await paid(client, await billOf(client, 'scan'), '60.00', banks.good),
        bad: await paid(client, pharmacy, bills.pharmacy.owed, banks.returnedR01),
        pharmacy,
      };
    }),
  );
  for (const { page, say, good } of begun) {
    await page.goto(good);
    await expect(page.locator('main')).toContainText(say('payment-pending-lead'));
  }

  // Longer than any bank takes.
  await dial('/clock', { now: new Date(Date.now() + 12 * DAY).toISOString() });

  for (const { person, client, page, say, card, undo, good, bad, pharmacy } of begun) {
    await expect(async () => {
      await page.goto(good);
      await expect(heading(page)).toHaveText(say('payment-settled-title', { amount: '$60.00' }), { timeout: 300 });
    }).toPass({ timeout: 90_000 });
    await mail(person.email, ({ subject }) => subject === say('mail-payment-settled-subject'));

    await expect(async () => {
      await page.goto(bad);
      await expect(heading(page)).toHaveText(say('payment-returned-bank-title'), { timeout: 300 });
    }).toPass({ timeout: 90_000 });
    await expect(page.locator('main')).toContainText(say('payment-return-R01'));
    const mailed = await mail(person.email, ({ subject }) => subject === say('mail-payment-returned-subject'));
    expect(mailed.text).toContain(`$${bills.pharmacy.owed}`);
    await page.goto(pharmacy);
    await expect(page.locator('.lead data')).toHaveAttribute('value', bills.pharmacy.owed);

    await expect(async () => {
      await page.goto(card);
      await expect(heading(page)).toHaveText(say('payment-settled-title', { amount: '$50.00' }), { timeout: 300 });
    }).toPass({ timeout: 90_000 });
    await expect(page.locator('main')).toContainText(say('payment-undo-late'));
    await expect(page.getByRole('link', { name: say('payment-undo-button', { amount: '$50.00' }) })).toHaveCount(0);
    await page.goto(await client.send('/api/pay/cancel', undo));
    await expect(page.locator('.refusals')).toContainText(say('refusal-too-late-to-cancel'));
  }
});
