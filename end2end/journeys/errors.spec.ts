import { Client } from '../fixtures/client.ts';
import { expect, heading, test } from '../fixtures/test.ts';
import { answered } from '../fixtures/watch.ts';

test('there is nothing at an address of nobody’s, and the page says so', async ({ page, member, watch, say }) => {
  watch.expect(answered(404));
  const nobodys = ['/nowhere', '/bills/not-an-id', '/payments/1', '/explain/nothing/1', '/bills/00000000-0000-7000-8000-000000000000'];
  for (const path of nobodys) {
    expect((await page.goto(path))?.status(), path).toBe(404);
    await expect(heading(page)).toHaveText(say('answer-not-found'));
    await expect(page.locator('main')).toContainText(say('answer-not-found-text'));
  }
  await page.getByRole('link', { name: say('answer-home') }).click();
  await expect(page).toHaveURL(/\/$/);
  expect(member.email).toBeTruthy();
});

test('a stranger is asked to sign in, and an unknown page is unknown', async ({ page, watch, say }) => {
  watch.expect(answered(404));
  await page.goto('/bills');
  await expect(page).toHaveURL(/\/sign-in/);
  expect((await page.goto('/nowhere'))?.status()).toBe(404);
  await expect(heading(page)).toHaveText(say('answer-not-found'));
});

test.describe('what a browser never sends', () => {
  test.skip(({ javaScript }) => !javaScript);

  test('broken requests end in a sentence, never in a fault', async ({ member, language }) => {
    const { client } = member;
    const broken: [string, Parameters<Client['ask']>[1], number[]][] = [
      ['/bills', { method: 'DELETE' }, [405]],
      ['/api/pay', { method: 'GET' }, [404, 405]],
      [`/bills?x=${'x'.repeat(5000)}`, {}, [400, 414]],
      ['/bills?after=%00%ff', {}, [200, 400, 404]],
      ['/payments.csv?from=2026-02-30', {}, [400, 404]],
      ['/explain/owed/%2e%2e', {}, [400, 404]],
    ];
    for (const [path, ask, statuses] of broken) {
      const answer = await client.ask(path, ask);
      expect(statuses, `${ask?.method ?? 'GET'} ${path.slice(0, 40)}: ${answer.status}`).toContain(answer.status);
    }
    const forms: [Record<string, string>, Record<string, string>, number][] = [
      [{ language: 'en', back: '/', state: 'captured' }, {}, 400],
      [{ language: 'en', back: '/' }, { 'content-type': 'text/plain' }, 415],
      [{ language: 'x'.repeat(70_000), back: '/' }, {}, 413],
    ];
    for (const [fields, headers, status] of forms) {
      expect((await client.post('/api/language', fields, headers)).status).toBe(status);
    }
    const cookies = new Client(language);
    for (const cookie of ['session=', 'session=%00', `session=${'a'.repeat(3000)}`, 'session="; x=y', '=;=;']) {
      expect((await cookies.get('/', { cookie })).status).toBe(303);
    }
  });
});
