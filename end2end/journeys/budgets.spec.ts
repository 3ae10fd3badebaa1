import { readFile } from 'node:fs/promises';
import { brotliCompressSync } from 'node:zlib';

import { Client, links } from '../fixtures/client.ts';
import { expect, test } from '../fixtures/looks.ts';
import { exports } from '../fixtures/places.ts';

const MARKUP = 14_000;
const SCRIPT = 80_000;

test('no page is heavier than its budget', async ({ look, javaScript, language }) => {
  test.skip(!javaScript || language !== 'en');
  const figures: string[] = [];
  const exported = (await readFile(exports, 'utf8')).split('\n');
  const named = new Set<string>();
  const sizes = new Map<string, number>();
  const weight = async (client: Client, path: string): Promise<number> => {
    const known = sizes.get(path);
    if (known !== undefined) return known;
    const { bytes, headers } = await client.get(path, { 'accept-encoding': 'br' });
    // What came uncompressed counts as it came.
    const size = headers['content-encoding'] === 'br' ? bytes.length : Math.max(bytes.length, brotliCompressSync(bytes).length);
    if (path.startsWith('/pkg/')) sizes.set(path, size);
    return size;
  };
  for (const { name, path, client = new Client(language) } of look.sights) {
    const html = (await client.get(path)).body;
    const sheets = links(html, /\.css$/);
    const scripts = [...new Set(html.match(/\/pkg\/[\w.-]+\.(js|wasm)/g) ?? [])];
    const islands = /<leptos-island/.test(html);
    for (const [, island = ''] of html.matchAll(/<leptos-island[^>]* data-component="([^"]+)"/g)) named.add(island);
    const sum = async (paths: string[]) =>
      (await Promise.all(paths.map((path) => weight(client, path)))).reduce((sum, size) => sum + size, 0);
    const markup = (await weight(client, path)) + (await sum(sheets));
    const script = await sum(scripts);
    figures.push(`${name.padEnd(24)} HTML + CSS ${String(markup).padStart(6)}   wasm + JS ${String(script).padStart(6)}`);
    expect(sheets, name).toHaveLength(1);
    expect(markup, `${name}: HTML + CSS`).toBeLessThanOrEqual(MARKUP);
    expect(script, `${name}: wasm + JS`).toBeLessThanOrEqual(SCRIPT);
    expect(script > 0, `${name}: scripts where there are islands, and only there`).toBe(islands);
  }
  expect(named.size).toBeGreaterThan(2);
  expect([...named].filter((island) => !exported.includes(island)), 'islands the wasm does not know').toEqual([]);
  console.log(`brotli bytes on the wire, at most ${MARKUP} and ${SCRIPT}\n${figures.join('\n')}`);
});
