// Writes proof bundles of recorded chain data for `veilspan verify`: node scripts/make-evidence.mjs <folder>
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { executionBundle, mainnetBundle, polkadotBundle } from './lib/evidence-bundles.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('usage: node scripts/make-evidence.mjs <folder>\n');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
const bundles = {
  'ethereum-mainnet-capella.jsonl': mainnetBundle,
  'ethereum-mainnet-deposit-contract.jsonl': executionBundle,
  'polkadot-three-authorities.jsonl': polkadotBundle,
};
for (const [name, make] of Object.entries(bundles)) {
  const lines = make().map((line) => `${JSON.stringify(line)}\n`);
  writeFileSync(join(folder, name), lines.join(''));
  process.stdout.write(`${join(folder, name)}: ${lines.length - 1} steps\n`);
}
