import { codeIn, type Person } from '../fixtures/people.ts';
import { mail, mailbox } from '../fixtures/sandbox.ts';
import { expect, heading, test } from '../fixtures/test.ts';
import type { Page } from '@playwright/test';

test.use({ ownNetwork: true });

async function ask(page: Page, { mrn, birthDate }: Pick<Person, 'mrn' | 'birthDate'>): Promise<void> {
  await page.goto('/register');
  await page.locator('[name=mrn]').fill(mrn);
  await page.locator('[name=birth_date]').fill(birthDate);
  await page.locator('main form button').click();
}

async function finish(page: Page, code: string, password: string): Promise<void> {
  await page.locator('[name=code]').fill(code);
  await page.locator('[name=password]').fill(password);
  await page.locator('main form button').click();
}

test('a member registers with the mailed code and is signed in', async ({ page, newcomer, say }) => {
  await page.goto('/sign-in');
  await page.getByRole('link', { name: say('sign-in-register') }).click();
  await expect(page.getByText(say('register-lead'))).toBeVisible();
  await ask(page, newcomer);
  await expect(heading(page)).toHaveText(say('register-finish-title'));

  const mailed = await mail(newcomer.email);
  expect(mailed.subject).toBe(say('mail-register-subject'));
  const code = codeIn(mailed.text);

  await finish(page, code, 'too short');
  await expect(page.locator('.refusals')).toContainText(say('refusal-password-too-short'));
  await finish(page, code, newcomer.password);
  await expect(page.getByRole('heading', { name: say('overview-needs') })).toBeVisible();
  await expect(page.locator('main')).toContainText('184.20');
});

test('a code works once, and only where it was asked for', async ({ page, newcomer, browserOf, say }) => {
  await ask(page, newcomer);
  const finishing = page.url();
  const code = codeIn((await mail(newcomer.email)).text);

  const stranger = await (await browserOf()).newPage();
  await stranger.goto(finishing);
  await expect(heading(stranger)).toHaveText(say('register-over-title'));

  await finish(page, code, newcomer.password);
  await expect(page.getByRole('heading', { name: say('overview-needs') })).toBeVisible();
  await page.goto(finishing);
  await expect(heading(page)).toHaveText(say('register-over-title'));
});

test('a wrong code is told, and nothing of what was typed in secret comes back', async ({ page, newcomer, say }) => {
  await ask(page, newcomer);
  const code = codeIn((await mail(newcomer.email)).text);
  const wrong = code.replace(/\d/, (digit) => String((Number(digit) + 1) % 10));
  await finish(page, wrong, newcomer.password);
  await expect(page.locator('.refusals')).toContainText(say('refusal-code-wrong'));
  await expect(page.locator('[name=code]')).toHaveValue('');
  await expect(page.locator('[name=password]')).toHaveValue('');
});

test('nobody learns from the answer who is a member', async ({ page, newcomer, say }) => {
  await ask(page, { mrn: '99999999', birthDate: newcomer.birthDate });
  await expect(heading(page)).toHaveText(say('register-finish-title'));
  const stranger = await page.locator('main').innerText();
  await ask(page, { mrn: newcomer.mrn, birthDate: '4/28/1985' });
  const wrongBirthday = await page.locator('main').innerText();
  await ask(page, newcomer);
  expect(await page.locator('main').innerText()).toBe(stranger);
  expect(wrongBirthday).toBe(stranger);
  await mail(newcomer.email);
  expect(await mailbox(newcomer.email)).toHaveLength(1);
});

test('who is registered already is told by mail, not on the page', async ({ page, member, context, say }) => {
  await context.clearCookies();
  await ask(page, member);
  await expect(heading(page)).toHaveText(say('register-finish-title'));
  const mailed = await mail(member.email, ({ subject }) => subject === say('mail-registered-already-subject'));
  expect(mailed.text).not.toMatch(/^\s*\d{3} ?\d{3}\s*$/m);
});

test('dates and numbers that are none come back with their reasons', async ({ page, say }) => {
  await ask(page, { mrn: '12ab', birthDate: '31/01/1980' });
  const summary = page.locator('.refusals');
  await expect(summary).toContainText(say('refusal-mrn-unclear'));
  await expect(page.locator('[name=mrn]')).toHaveValue('12ab');
  await expect(page.locator('[name=birth_date]')).toHaveValue('31/01/1980');
  await summary.getByRole('link').first().click();
  await expect(page.locator('[name=mrn]')).toBeFocused();
});
