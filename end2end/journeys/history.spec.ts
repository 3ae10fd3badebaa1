import { readFile } from 'node:fs/promises';

import { billOf, demo, signIn } from '../fixtures/people.ts';
import { paid } from '../fixtures/paying.ts';
import { expect, test } from '../fixtures/test.ts';

test('the history holds every payment of every channel, and adds them up', async ({ page, member, say }) => {
  await paid(member.client, await billOf(member.client, 'visit'), '30.00');
  await paid(member.client, await billOf(member.client, 'scan'), '12.50');
  await page.goto('/payments');
  await expect(page.locator('.total data')).toHaveAttribute('value', '42.50');
  await page.locator('[name=kind]').selectOption('pharmacy');
  await page.getByRole('button', { name: say('history-show') }).click();
  await expect(page.locator('main')).toContainText(say('history-none-filtered'));
  await expect(page.locator('.total data')).toHaveAttribute('value', '0.00');
  await page.getByRole('link', { name: say('history-clear') }).click();
  await expect(page.locator('.total data')).toHaveAttribute('value', '42.50');
});

test('a range of dates stands in the address, and a wrong one is told', async ({ browserOf, language, say }) => {
  const page = await (await browserOf(await signIn(demo.priya!, language))).newPage();
  await page.goto('/payments');
  const all = Number(await page.locator('.total data').getAttribute('value'));
  const year = new Date().getFullYear();
  await page.locator('[name=from]').fill(`${year}-01-01`);
  await page.locator('[name=to]').fill(`${year}-06-30`);
  await page.getByRole('button', { name: say('history-show') }).click();
  await expect(page).toHaveURL(new RegExp(`from=${year}-01-01&to=${year}-06-30`));
  const half = Number(await page.locator('.total data').getAttribute('value'));
  expect(half).toBeGreaterThan(0);
  expect(half).toBeLessThan(all);
  for (const when of await page.locator('main time[datetime]').evaluateAll((times) => times.map((time) => time.getAttribute('datetime') ?? ''))) {
    expect(when >= `${year}-01-01` && when <= `${year}-06-30`).toBe(true);
  }
  await page.goto(`/payments?from=${year}-06-30&to=${year}-01-01`);
  await expect(page.locator('main')).toContainText(say('refusal-history-date-order'));
  await page.goto('/payments?from=yesterday');
  await expect(page.locator('main')).toContainText(say('refusal-history-date-wrong'));
});

test('the history comes as a file that no spreadsheet runs', async ({ page, member, say }) => {
  await paid(member.client, await billOf(member.client, 'visit'), '30.00');
  await page.goto('/payments');
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: say('history-csv') }).click();
  const file = await readFile(await (await downloading).path(), 'utf8');
  const lines = file.replace(/^\uFEFF/, '').trim().split(/\r?\n/);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain('30.00');
  for (const cell of lines.flatMap((line) => line.split(','))) expect(cell.replace(/^"/, '')).not.toMatch(/^[=+@\t]/);
});
