import http from 'node:http';
import type { AddressInfo } from 'node:net';

import { billOf } from '../fixtures/people.ts';
import { ordered } from '../fixtures/paying.ts';
import { portal } from '../fixtures/places.ts';
import { taken } from '../fixtures/sandbox.ts';
import { expect, test } from '../fixtures/test.ts';
import { answered } from '../fixtures/watch.ts';

/** A page of somebody else's, with one form that leads to us. */
async function hostile(action: string, fields: Record<string, string>, type: string, method = 'post') {
  const inputs = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`);
  const page = `<!DOCTYPE html><title>prize</title><form method="${method}" action="${portal}${action}" enctype="${type}">${inputs.join('')}<button>Win</button></form>`;
  const server = http.createServer((_, answer) => answer.writeHead(200, { 'content-type': 'text/html' }).end(page));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

// Another site, and another origin of the same site: to the second a browser sends our cookie along.
for (const host of ['127.0.0.1', 'localhost']) {
  test(`a form on a hostile page of ${host} does nothing`, async ({ context, member, watch, say, language: spoken }) => {
    // Says nothing in any language.
    test.skip(spoken !== 'en');
    watch.expect(answered(403), answered(415), answered(404), answered(405), answered(400));
    const bill = await billOf(member.client, 'scan');
    const amount = `${100 + Math.floor(Math.random() * 300)}.${10 + Math.floor(Math.random() * 90)}`;
    const payment = (await ordered(member.client, bill, amount)).split('/')[2] ?? '';
    const forged: [string, Record<string, string>, string?, string?][] = [
      ['/api/pay/confirm', { payment_id: payment }],
      ['/api/pay/confirm', { payment_id: payment }, 'text/plain'],
      ['/api/pay/confirm', { payment_id: payment }, 'multipart/form-data'],
      ['/api/pay/confirm', { payment_id: payment }, undefined, 'get'],
      ['/api/pay/cancel', { payment_id: payment }],
      ['/api/sign-out', {}],
      ['/api/sign-out-everywhere', {}],
      ['/api/sign-in', { email: 'mallory@example.test', password: 'mallory’s own password', next: '', kept: '' }],
      ['/api/language', { language: 'es', back: '/' }],
      ['/api/language', { language: 'en', back: '/' }],
    ];
    const before = await member.client.page('/profile');
    for (const [action, fields, type = 'application/x-www-form-urlencoded', method] of forged) {
      const site = await hostile(action, fields, type, method);
      const origin = `http://${host}:${site.port}`;
      watch.strangers.push(origin);
      const page = await context.newPage();
      await page.goto(origin);
      const [answer] = await Promise.all([
        page.waitForResponse((response) => response.url().startsWith(`${portal}/api/`)),
        page.getByRole('button').click(),
      ]);
      expect([400, 403, 404, 405, 415], `${action} ${type}`).toContain(answer.status());
      await page.close();
      site.close();
    }
    // Still signed in, still in the same language, and the order still waits.
    const language = (page: string) => /<html[^>]*lang="?(\w+)/.exec(page)?.[1];
    expect(language(await member.client.page('/profile'))).toBe(language(before));
    expect(await member.client.page(`/payments/${payment}`)).toContain(say('payment-check-title'));
    expect(await taken(amount)).toEqual([]);
  });
}
