import { defineConfig, devices } from '@playwright/test';

import { portal } from './fixtures/places.ts';
import type { Options } from './fixtures/test.ts';

const chromium = {
  ...devices['Desktop Chrome'],
  launchOptions: {
    executablePath: process.env.PORTAL_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  },
};

const english = { ...chromium, language: 'en', locale: 'en-US' } as const;
const spanish = { ...chromium, language: 'es', locale: 'es-US' } as const;

// Every journey with JavaScript on and off, in both languages; what moves the clock of the world comes after them all, and
// takes the four ways by itself.
export default defineConfig<Options>({
  testDir: './journeys',
  outputDir: './test-results',
  fullyParallel: true,
  workers: 2,
  // A journey that passes at the second try has failed.
  retries: 0,
  forbidOnly: process.env.CI === 'true',
  timeout: 60_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: {
    baseURL: portal,
    timezoneId: 'America/Los_Angeles',
    actionTimeout: 10_000,
    navigationTimeout: 20_000,
    // A trace costs a third of a run, and a failure says what the page held: ask for one with PORTAL_TRACE=retain-on-failure.
    trace: process.env.PORTAL_TRACE === 'retain-on-failure' ? 'retain-on-failure' : 'off',
  },
  projects: [
    { name: 'script-en', testIgnore: '**/later/**', use: { ...english } },
    { name: 'script-es', testIgnore: '**/later/**', use: { ...spanish } },
    { name: 'plain-en', testIgnore: '**/later/**', use: { ...english, javaScriptEnabled: false } },
    { name: 'plain-es', testIgnore: '**/later/**', use: { ...spanish, javaScriptEnabled: false } },
    {
      name: 'later',
      testMatch: '**/later/**',
      dependencies: ['script-en', 'script-es', 'plain-en', 'plain-es'],
      fullyParallel: false,
      workers: 1,
      use: { ...english },
    },
  ],
});
