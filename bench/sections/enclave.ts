import { advance, finalityCases, withColdKeys } from '../cases/finality-updates.ts';
import { finalize, justificationCase, withColdSet } from '../cases/justifications.ts';
import {
  ethereumProofCase,
  readProofCase,
  verifyEthereumProofs,
  verifyReadProofCase,
} from '../cases/state-proofs.ts';
import type { Options } from '../options.ts';
import { formatMs, printTable } from '../report.ts';
import { measureMs } from '../timing.ts';

/** What the enclave's light clients take per piece of evidence. */
export async function benchEnclave({ repeats, seed }: Options): Promise<void> {
  const rows: string[][] = [];
  const add = async (what: string, input: string, action: () => unknown) => {
    rows.push([what, input, formatMs(await measureMs(action, repeats))]);
  };
  for (const finality of finalityCases()) {
    await add('finality update', finality.name, () => advance(finality));
    const first = 'first finality update after a hand-over';
    await add(first, finality.name, () => advance(withColdKeys(finality)));
  }
  for (const size of [3, 297, 600]) {
    const justification = justificationCase(size);
    await add('GRANDPA justification', justification.name, () => finalize(justification));
  }
  const handOver = justificationCase(600, true);
  await add('GRANDPA set change, from installing a set to installing the next', handOver.name, () =>
    finalize(withColdSet(handOver)),
  );
  const proof = ethereumProofCase(seed);
  const depth = `${proof.accountProof.length} and ${proof.storageProof.length} nodes`;
  await add('account and storage proof', `${proof.name}, ${depth}`, () =>
    verifyEthereumProofs(proof),
  );
  const read = readProofCase(seed);
  await add('Substrate read proof of a slot', `${read.name}, ${read.nodes.length} nodes`, () =>
    verifyReadProofCase(read),
  );
  printTable({
    title: 'Enclave: time per proof',
    columns: ['what', 'input', 'time'],
    rows,
    note: 'Bytes or JSON in, applied state out. Made-up chains are signed with test keys.',
  });
}
