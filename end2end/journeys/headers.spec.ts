import { expect, test } from '../fixtures/looks.ts';
import { Client } from '../fixtures/client.ts';
import { sandbox } from '../fixtures/places.ts';
import { answered } from '../fixtures/watch.ts';

const POLICY =
  /^default-src 'none'; script-src 'nonce-[\w+/=-]{16,}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self' 'nonce-[\w+/=-]+'; img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'( \S+)?; base-uri 'none'; frame-src 'none'; frame-ancestors 'none'; report-uri \/csp; report-to csp$/;

test('every page comes with the headers that keep it to itself', async ({ look, javaScript, language }) => {
  test.skip(!javaScript || language !== 'en');
  const nonces = new Set<string>();
  for (const { name, path, client = new Client(), status = 200 } of look.sights) {
    const { headers, status: came, body } = await client.get(path);
    expect(came, name).toBe(status);
    expect(headers['content-security-policy'], name).toMatch(POLICY);
    expect(headers['x-content-type-options'], name).toBe('nosniff');
    expect(headers['referrer-policy'], name).toBe('same-origin');
    expect(headers['cross-origin-opener-policy'], name).toBe('same-origin');
    expect(headers['cross-origin-resource-policy'], name).toBe('same-origin');
    expect(headers['permissions-policy'], name).toContain('payment=()');
    expect(headers['cache-control'], name).toBe('no-store');
    nonces.add(/nonce-([^']+)/.exec(headers['content-security-policy']?.toString() ?? '')?.[1] ?? '');
    // The gateway may be led to from pages of paying alone.
    const pays = /\/pay$|^\/payments\//.test(path.split('?')[0] ?? '');
    expect(headers['content-security-policy']?.includes(sandbox), name).toBe(pays);
    // Nothing of a card is ever asked for here, and nothing is styled or scripted in a tag.
    expect(body, name).not.toMatch(/autocomplete="?cc-|name="?(card|cvc|account_number)/);
    expect(body, name).not.toMatch(/ (style|on[a-z]+)="/);
  }
  expect(nonces.size).toBe(look.sights.length);
});

test('no page asks anybody but us', async ({ look, watch }) => {
  // The watch ends this red when one does, or when one breaks its own policy.
  watch.expect(answered(404));
  for (const sight of look.sights) await (await look.open(sight)).locator('main').waitFor();
});

test('what is kept is named by its contents, and says so', async ({ page, member }) => {
  await page.goto('/');
  const css = await page.locator('link[rel=stylesheet]').getAttribute('href');
  expect(css).toMatch(/^\/pkg\/portal\.[0-9a-f]+\.css$/);
  const answer = await member.client.get(css ?? '');
  expect(answer.headers['cache-control']).toContain('immutable');
  expect(answer.headers['content-type']).toContain('text/css');
});
