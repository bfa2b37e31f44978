import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type RunningDemo, startDemo } from '../support/demo.ts';

let demo: RunningDemo | undefined;

afterEach(async () => {
  await demo?.close();
});

interface RecordedProof {
  readonly params?: { readonly proof?: { readonly chain: string; readonly hop?: unknown } };
}

test('the demo ends the same on a parachain, every proof of which goes through its relay chain', async () => {
  demo = startDemo(['--topology', 'parachain']);
  const code = await demo.ended;
  const printed = demo.lines.join('\n');
  expect(code, printed).toBe(0);
  expect(printed).toMatch(
    /followed [1-9][0-9]* hand-over\(s\) .* and [1-9][0-9]* of the GRANDPA set/,
  );
  expect(printed).toMatch(/all [0-9]+ balances are exact/);

  const proofs = readFileSync(join(demo.folder, 'evidence.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as RecordedProof).params?.proof)
    .filter((proof) => proof?.chain === 'polkadot');
  expect(proofs.length).toBeGreaterThan(0);
  for (const proof of proofs) expect(proof?.hop).toBeDefined();
});

test('the demo refuses a parachain of native nodes, by the key', async () => {
  demo = startDemo(['--topology', 'parachain', '--polkadot', 'native']);
  expect(await demo.ended).toBe(2);
});
