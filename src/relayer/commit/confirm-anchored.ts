import type { CommitSeen } from '../../chains/shared/decode-logs.ts';
import { refusalCode } from '../../enclave-client/enclave-client.ts';
import type { Hex } from '../../shared/bytes.ts';
import { type Bridge, type EnclaveLine, RelayerError } from '../bridge.ts';
import { commitsBetween } from '../journal/commits.ts';
import { advance } from '../prove/advance.ts';
import { askWithProof } from '../prove/ask-with-proof.ts';
import { bringUpToDate } from '../prove/bring-up-to-date.ts';
import { proveAnchored } from '../prove/prove-anchored.ts';
import { provenBlock } from '../prove/proven-block.ts';
import { restoreIfFarBehind } from '../snapshot/restore-snapshot.ts';

/** Commits that are read from the journal at a time. */
const COMMITS_AT_ONCE = 256n;

/**
 * Brings one enclave's ledger to the newest final commit. One that lost its memory begins with a snapshot, and one that is
 * behind computes on the way all that others have committed.
 */
export async function confirmAnchored(bridge: Bridge, line: EnclaveLine): Promise<void> {
  await line.commanding.run(() => confirmWhileAlone(bridge, line));
}

async function confirmWhileAlone(bridge: Bridge, line: EnclaveLine): Promise<void> {
  const { database, anchor } = bridge;
  const status = await advance(bridge, line, anchor.side.lightClient);
  const block = await provenBlock(status, anchor.side);
  if (block === undefined) return;
  const before = await restoreIfFarBehind(bridge, line, status);
  let after = before;
  for (;;) {
    const upTo = after + COMMITS_AT_ONCE;
    const commits = (await commitsBetween(database, { after, upTo })).filter(
      ({ isFinal, blockNumber }) => isFinal && blockNumber <= block.number,
    );
    if (commits.length === 0) break;
    for (const commit of commits) {
      requireNext(bridge, commit, after);
      await take(bridge, line, commit);
      after = commit.number;
    }
  }
  // One that only follows is told of by the commit itself.
  if (after <= before + 1n) return;
  bridge.log.info({ number: after, enclave: line.name }, `${line.name} stands at commit ${after}`);
}

/** @throws {RelayerError} RELAYER_COMMIT_UNSEEN */
function requireNext({ anchor }: Bridge, { number }: CommitSeen, after: bigint): void {
  if (number === after + 1n) return;
  const what = `commit ${after + 1n} is not in the journal, which begins at block ${anchor.side.fromBlock}`;
  throw new RelayerError('RELAYER_COMMIT_UNSEEN', what);
}

/** Makes a commit the enclave's ledger: it has proposed it itself, or computes it from what the commit says. */
async function take(bridge: Bridge, line: EnclaveLine, commit: CommitSeen): Promise<void> {
  const { number } = commit;
  try {
    await confirm(bridge, line, number);
  } catch (error) {
    if (refusalCode(error) !== 'ENCLAVE_ANCHOR_UNKNOWN') throw error;
    await replay(bridge, line, commit);
    await confirm(bridge, line, number);
  }
  bridge.log.debug({ number, enclave: line.name }, `commit ${number} confirmed`);
}

async function confirm(bridge: Bridge, line: EnclaveLine, number: bigint): Promise<void> {
  const proof = await proveAnchored(bridge, line, number);
  const ask = () => line.client.ask('confirmAnchored', { number, proof });
  await askWithProof(bridge, { chain: bridge.anchor.side.chain, proof, ask });
}

/** Has an enclave compute what is committed already. @throws {RelayerError} RELAYER_STATE_DIVERGED */
async function replay(bridge: Bridge, line: EnclaveLine, commit: CommitSeen): Promise<void> {
  const { number, postState } = commit;
  const computed = await compute(bridge, line, commit);
  if (computed === postState) return;
  const what = `commit ${number}: the anchor holds ${postState}, the enclave computes ${computed}; another ledger secret or another program`;
  throw new RelayerError('RELAYER_STATE_DIVERGED', what);
}

/** Refusals of an enclave that has not been shown all that the commit builds on. */
const BEHIND = new Set(['ENCLAVE_ROUND_INCOMPLETE', 'ENCLAVE_PROPOSAL_INVALID']);

async function compute(bridge: Bridge, line: EnclaveLine, commit: CommitSeen): Promise<Hex> {
  const { prevState, round, asOf, control, paid, beneficiary } = commit;
  const params = { prevState, round, asOf, control, paid: [...paid], beneficiary };
  const ask = async () => (await line.client.ask('propose', params)).commit.postState;
  try {
    return await ask();
  } catch (error) {
    if (!BEHIND.has(refusalCode(error) ?? '')) throw error;
    await bringUpToDate(bridge, line, bridge.signal);
    return await ask();
  }
}
