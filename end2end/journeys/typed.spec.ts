import { links } from '../fixtures/client.ts';
import { billOf } from '../fixtures/people.ts';
import { order } from '../fixtures/paying.ts';
import { mailbox } from '../fixtures/sandbox.ts';
import { expect, heading, test } from '../fixtures/test.ts';
import { answered } from '../fixtures/watch.ts';

test.use({ ownNetwork: true });

const payloads = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'\"><svg/onload=alert(1)>",
  'javascript:alert(1)',
  '{{7*7}}${7*7}<%= 7*7 %>',
  '</title><script>alert(1)</script>',
];

test('what is typed is shown as text, whatever it is', async ({ page, member, context }) => {
  // The watch ends this red when a script runs, or the policy had to stop one.
  const bill = await billOf(member.client, 'visit');
  for (const payload of payloads.slice(0, 4)) {
    await order(page, bill, 'card', payload.slice(0, 24));
    await expect(page.locator('.refusals')).toBeVisible();
    await expect(page.locator('[name=amount]')).toHaveValue(payload.slice(0, 24));
  }
  await context.clearCookies();
  for (const payload of payloads) {
    await page.goto('/register');
    await page.locator('[name=mrn]').fill(payload.slice(0, 20));
    await page.locator('main form button').click();
    await expect(page.locator('.refusals')).toBeVisible();
    await page.goto(`/payments?from=${encodeURIComponent(payload)}`);
    await page.goto(`/sign-in?next=${encodeURIComponent(payload)}&kept=${encodeURIComponent(payload)}`);
    await expect(page.locator('main [name=next]')).toHaveValue('');
  }
  expect(await page.locator('main img, main svg[onload], main script').count()).toBe(0);
});

test('no address leads away from here', async ({ member, language }) => {
  const away = ['//evil.example', 'https://evil.example', '/\\evil.example', '/%2f%2fevil.example', 'javascript:alert(1)', '/bills\r\nX: y', '///evil', '/sign-in?next=//evil.example'];
  for (const to of away) {
    expect(await member.client.send('/api/language', { language, back: to })).toMatch(/^\/(sign-in)?$/);
    const refused = await member.client.send('/api/sign-in', { email: '', password: '', next: to, kept: to });
    expect(refused).toMatch(/^\/sign-in\?again=[0-9a-f-]+$/);
  }
  // A refusal shows what our own rows say, never what an address says.
  const page = await member.client.page(`/sign-in?again=01a20c8d-0000-7000-8000-000000000000&__err=${encodeURIComponent('Call 1-900-EVIL')}&__path=x`);
  expect(page).not.toContain('EVIL');
});

test('a card number typed where it does not belong is not kept and not shown again', async ({ page, member, context, watch, say }) => {
  watch.expect(answered(400));
  const number = '4242424242424242';
  const spaced = '4242 4242 4242 4242';
  const bill = await billOf(member.client, 'visit');
  const nowhere = async () => {
    const html = await page.content();
    expect(html).not.toContain(number);
    expect(html).not.toContain(spaced);
  };
  const comesBack = async (fields: number) => {
    await expect(page.locator('.refusals li')).toHaveText(Array(fields).fill(say('refusal-card-number')));
    await nowhere();
  };
  await order(page, bill, 'bank', spaced);
  await comesBack(1);
  await expect(page.locator('[name=amount]')).toHaveValue('');
  await expect(page.locator('[name=method][value=bank]')).toBeChecked();
  expect((await page.goto(`/payments?from=${number}&to=${number}`))?.status()).toBe(400);
  await expect(heading(page)).toHaveText(say('answer-card'));
  await nowhere();
  await context.clearCookies();
  for (const [path, names] of [
    ['/register', ['mrn', 'birth_date']],
    ['/sign-in', ['email', 'password']],
    ['/reset', ['email']],
  ] as const) {
    await page.goto(path);
    // The browser would not let it through an e-mail field, a program would.
    for (const name of names) {
      const field = page.locator(`main [name=${name}]`);
      await field.fill(name === 'email' ? `${number}@example.test` : spaced);
    }
    await page.locator('main form button').click();
    await comesBack(names.length);
  }
  expect(await mailbox(`${number}@example.test`)).toEqual([]);
  expect(links(await page.content(), /4242424242424242/)).toEqual([]);
});
