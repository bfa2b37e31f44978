import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type RunningDemo, startDemo } from '../support/demo.ts';

let demo: RunningDemo | undefined;

afterEach(async () => {
  await demo?.close();
});

interface RecordedProof {
  readonly params?: { readonly proof?: { readonly kind: string; readonly hop?: unknown } };
}

test('the demo ends the same on a parachain, every proof of which goes through its relay chain', async () => {
  demo = startDemo(['--topology', 'parachain']);
  const code = await demo.ended;
  const printed = demo.lines.join('\n');
  expect(code, printed).toBe(0);
  expect(printed).toMatch(/committees: [1-9][0-9]* of ethereum's, [1-9][0-9]* of polkadot's/);
  expect(printed).toMatch(/all [0-9]+ balances are exact/);

  const proofs = readFileSync(join(demo.folder, 'evidence.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as RecordedProof).params?.proof)
    .filter((proof) => proof?.kind === 'substrate');
  expect(proofs.length).toBeGreaterThan(0);
  for (const proof of proofs) expect(proof?.hop).toBeDefined();
});

test('the demo carries transfers between two parachains and to both sides of the second', async () => {
  demo = startDemo(['--topology', 'parachain', '--parachains', '2']);
  const code = await demo.ended;
  const printed = demo.lines.join('\n');
  expect(code, printed).toBe(0);
  expect(printed).toMatch(/confirmed +polkadot-2 block .* 3 DOT to the second parachain, direct/);
  expect(printed).toMatch(/observed +polkadot-2 block .* 2 DOT-2 to Ethereum, direct/);
  expect(printed).toMatch(/confirmed +ethereum block .* 2 DOT-2 to Ethereum, direct/);
  expect(printed).toMatch(/kate +polkadot-2 +vDOT .* exact/);
  expect(printed).toMatch(/leo +ethereum +vDOT-2 .* exact/);
  expect(printed).toMatch(/all [0-9]+ balances are exact/);
});
