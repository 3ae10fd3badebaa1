import { billOf, bills } from '../fixtures/people.ts';
import { ordered, paid } from '../fixtures/paying.ts';
import { expect, test } from '../fixtures/test.ts';

// What a reader of the screen finds, in its order. Text comes from the portal's own words, so one tree holds in both
// languages.

test('the door, as it is read aloud', async ({ page, say }) => {
  await page.goto('/sign-in');
  await expect(page.locator('main')).toMatchAriaSnapshot(`
    - heading "${say('sign-in-title')}" [level=1]
    - textbox "${say('field-email')}"
    - textbox "${say('field-password')}"
    - paragraph:
      - button "${say('sign-in')}"
      - link "${say('sign-in-forgot')}"
    - paragraph:
      - link "${say('sign-in-register')}"
  `);
});

test('the question of paying, as it is read aloud', async ({ page, member, say }) => {
  await page.goto(`${await billOf(member.client, 'visit')}/pay`);
  await expect(page.locator('main')).toMatchAriaSnapshot(`
    - navigation "${say('crumbs-label')}":
      - list:
        - listitem:
          - link "${say('bills-title')}"
    - list "${say('steps-label')}":
      - listitem: ${say('pay-step-amount')}
      - listitem: ${say('pay-step-check')}
      - listitem: ${say('pay-step-bank')}
      - listitem: ${say('pay-step-done')}
    - heading "${say('pay-title')}" [level=1]
    - textbox "${say('pay-amount')}": "${bills.visit.owed}"
    - group "${say('pay-method')}":
      - radio "${say('pay-method-card')}"
      - radio "${say('pay-method-bank')}"
    - heading "${say('pay-what-happens')}" [level=2]
    - paragraph:
      - button "${say('pay-check-button')}"
      - link "${say('pay-back')}"
  `);
  await expect(page.locator('[aria-current=step]')).toHaveText(say('pay-step-amount'));
});

test('the check before paying, as it is read aloud', async ({ page, member, say }) => {
  await page.goto(await ordered(member.client, await billOf(member.client, 'visit'), '84.20'));
  await expect(page.locator('main')).toMatchAriaSnapshot(`
    - heading "${say('payment-check-title')}" [level=1]
    - term: ${say('payment-check-pay')}
    - definition:
      - link "$84.20"
    - term: ${say('payment-check-left')}
    - definition:
      - paragraph:
        - link "$100.00"
    - button "${say('bill-pay', { amount: '$84.20' })}"
    - link "${say('payment-check-change')}"
    - button "${say('payment-check-leave')}"
  `);
});

test('the receipt, as it is read aloud', async ({ page, member, say }) => {
  await page.goto(await paid(member.client, await billOf(member.client, 'visit'), '84.20'));
  await expect(page.locator('main')).toMatchAriaSnapshot(`
    - heading "${say('payment-received-title', { amount: '$84.20' })}" [level=1]:
      - link "$84.20"
    - term: ${say('payment-number')}
    - term: ${say('payment-paid-to')}
    - term: ${say('payment-method')}
    - definition: ${say('method-card-ending', { brand: 'Visa', last4: '4242' })}
    - heading "${say('payment-undo-title')}" [level=2]
    - paragraph:
      - link "${say('payment-undo-button', { amount: '$84.20' })}"
  `);
});
