import { expect, test } from '../fixtures/looks.ts';

const printed = ['bill-medical', 'bill-premium', 'payment-received', 'payment-pending', 'payments', 'explain-rows'];

test('bills, receipts and history print without the frame of the site', async ({ look, say }) => {
  for (const sight of look.sights.filter(({ name }) => printed.includes(name))) {
    const page = await look.open(sight);
    await page.emulateMedia({ media: 'print' });
    for (const frame of ['.demo', '.menu', '.top-end', '.skip', '.crumbs', '.filters', '.print-button', '.no-print', '.visit-end']) {
      for (const part of await page.locator(frame).all()) await expect(part, `${frame} on ${sight.name}`).toBeHidden();
    }
    // What opens on a screen only is no word on paper.
    for (const dead of await page.getByText(say('payment-trail')).or(page.getByText(say('bill-how-opens'))).all()) {
      await expect(dead, sight.name).toBeHidden();
    }
    // Whose paper it is, of which day, and whom to call, stay.
    await expect(page.locator('.brand')).toBeVisible();
    await expect(page.locator('.as-of')).toBeVisible();
    // A list goes on overleaf: held together it would begin there.
    for (const list of await page.locator('.card:has(.row, .trail-step)').all()) {
      await expect(list, sight.name).toHaveCSS('break-inside', 'auto');
    }
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    for (const press of await page.locator('main a.button, main button').all()) await expect(press, sight.name).toBeHidden();

    // Black on white, on Letter, nothing cut off at the side.
    const colours = await page.locator('body').evaluate((body) => [getComputedStyle(body).color, getComputedStyle(body).backgroundColor]);
    expect(colours[0]).toMatch(/rgb\((0|1?\d|2\d), /);
    expect(colours[1]).toMatch(/rgba\(0, 0, 0, 0\)|rgb\(255, 255, 255\)/);
    await page.setViewportSize({ width: 720, height: 960 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
    const pdf = (await page.pdf({ format: 'Letter' })).toString('latin1');
    const pages = (pdf.match(/\/Type \/Page\b/g) ?? []).length;
    expect(pages, sight.name).toBeGreaterThan(0);
    expect(pages, sight.name).toBeLessThan(sight.name === 'payment-received' ? 2 : 5);
    await page.emulateMedia({ media: 'screen' });
  }
});
