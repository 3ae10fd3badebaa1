import type { Answer, Client } from '../fixtures/client.ts';
import { billOf } from '../fixtures/people.ts';
import { ordered, paid } from '../fixtures/paying.ts';
import { expect, heading, test } from '../fixtures/test.ts';
import { answered } from '../fixtures/watch.ts';

test('another member’s bill and payment are nothing to me', async ({ page, member, people, language, say, watch }) => {
  watch.expect(answered(404));
  const [, other] = await people.member(language);
  const bill = await billOf(other, 'visit');
  const payment = await paid(other, bill, '25.00');
  for (const path of [bill, `${bill}/pay`, payment, `/explain/bill-owed/${bill.split('/')[2]}`, `/explain/payment/${payment.split('/')[2]}`]) {
    expect((await page.goto(path))?.status(), path).toBe(404);
    await expect(heading(page)).toHaveText(say('answer-not-found'));
  }
  expect(member.email).toBeTruthy();
});

/** An answer without what differs between any two: nonce, request id, date, and the ids that were asked for. */
function blanked(answer: Answer, ids: string[]): string {
  const nonce = /'nonce-([^']+)'/.exec(answer.headers['content-security-policy']?.toString() ?? '')?.[1] ?? '-';
  const own = [nonce, answer.headers['x-request-id']?.toString() ?? '-', ...ids];
  const blank = (text: string) => own.reduce((left, id) => left.replaceAll(id, '#'), text);
  const pairs: string[] = [];
  for (let at = 0; at < answer.rawHeaders.length; at += 2) {
    const [name = '', value = ''] = answer.rawHeaders.slice(at, at + 2);
    if (!['date', 'set-cookie'].includes(name.toLowerCase())) pairs.push(`${name}: ${blank(value)}`);
  }
  // Seconds until the visit ends run on while one asks.
  return `${answer.status}\n${pairs.join('\n')}\n${blank(answer.body).replace(/data-seconds="?\d+"?/g, 'data-seconds')}`;
}

test('a foreign id answers as one that does not exist: status, headers, body', async ({ member, people, language, javaScript }) => {
  test.skip(!javaScript);
  const [, other] = await people.member(language);
  const bill = (await billOf(other, 'visit')).split('/')[2] ?? '';
  const order = (await ordered(other, `/bills/${bill}`, '25.00')).split('/')[2] ?? '';
  // Of the same shape, and nobody's.
  const missing = bill.replace(/^.{8}/, '01000000');
  const ask = (client: Client, path: string) => client.get(path);
  for (const path of ['/bills/ID', '/bills/ID/pay', '/payments/ID', '/explain/bill-owed/ID', '/explain/payment/ID', '/explain/line/ID:1']) {
    const foreign = path.startsWith('/pay') || path.includes('/payment/') ? order : bill;
    const theirs = blanked(await ask(member.client, path.replace('ID', foreign)), [foreign]);
    const nobodys = blanked(await ask(member.client, path.replace('ID', missing)), [missing]);
    expect(theirs, path).toBe(nobodys);
    expect(theirs).toMatch(/^404/);
  }
  for (const [path, fields] of [
    ['/api/pay', { payment_id: order, bill_id: bill, bill_version: '1', amount: '1.00', method: 'card' }],
    ['/api/pay/confirm', { payment_id: order }],
    ['/api/pay/cancel', { payment_id: order }],
    ['/api/pay/continue', { payment_id: order }],
  ] as const) {
    const theirs = await member.client.post(path, fields);
    const other = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, name.endsWith('_id') ? missing : value]));
    const nobodys = await member.client.post(path, other);
    expect(blanked(theirs, [bill, order]), path).toBe(blanked(nobodys, [missing]));
    expect(theirs.status).toBe(404);
  }
});
