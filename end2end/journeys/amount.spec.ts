import { billOf, bills } from '../fixtures/people.ts';
import { order, ordered, paid, payButton } from '../fixtures/paying.ts';
import { expect, heading, test } from '../fixtures/test.ts';

const { owed } = bills.visit;

/** What is typed, and why it is not taken. A person may try ten times a minute. */
const refused: [typed: string, key: string, args?: Record<string, string>][][] = [
  [
    ['', 'refusal-amount-empty'],
    ['twelve', 'refusal-amount-not-a-number'],
    ['１２', 'refusal-amount-not-a-number'],
    ['-5', 'refusal-amount-negative'],
    ['0', 'refusal-amount-zero'],
  ],
  [
    ['1e3', 'refusal-amount-not-a-number'],
    ['1.2345', 'refusal-amount-too-precise'],
    ['10.005', 'refusal-amount-unclear', { reading: '$10,005.00' }],
    ['85,40', 'refusal-amount-unclear', { reading: '$85.40' }],
    ['9223372036854775808', 'refusal-amount-too-large'],
    ['184.21', 'refusal-more-than-owed', { most: `$${owed}` }],
  ],
];

for (const some of refused) {
  test(`an amount comes back with its reason: ${some.map(([typed]) => `“${typed}”`).join(', ')}`, async ({ page, member, say }) => {
    const bill = await billOf(member.client, 'visit');
    const title = say('title-refused', { title: say('pay-title') });
    for (const [typed, key, args] of some) {
      await order(page, bill, 'bank', typed);
      const sentence = say(key, args);
      const summary = page.locator('.refusals');
      await expect(summary.getByRole('link')).toHaveText([sentence]);
      await expect(summary).toBeFocused();
      expect((await page.title()).startsWith(title)).toBe(true);

      // What was typed stays, but for long runs of digits, which may be a card's.
      const field = page.locator('[name=amount]');
      if (typed.length > 12) await expect(field).not.toHaveValue(typed);
      else if (typed !== '') await expect(field).toHaveValue(typed);
      await expect(page.locator('[name=method][value=bank]')).toBeChecked();

      await expect(field).toHaveAttribute('aria-invalid', 'true');
      await expect(field).toHaveAttribute('aria-describedby', /refusal-amount/);
      await expect(page.locator('#refusal-amount')).toContainText(sentence);
      await summary.getByRole('link').click();
      await expect(field).toBeFocused();
    }
  });
}

test('a payment without a method asks for one', async ({ page, member, say }) => {
  await page.goto(`${await billOf(member.client, 'visit')}/pay`);
  await page.getByRole('button', { name: say('pay-check-button') }).click();
  await page.locator('.refusals').getByRole('link', { name: say('refusal-method-missing') }).click();
  await expect(page.locator('[name=method][value=card]')).toBeFocused();
});

test('amounts are read as people write them', async ({ page, member, language }) => {
  const bill = await billOf(member.client, 'scan');
  for (const [typed, read] of [['$ 20', '20.00'], ['35.5', '35.50'], ['1,00.25', undefined]] as const) {
    await order(page, bill, 'card', typed);
    if (read) await expect(payButton(page, language, read)).toBeVisible();
    else await expect(page.locator('.refusals')).toBeVisible();
  }
});

test('a bill that changed meanwhile shows its new amount, with what was typed', async ({ page, member, say }) => {
  const bill = await billOf(member.client, 'visit');
  await page.goto(`${bill}/pay`);

  await paid(member.client, bill, '100.00');
  await page.locator('[name=method][value=card]').check();
  await page.getByRole('button', { name: say('pay-check-button') }).click();
  await expect(page.locator('.refusals')).toBeVisible();
  await expect(page.locator('[name=amount]')).toHaveValue(owed);
  await expect(page.locator('main')).toContainText('$84.20');
});

test('the island reads the amount while it is typed, and only then', async ({ page, member, say, javaScript }) => {
  await page.goto(`${await billOf(member.client, 'scan')}/pay`);
  const reading = page.locator('#amount-reading');
  if (!javaScript) {
    await expect(reading).toBeEmpty();
    return;
  }
  await page.locator('[name=amount]').fill('160');
  await expect(reading).toHaveText(
    `${say('pay-reading', { amount: '$160.00' })} ${say('pay-reading-left', { amount: '$300.00' })}`,
  );
  await page.locator('[name=amount]').fill('460.01');
  await expect(reading).toHaveText(say('pay-reading-too-much', { amount: '$460.00' }));
});

test('a paid bill cannot be paid again', async ({ page, member, say }) => {
  const bill = await billOf(member.client, 'pharmacy');

  await paid(member.client, bill, bills.pharmacy.owed);
  await page.goto(`${bill}/pay`);
  await expect(heading(page)).toHaveText(say('pay-nothing-owed'));
  await expect(page.locator('[name=amount]')).toHaveCount(0);
  await expect(ordered(member.client, bill, bills.pharmacy.owed)).rejects.toThrow();
});
