import { billOf, bills } from '../fixtures/people.ts';
import { comeBack, order, own, payButton, payByCard, typeAccount, typeCard } from '../fixtures/paying.ts';
import { banks, cards, isGateway, mail, taken } from '../fixtures/sandbox.ts';
import { expect, heading, test } from '../fixtures/test.ts';

const { owed } = bills.visit;

test('a bill is paid in full with a card', async ({ page, member, language, say, like }) => {
  const bill = await billOf(member.client, 'visit');
  await page.goto(bill);
  await page.locator(`main a.button[href="${bill}/pay"]`).click();
  await expect(heading(page)).toHaveText(say('pay-title'));
  await expect(page.getByText(say('pay-ready'))).toBeVisible();
  await expect(page.locator('[name=amount]')).toHaveValue(owed);
  await page.getByLabel(say('pay-method-card'), { exact: true }).check();
  await page.getByRole('button', { name: say('pay-check-button') }).click();

  await expect(heading(page)).toHaveText(say('payment-check-title'));
  await expect(page.locator('main')).toContainText(say('payment-final-card'));
  await expect(page.locator('main')).toContainText(like('payment-check-undo-until'));
  await payButton(page, language, owed).click();
  await typeCard(page, cards.good);
  await comeBack(page, language);

  await expect(heading(page)).toHaveText(say('payment-received-title', { amount: `$${owed}` }));
  const receipt = page.locator('.receipt');
  await expect(receipt).toContainText(say('method-card-ending', { brand: 'Visa', last4: '4242' }));
  await expect(receipt).toContainText(member.name);
  await expect(page.locator('main')).toContainText(say('payment-left-none'));
  await expect(page.locator('main')).toContainText(like('payment-undo-until'));
  const number = await receipt.locator('.reference').first().innerText();

  await page.getByRole('link', { name: say('payment-see-bill') }).click();
  await expect(page.locator('main')).toContainText(say('bill-lead-paid'));

  // The mailed receipt carries the facts; its subject, which others may read, carries none.
  const mailed = await mail(member.email, ({ text }) => text.includes(number));
  expect(mailed.subject).toBe(say('mail-receipt-subject'));
  expect(mailed.text).toContain(`$${owed}`);
});

test('a bill is paid in part, and the rest stays due', async ({ page, member, language, say, like }) => {
  const bill = await billOf(member.client, 'scan');
  await page.goto(bill);
  await page.getByRole('link', { name: say('bill-pay-part') }).click();
  await expect(page.locator('[name=amount]')).toHaveValue('');
  await page.locator('[name=amount]').fill('$100');
  await page.locator('[name=method][value=card]').check();
  await page.getByRole('button', { name: say('pay-check-button') }).click();
  await expect(page.locator('main')).toContainText('$360.00');
  await payButton(page, language, '100.00').click();
  await typeCard(page, cards.good);
  await comeBack(page, language);

  await expect(heading(page)).toHaveText(say('payment-received-title', { amount: '$100.00' }));
  await expect(page.locator('main')).toContainText('$360.00');
  await page.goto(bill);
  await expect(page.locator('.lead')).toContainText(like('bill-lead-owed'));
  await expect(page.locator('.lead data')).toHaveAttribute('value', '360.00');
});

test('a bill is paid from a bank account, and is pending until the bank confirms', async ({
  page,
  member,
  language,
  say,
}) => {
  const bill = await billOf(member.client, 'pharmacy');
  await order(page, bill, 'bank');
  await expect(page.locator('main')).toContainText(say('payment-final-bank'));
  await payButton(page, language, bills.pharmacy.owed).click();
  await typeAccount(page, banks.good);
  await comeBack(page, language);

  await expect(heading(page)).toHaveText(say('payment-pending-title', { amount: `$${bills.pharmacy.owed}` }));
  await expect(page.locator('main')).toContainText(say('payment-pending-lead'));
  await expect(page.locator('.receipt')).toContainText(say('method-bank-ending', { last4: '6789' }));
  await page.goto(bill);
  await expect(page.locator('main')).toContainText(say('bill-lead-pending-posted'));
  const mailed = await mail(member.email, ({ subject }) => subject === say('mail-receipt-subject'));
  expect(mailed.text).toContain(`$${bills.pharmacy.owed}`);
});

test('a declined card is told in a sentence, and another one pays', async ({ page, member, language, say }) => {
  const bill = await billOf(member.client, 'visit');
  await order(page, bill, 'card', '41.07');
  await payButton(page, language, '41.07').click();
  await typeCard(page, cards.insufficient);
  await expect(page.locator('.notice[role=alert]')).toBeVisible();
  await expect(page.locator('[name=card_number]')).toHaveValue('');
  await typeCard(page, cards.good);
  await comeBack(page, language);
  await expect(heading(page)).toHaveText(say('payment-received-title', { amount: '$41.07' }));
});

test('three declines end a payment without money, and the bill is as it was', async ({ page, member, language, say }) => {
  const bill = await billOf(member.client, 'visit');
  await order(page, bill, 'card');
  await payButton(page, language, owed).click();
  for (let tries = 0; tries < 3; tries += 1) {
    await typeCard(page, cards.insufficient);
    if (tries < 2) await expect(page.locator('.notice[role=alert]')).toBeVisible();
  }
  await comeBack(page, language);
  await expect(heading(page)).toHaveText(say('payment-declined-title'));
  await expect(page.locator('main')).toContainText(say('payment-decline-insufficient-funds'));
  await page.goto(bill);
  await expect(page.locator('.lead data')).toHaveAttribute('value', owed);
});

test('a card whose bank asks first goes through its step', async ({ page, member, language, say }) => {
  const bill = await billOf(member.client, 'visit');
  await order(page, bill, 'card');
  await payButton(page, language, owed).click();
  await typeCard(page, cards.threeDSecure);
  await page.locator('button[value=approve]').click();
  await comeBack(page, language);
  await expect(heading(page)).toHaveText(say('payment-received-title', { amount: `$${owed}` }));
});

test('a card whose holder says no to the bank takes no money', async ({ page, member, language, say }) => {
  const bill = await billOf(member.client, 'visit');
  await order(page, bill, 'card');
  await payButton(page, language, owed).click();
  await typeCard(page, cards.threeDSecure);
  await page.locator('button[value=refuse]').click();
  await expect(page.locator('.notice[role=alert]')).toBeVisible();
  await page.locator('form[action$="/cancel"] button').click();
  await comeBack(page, language);
  await expect(heading(page)).toHaveText(say('payment-declined-title'));
});

test('a payment left on the gateway’s page takes no money', async ({ page, member, language, say }) => {
  const bill = await billOf(member.client, 'visit');
  await order(page, bill, 'card');
  await payButton(page, language, owed).click();
  await expect.poll(() => isGateway(page.url())).toBe(true);
  await page.locator('form[action$="/cancel"] button').click();
  await comeBack(page, language);
  await expect(page.locator('main')).toContainText(say('payment-cancelled-never'));
});

test('a card that takes the money and never answers ends in a receipt', async ({ page, member, language, say, watch }) => {
  const amount = own();
  watch.expect(/ERR_ABORTED/);
  await order(page, await billOf(member.client, 'scan'), 'card', amount);
  const payment = page.url();
  await payButton(page, language, amount).click();
  await typeCard(page, cards.neverAnswers, { noWaitAfter: true });
  await expect.poll(async () => (await taken(amount)).length).toBe(1);

  // Whoever waits there comes back by hand, and is never told that nothing was taken.
  await page.goto(payment);
  await expect(page.locator('main')).not.toContainText(say('payment-declined-title'));
  await expect(async () => {
    await page.goto(payment);
    await expect(heading(page)).toHaveText(say('payment-received-title', { amount: `$${amount}` }), { timeout: 500 });
  }).toPass();
});

test('the page after the gateway looks again by itself', async ({ page, member, language, say }) => {
  await order(page, await billOf(member.client, 'visit'), 'card');
  await payButton(page, language, owed).click();
  await typeCard(page, cards.good);
  await expect(heading(page)).toHaveText(say('payment-received-title', { amount: `$${owed}` }), { timeout: 15_000 });
});

test('a payment is taken back before the cut-off, and the bill is open again', async ({ page, member, language, say }) => {
  const bill = await billOf(member.client, 'visit');
  await payByCard(page, language, bill, '52.18');
  const undo = say('payment-undo-button', { amount: '$52.18' });
  await page.getByRole('link', { name: undo }).click();
  // One press says what it does and takes nothing back yet.
  await expect(heading(page)).toHaveText(say('payment-takeback-title'));
  await page.getByRole('link', { name: say('payment-takeback-keep') }).click();
  await expect(heading(page)).toHaveText(say('payment-received-title', { amount: '$52.18' }));
  await page.getByRole('link', { name: undo }).click();
  await page.getByRole('button', { name: undo }).click();
  await expect(heading(page)).toHaveText(say('payment-cancelled-title'));
  await expect(page.locator('main')).toContainText(say('payment-cancelled-back-card', { amount: '$52.18' }));
  await page.goto(bill);
  await expect(page.locator('.lead data')).toHaveAttribute('value', owed);
  const mailed = await mail(member.email, ({ subject }) => subject === say('mail-payment-cancelled-subject'));
  expect(mailed.text).toContain('$52.18');
});

test('an order not sent is changed, or dropped, and nothing was paid', async ({ page, member, say }) => {
  const bill = await billOf(member.client, 'visit');
  await order(page, bill, 'card', '63.44');
  await page.getByRole('link', { name: say('payment-check-change') }).click();
  await expect(heading(page)).toHaveText(say('pay-title'));
  await expect(page.locator('[name=amount]')).toHaveValue('63.44');
  await expect(page.locator('[name=method][value=card]')).toBeChecked();
  await page.goBack();
  await page.getByRole('button', { name: say('payment-check-leave') }).click();
  await expect(page.locator('main')).toContainText(say('payment-cancelled-never'));
  expect(await taken('63.44')).toEqual([]);
});
