import { billOf, bills, demo, signIn } from '../fixtures/people.ts';
import { expect, heading, test } from '../fixtures/test.ts';

test('the overview says first what is owed, and what to do about it', async ({ page, browserOf, language, say }) => {
  page = await (await browserOf(await signIn(demo.ana!, language))).newPage();
  await page.goto('/');
  await expect(heading(page).locator('a.amount')).not.toHaveCount(0);
  const needs = page.locator('#needs-you-now').locator('..');
  await expect(page.getByRole('heading', { name: say('overview-needs') })).toBeVisible();
  await expect(page.getByRole('heading', { name: say('overview-coming') })).toBeVisible();
  await expect(page.getByRole('heading', { name: say('overview-done') })).toBeVisible();
  // One primary button, and it says the amount.
  await expect(needs.locator('a.button:not(.quiet)')).toHaveCount(1);
  await expect(needs.locator('a.button:not(.quiet)')).toHaveText(/\$\d/);
  for (const kind of ['premium', 'medical', 'pharmacy']) {
    await expect(page.locator(`.balance a[href="/bills?kind=${kind}"]`)).toHaveText(say(`kind-short-${kind}`));
  }
});

test('who has no bills is told what will be here', async ({ browserOf, language, say }) => {
  const page = await (await browserOf(await signIn(demo.emil!, language))).newPage();
  await page.goto('/');
  await expect(heading(page)).toHaveText(say('overview-owes-nothing'));
  await expect(page.locator('main')).toContainText(say('overview-needs-none'));
  await page.goto('/bills');
  await expect(page.locator('main')).toContainText(say('bills-none'));
  await page.goto('/payments');
  await expect(page.locator('main')).toContainText(say('history-none'));
});

test('the list of bills is filtered by its address', async ({ page, member, say }) => {
  await page.goto('/bills');
  const rows = page.locator('.bill-row');
  await expect(rows).toHaveCount(3);
  await page.getByRole('navigation', { name: say('bills-filter-kind') }).getByRole('link', { name: say('kind-short-pharmacy') }).click();
  await expect(page).toHaveURL(/kind=pharmacy/);
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText(`$${bills.pharmacy.owed}`);
  await page.getByRole('navigation', { name: say('bills-filter-show') }).getByRole('link', { name: say('bills-filter-paid'), exact: true }).click();
  await expect(page).toHaveURL(/kind=pharmacy/);
  await expect(page).toHaveURL(/status=paid/);
  await expect(page.locator('main')).toContainText(say('bills-none-filtered'));
  await page.getByRole('link', { name: say('bills-none-all') }).click();
  await expect(rows).toHaveCount(3);
  expect(member.email).toBeTruthy();
});

test('a long list is read page by page, every bill once', async ({ browserOf, language, say }) => {
  const page = await (await browserOf(await signIn(demo.priya!, language))).newPage();
  await page.goto('/bills');
  const seen: string[] = [];
  for (let pages = 1; ; pages += 1) {
    const here = await page.locator('.bill-row h2 a').evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
    expect(here.length).toBeGreaterThan(0);
    seen.push(...here);
    const next = page.getByRole('link', { name: say('pager-next') });
    if ((await next.count()) === 0) {
      expect(pages).toBeGreaterThan(2);
      break;
    }
    await next.click();
    await expect(page).toHaveURL(/after=/);
    await expect(page.locator('.bill-row h2 a').first()).not.toHaveAttribute('href', here[0] ?? '');
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.length).toBeGreaterThan(40);
  await page.getByRole('link', { name: say('pager-start') }).click();
  await expect(page.locator('.bill-row h2 a').first()).toHaveAttribute('href', seen[0] ?? '');
});

test('a medical bill shows how the amount billed became the amount owed', async ({ page, member, say }) => {
  const { billed, plan_paid, owed } = bills.visit;
  await page.goto(await billOf(member.client, 'visit'));
  await expect(page.locator('.lead')).toContainText('Cedar Street Clinic');
  const fall = page.locator('main');
  for (const step of ['bill-step-billed-medical', 'bill-step-discount', 'bill-step-plan-paid', 'bill-step-owed']) {
    await expect(fall).toContainText(say(step));
  }
  await expect(fall).toContainText(`$${billed}`);
  await expect(fall).toContainText(`$${plan_paid}`);
  await expect(page.locator('.lead data')).toHaveAttribute('value', owed);
  // The same as a table, one tap away.
  await page.locator('summary', { hasText: say('bill-as-table') }).click();
  await expect(page.getByRole('table').first()).toBeVisible();
  await expect(page.locator('main')).toContainText('Office visit');
  await page.getByText(say('bill-line-sums')).first().click();
  await expect(page.getByText(say('bill-share-coinsurance'))).toBeVisible();
});

test('a premium bill shows its month, its people and its lines', async ({ browserOf, language, say }) => {
  const page = await (await browserOf(await signIn(demo.dora!, language))).newPage();
  await page.goto('/bills?kind=premium&status=open');
  await page.locator('.bill-row h2 a').first().click();
  await expect(page.locator('main')).toContainText(say('bill-fact-period'));
  await expect(page.locator('main')).toContainText(say('bill-fact-unit'));
  await expect(page.getByRole('heading', { name: say('bill-lines-premium') })).toBeVisible();
  await expect(page.getByRole('heading', { name: say('bill-people') })).toBeVisible();
  await expect(page.locator('.people')).toContainText(say('bill-relation-subscriber'));
});

test('a bill names the other ways to pay and whom to ask', async ({ page, member, say }) => {
  await page.goto(await billOf(member.client, 'visit'));
  const ways = page.locator('#ways');
  await expect(ways).toContainText(say('ways-phone'));
  await expect(ways).toContainText(say('ways-mail'));
  await expect(ways.locator('a[href^="tel:"]').first()).toBeVisible();
});
