import { Client } from '../fixtures/client.ts';
import { linkIn, signIn } from '../fixtures/people.ts';
import { portal } from '../fixtures/places.ts';
import { mail, mailbox } from '../fixtures/sandbox.ts';
import { expect, heading, test } from '../fixtures/test.ts';
import type { Page } from '@playwright/test';

test.use({ ownNetwork: true });

async function ask(page: Page, email: string): Promise<void> {
  await page.goto('/reset');
  await page.locator('main [name=email]').fill(email);
  await page.locator('main form button').click();
}

async function choose(page: Page, code: string, password: string): Promise<void> {
  await page.locator('[name=code]').fill(code);
  await page.locator('[name=password]').fill(password);
  await page.locator('main form button').click();
}

test('a forgotten password is made anew, once, and every visit ends', async ({ page, member, context, language, say }) => {
  const elsewhere = await signIn(member, language);
  await context.clearCookies();
  await page.goto('/sign-in');
  await page.getByRole('link', { name: say('sign-in-forgot') }).click();
  await ask(page, member.email);
  await expect(heading(page)).toHaveText(say('reset-sent-title'));
  const code = await page.locator('.code-shown').innerText();
  const mailed = await mail(member.email, ({ subject }) => subject === say('mail-reset-subject'));
  const link = linkIn(mailed.text);
  expect(link.startsWith(`${portal}/reset?token=`)).toBe(true);
  expect(mailed.text).not.toContain(code.replaceAll(' ', ''));

  // A scanner of mail opens the link, looks at the page, even sends its form.
  const scanner = new Client();
  expect((await scanner.get(link)).status).toBe(200);
  expect((await scanner.ask(link, { method: 'HEAD' })).status).toBe(200);
  const token = new URL(link).searchParams.get('token') ?? '';
  await scanner.post('/api/reset-finish', { token, code: '', password: '' });

  await page.goto(link);
  await choose(page, code, 'another four plain words');
  await expect(page.locator('main')).toContainText(say('reset-done-text'));
  await mail(member.email, ({ subject }) => subject === say('mail-password-changed-subject'));
  expect((await elsewhere.get('/bills')).status).toBe(303);

  await page.getByRole('link', { name: say('sign-in'), exact: true }).click();
  await page.locator('main [name=email]').fill(member.email);
  await page.locator('main [name=password]').fill(member.password);
  await page.locator('main form button').click();
  await expect(page.locator('.refusals')).toContainText(say('refusal-sign-in-wrong'));
  await page.locator('main [name=password]').fill('another four plain words');
  await page.locator('main form button').click();
  await expect(page.getByRole('heading', { name: say('overview-needs') })).toBeVisible();

  await page.goto(link);
  await choose(page, code, 'yet another four plain words');
  await expect(page.locator('.refusals')).toContainText(say('refusal-link-dead'));
});

test('a link without the code shown where it was asked for opens nothing', async ({ page, member, say }) => {
  await ask(page, member.email);
  const code = await page.locator('.code-shown').innerText();
  const link = linkIn((await mail(member.email, ({ subject }) => subject === say('mail-reset-subject'))).text);
  const wrong = code.replace(/\d/, (digit) => String((Number(digit) + 1) % 10));
  await page.goto(link);
  await choose(page, wrong, 'another four plain words');
  await expect(page.locator('.refusals')).toContainText(say('refusal-code-wrong'));
});

test('an unknown address gets the same page, a code, and no mail', async ({ page, newcomer, say }) => {
  const pages: string[] = [];
  for (const email of [newcomer.email, 'nobody.of.us@example.test']) {
    await ask(page, email);
    await expect(heading(page)).toHaveText(say('reset-sent-title'));
    pages.push((await page.locator('main').innerText()).replace(await page.locator('.code-shown').innerText(), ''));
  }
  expect(pages[0]).toBe(pages[1]);
  expect(await mailbox('nobody.of.us@example.test')).toEqual([]);
});
