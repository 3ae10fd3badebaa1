import { expect, test } from '../fixtures/test.ts';

// The watch over every journey is worth what it catches: it is shown pages with a fault planted in them.

const planted: [fault: string, markup: string][] = [
  ['a script of a stranger’s', '<script>document.title = "mine"</script>'],
  ['a picture from elsewhere', '<img src="http://stranger.example/x.png" alt="">'],
  ['a style in a tag', '<p style="color: red">red</p>'],
  ['a frame', '<iframe src="/sign-in" title="frame"></iframe>'],
];

for (const [fault, markup] of planted) {
  test(`${fault} on a page is seen`, async ({ page, watch, javaScript }) => {
    // Where no script runs, none is stopped.
    test.skip(!javaScript && markup.startsWith('<script'));
    await page.route('**/sign-in', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, body: (await answer.text()).replace('</main>', `${markup}</main>`) });
    });
    await page.goto('/sign-in');
    await expect(page.locator('h1')).toBeVisible();
    await expect.poll(() => watch.faults()).not.toEqual([]);
    await page.goto('about:blank');
    watch.faults();
  });
}

test('a form led to a stranger never gets there', async ({ page, watch }) => {
  await page.route('**/register', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replace('action="/api/register"', 'action="http://127.0.0.1:9/steal"');
    await route.fulfill({ response: answer, body });
  });
  await page.goto('/register');
  let asked = false;
  page.on('request', (request) => (asked ||= request.url().includes('steal')));
  await page.locator('[name=mrn]').fill('20100000');
  // A click would be waited for until the page has gone where it may not go.
  await page.keyboard.press('Enter');
  // The policy stopped it, and says so.
  await expect.poll(() => watch.faults().join('\n')).toContain('form-action');
  expect(asked).toBe(false);
  expect(page.url()).toMatch(/\/register$/);
});
