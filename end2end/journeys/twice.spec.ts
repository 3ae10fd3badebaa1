import { hidden } from '../fixtures/client.ts';
import { billOf, bills } from '../fixtures/people.ts';
import { comeBack, confirmed, order, ordered, own, paid, payButton, payByCard, typeCard, typedIn } from '../fixtures/paying.ts';
import { cards, taken } from '../fixtures/sandbox.ts';
import { expect, heading, test } from '../fixtures/test.ts';

test('the same form sent twice at once is one payment and one charge', async ({ member }) => {
  const bill = await billOf(member.client, 'scan');
  const amount = own();
  const form = await member.client.page(`${bill}/pay`);
  const fields = {
    payment_id: hidden(form, 'payment_id'),
    bill_id: hidden(form, 'bill_id'),
    bill_version: hidden(form, 'bill_version'),
    amount,
    method: 'card',
  };
  const orders = await Promise.all([1, 2, 3].map(() => member.client.taken('/api/pay', fields)));
  expect(new Set(orders).size).toBe(1);
  const hosted = await Promise.all([1, 2, 3].map(() => member.client.send('/api/pay/confirm', { payment_id: fields.payment_id })));
  const page = hosted.find((to) => to.startsWith('http')) ?? (await member.client.send('/api/pay/continue', { payment_id: fields.payment_id }));
  const card = await typedIn(member.client, page);
  await Promise.all([1, 2, 3].map(() => member.client.send(page, card)));
  await expect.poll(async () => (await taken(amount)).length).toBe(1);
});

test('going back after paying and sending again charges once', async ({ page, member, language, say }) => {
  const bill = await billOf(member.client, 'scan');
  const amount = own();
  await payByCard(page, language, bill, amount);
  const receipt = page.url().split('?')[0] ?? '';
  // Back to the form that was filled in, as long as the browser still has it.
  await page.goto(`${bill}/pay`);
  await page.goto(receipt);
  await expect(payButton(page, language, amount)).toHaveCount(0);
  await expect(heading(page)).toContainText(say('payment-received-title', { amount: `$${amount}` }));
  const id = receipt.split('/').pop() ?? '';
  expect(await member.client.send('/api/pay/confirm', { payment_id: id })).toContain(`/payments/${id}`);
  expect(await taken(amount)).toHaveLength(1);
});

test('two tabs with the same order charge once', async ({ page, member, context, language }) => {
  const amount = own();
  await order(page, await billOf(member.client, 'scan'), 'card', amount);
  const second = await context.newPage();
  await second.goto(page.url());
  await payButton(page, language, amount).click();
  await typeCard(page, cards.good);
  await comeBack(page, language);
  await expect(heading(page)).toContainText(`$${amount}`);
  await payButton(second, language, amount).click();
  await expect(heading(second)).toContainText(`$${amount}`);
  await expect(second.locator('.receipt')).toBeVisible();
  expect(await taken(amount)).toHaveLength(1);
});

test('two tabs that each pay the whole bill: the second takes nothing', async ({ page, member, context, say, language }) => {
  const bill = await billOf(member.client, 'visit');
  const second = await context.newPage();
  await order(second, bill, 'card');
  await order(page, bill, 'card');
  await payButton(page, language, bills.visit.owed).click();
  await typeCard(page, cards.good);
  await comeBack(page, language);
  await expect(page.locator('.receipt')).toBeVisible();
  await second.reload();
  await second.locator('form[action="/api/pay/confirm"] button').first().click();
  await expect(second.locator('main')).toContainText(new RegExp(`${say('refusal-nothing-owed')}|${say('payment-alike-title')}|${say('refusal-bill-changed')}`));
  await expect(second.locator('.receipt')).toHaveCount(0);
});

test('a payment like one just made asks first, and can be stopped', async ({ page, member, language, say }) => {
  const bill = await billOf(member.client, 'scan');
  const amount = own();
  const first = await paid(member.client, bill, amount);
  await order(page, bill, 'card', amount);
  await expect(heading(page)).toHaveText(say('payment-alike-title'));
  await expect(payButton(page, language, amount)).toHaveCount(0);
  await page.getByRole('button', { name: say('payment-alike-stop') }).click();
  await expect(page.locator('main')).toContainText(say('payment-cancelled-never'));
  expect(await taken(amount)).toHaveLength(1);
  await page.goBack();
  await page.goto(first);
  await expect(page.locator('.receipt')).toBeVisible();
});

test('a payment like one just made is made when the member says so', async ({ page, member, language, say }) => {
  const bill = await billOf(member.client, 'scan');
  const amount = own();
  await paid(member.client, bill, amount);
  await order(page, bill, 'card', amount);
  await page.getByRole('button', { name: say('payment-alike-yes', { amount: `$${amount}` }) }).click();
  await typeCard(page, cards.good);
  await comeBack(page, language);
  await expect(heading(page)).toHaveText(say('payment-received-title', { amount: `$${amount}` }));
  expect(await taken(amount)).toHaveLength(2);
});

test('a hand-over whose answer is lost is confirmed, never doubled', async ({ page, member, language, say }) => {
  const bill = await billOf(member.client, 'scan');
  const amount = own();
  const lost = { op: 'pages', fault: '5xx_after', count: 1 };
  const payment = await ordered(member.client, bill, amount, 'card', lost);
  await page.goto(payment);
  await payButton(page, language, amount).click();
  await expect(heading(page)).toHaveText(say('payment-confirming-title'));
  await expect(page.locator('main')).toContainText(say('payment-confirming-page'));

  // What the gateway has is asked for, and paying goes on there.
  await expect(async () => {
    await page.goto(payment);
    await expect(heading(page)).toHaveText(say('payment-gateway-title'), { timeout: 500 });
  }).toPass({ timeout: 40_000 });
  await page.getByRole('button', { name: say('payment-gateway-button', { amount: `$${amount}` }) }).click();
  await typeCard(page, cards.good);
  await comeBack(page, language);
  await expect(page.locator('.receipt')).toBeVisible();
  expect(await taken(amount)).toHaveLength(1);
});

test('coming back from the gateway proves nothing by itself', async ({ page, member, say }) => {
  const payment = await ordered(member.client, await billOf(member.client, 'scan'), own());
  for (const query of ['?reference=anything', '?state=captured&success=true', '?step=2']) {
    await page.goto(`${payment}${query}`);
    await expect(heading(page)).toHaveText(say('payment-check-title'));
  }
  await confirmed(member.client, payment);
  await page.goto(`${payment}?reference=anything&status=paid`);
  await expect(heading(page)).toHaveText(say('payment-returned-title'));
  await expect(page.locator('.receipt')).toHaveCount(0);
});
