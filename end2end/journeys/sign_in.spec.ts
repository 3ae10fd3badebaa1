import { Client } from '../fixtures/client.ts';
import { billOf, signIn } from '../fixtures/people.ts';
import { expect, heading, test } from '../fixtures/test.ts';
import { answered } from '../fixtures/watch.ts';
import type { Page } from '@playwright/test';

test.use({ ownNetwork: true });

async function knock(page: Page, email: string, password: string): Promise<void> {
  await page.locator('main [name=email]').fill(email);
  await page.locator('main [name=password]').fill(password);
  await page.locator('main form button').click();
}

test('a member signs in, and out again', async ({ page, member, context, say }) => {
  await context.clearCookies();
  await page.goto('/');
  await expect(page).toHaveURL(/\/sign-in/);
  await expect(page.getByText(say('sign-in-other-ways'))).toBeVisible();
  await knock(page, member.email, member.password);
  await expect(page.getByRole('heading', { name: say('overview-needs') })).toBeVisible();

  await page.getByRole('button', { name: say('sign-out') }).first().click();
  await expect(page.locator('main')).toContainText(say('sign-in-signed-out-text'));
  await page.goto('/bills');
  await expect(page).toHaveURL(/\/sign-in/);
});

test('signing in leads to the page one came for', async ({ page, member, context, say }) => {
  const bill = await billOf(member.client, 'visit');
  await context.clearCookies();
  await page.goto(`${bill}/pay`);
  await knock(page, member.email, member.password);
  await expect(page).toHaveURL(new RegExp(`${bill}/pay`));
  await expect(heading(page)).toHaveText(say('pay-title'));
});

test('a wrong password and an unknown address get the same words', async ({ page, member, context, say }) => {
  await context.clearCookies();
  const shown: string[] = [];
  for (const email of [member.email, 'nobody.of.us@example.test']) {
    await page.goto('/sign-in');
    await knock(page, email, 'not the right password');
    await expect(page.locator('.refusals')).toContainText(say('refusal-sign-in-wrong'));
    await expect(page.locator('main [name=email]')).toHaveValue(email);
    await expect(page.locator('main [name=password]')).toHaveValue('');
    shown.push((await page.locator('main').innerText()).replaceAll(email, ''));
  }
  expect(shown[0]).toBe(shown[1]);
});

test('who tries too often waits, and is told so in the same words for any address', async ({ page, newcomer, say, watch }) => {
  watch.expect(answered(429));
  const seen: string[] = [];
  for (const email of [newcomer.email, `x.${newcomer.email}`]) {
    const client = new Client();
    for (let tries = 0; tries < 5; tries += 1) {
      expect((await client.post('/api/sign-in', { email, password: 'wrong wrong wrong', next: '', kept: '' })).status).toBe(303);
    }
    await page.goto('/sign-in');
    await knock(page, email, 'wrong wrong wrong');
    await expect(heading(page)).toHaveText(say('answer-too-many'));
    seen.push(await page.locator('main').innerText());
  }
  expect(seen[0]).toBe(seen[1]);
});

test('signing out everywhere ends every visit', async ({ page, member, browserOf, language, say }) => {
  const other = await (await browserOf(await signIn(member, language))).newPage();
  await other.goto('/bills');
  await expect(heading(other)).toHaveText(say('bills-title'));

  await page.goto('/profile');
  await page.getByRole('button', { name: say('profile-everywhere') }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await other.goto('/bills');
  await expect(other).toHaveURL(/\/sign-in/);
  await page.goto('/');
  await expect(page).toHaveURL(/\/sign-in/);
});

test('a form sent after the visit ended comes to the door, and no money is taken', async ({ page, member, say }) => {
  await page.goto(`${await billOf(member.client, 'visit')}/pay`);
  await page.locator('[name=amount]').fill('12.34');
  await page.locator('[name=method][value=card]').check();
  // The same visit, ended from elsewhere.
  await member.client.send('/api/sign-out', {});
  await page.getByRole('button', { name: say('pay-check-button') }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await expect(page.locator('main')).toContainText(say('sign-in-ended-text'));
  await knock(page, member.email, member.password);
  await expect(page).toHaveURL(/\/pay$/);
});

test('the end of a visit is told before it comes, and can be put off', async ({ page, member, javaScript, say }) => {
  if (javaScript) await page.clock.install();
  await page.goto(`${await billOf(member.client, 'visit')}/pay`);
  await page.locator('[name=amount]').fill('12.34');

  if (javaScript) {
    const told = page.locator('#time-left-text');
    const seconds = Number(await page.locator('#time-left').getAttribute('data-seconds'));
    await expect(told).toBeHidden();
    await page.clock.runFor((seconds - 100) * 1000);
    await expect(told).toHaveText(say('visit-warning'));
    await page.getByRole('button', { name: say('visit-longer-button') }).click();
    await expect(told).toBeHidden();
    await page.clock.runFor((seconds - 100) * 1000);
    await expect(told).toHaveText(say('visit-warning'));
    await page.clock.runFor(105_000);
    await expect(told).toHaveText(say('visit-over'));
  } else {
    const tab = page.context().waitForEvent('page');
    await page.getByRole('link', { name: say('visit-longer') }).click();
    await expect(heading(await tab)).toHaveText(say('stay-title'));
  }
  await expect(page.locator('[name=amount]')).toHaveValue('12.34');
});

test('back after signing out shows nothing', async ({ page, member, say }) => {
  const bill = await billOf(member.client, 'visit');
  await page.goto('/');
  await page.goto(bill);
  await expect(page.locator('.lead data').first()).toBeVisible();
  await page.getByRole('button', { name: say('sign-out') }).first().click();
  await expect(page).toHaveURL(/\/sign-in/);
  await page.goBack();
  await expect(page).toHaveURL(/\/sign-in/);
  await expect(page.locator('main')).not.toContainText('184.20');
  await page.goBack();
  await expect(page.locator('main')).not.toContainText('184.20');
});

test('the first visit’s key is dead after signing in', async ({ page, member, context }) => {
  await context.clearCookies();
  await page.goto('/sign-in');
  await knock(page, member.email, 'not the right password');
  const before = (await context.cookies()).find(({ name }) => name.endsWith('session'))?.value;
  expect(before).toBeTruthy();
  await knock(page, member.email, member.password);
  await expect(page.locator('main')).toContainText('184.20');
  const after = (await context.cookies()).find(({ name }) => name.endsWith('session'));
  expect(after?.value).not.toBe(before);
  expect(after?.httpOnly).toBe(true);
  expect(after?.sameSite).toBe('Lax');
});
