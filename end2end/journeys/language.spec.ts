import { billOf } from '../fixtures/people.ts';
import { expect, heading, test } from '../fixtures/test.ts';
import { say as words } from '../fixtures/words.ts';

test.use({ ownNetwork: true });

const names = { en: 'English', es: 'Español' } as const;

test('the first page speaks the browser’s language', async ({ page, language, say }) => {
  await page.goto('/sign-in');
  await expect(page.locator('html')).toHaveAttribute('lang', language);
  await expect(heading(page)).toHaveText(say('sign-in-title'));
});

test('the other language is one press away, and kept through the door', async ({ page, newcomer, member, context, language }) => {
  const other = language === 'en' ? 'es' : 'en';
  await context.clearCookies();
  await page.goto('/sign-in');
  await page.getByRole('button', { name: names[other], exact: true }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await expect(heading(page)).toHaveText(words(other, 'sign-in-title'));
  await page.goto('/register');
  await expect(heading(page)).toHaveText(words(other, 'register-title'));
  await page.goto('/sign-in');
  await page.locator('main [name=email]').fill(member.email);
  await page.locator('main [name=password]').fill(member.password);
  await page.locator('main form button').click();
  await expect(page.locator('html')).toHaveAttribute('lang', other);
  await expect(page.getByRole('heading', { name: words(other, 'overview-needs') })).toBeVisible();
  expect(newcomer.email).toBeTruthy();
});

test('a member changes the language anywhere, stays on the page, and finds it kept', async ({ page, member, language }) => {
  const other = language === 'en' ? 'es' : 'en';
  const bill = await billOf(member.client, 'visit');
  await page.goto(bill);
  await page.getByRole('button', { name: names[other], exact: true }).first().click();
  await expect(page).toHaveURL(new RegExp(`${bill}$`));
  await expect(page.locator('html')).toHaveAttribute('lang', other);
  await page.goto('/payments');
  await expect(heading(page)).toHaveText(words(other, 'history-title'));
});

test('the page of languages names each in itself', async ({ page, language, say }) => {
  const other = language === 'en' ? 'es' : 'en';
  await page.goto('/language');
  await expect(page.locator('main')).toContainText(say('language-text'));
  const main = page.locator('main');
  await expect(main.getByRole('button', { name: names[language] })).toHaveAttribute('aria-pressed', 'true');
  await main.getByRole('button', { name: names[other] }).click();
  await expect(heading(page)).toHaveText(words(other, 'language-title'));
});
