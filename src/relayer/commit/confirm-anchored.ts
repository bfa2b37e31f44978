import { RemoteRefusal } from '../../enclave-client/enclave-client.ts';
import { ANCHOR_SLOTS } from '../../protocol/contracts.ts';
import type { SignedBatch } from '../../protocol/enclave-commands.ts';
import { askEveryone, type Bridge, type EnclaveLine, RelayerError, sideOf } from '../bridge.ts';
import { recordBatches, type SignedReleaseBatch } from '../journal/batches.ts';
import {
  type CommitRow,
  commitsBetween,
  markRevealed,
  unrevealedCommits,
} from '../journal/commits.ts';
import { advancePolkadot } from '../prove/advance-polkadot.ts';
import { ingestedCount, provenBlock, proveWhileAlone } from '../prove/prove-messages.ts';

/** Shows the enclaves what the anchor has made final, and journals the releases that this lets out. */
export async function confirmAnchored(bridge: Bridge): Promise<void> {
  const numbers = await askEveryone(bridge, (line) =>
    line.commanding.run(() => confirmWhileAlone(bridge, line)),
  );
  const reached = numbers.sort((a, b) => (a < b ? -1 : 1))[0] ?? 0n;
  for (const number of await unrevealedCommits(bridge.database, reached)) {
    await reveal(bridge, number);
  }
}

/**
 * Brings one enclave's ledger to the newest final commit. An enclave that lost its memory, or an older one, computes
 * on the way all that others have committed; for one that proposed it itself this is asking for what it knows.
 *
 * @returns number of the enclave's last transition
 */
async function confirmWhileAlone(bridge: Bridge, line: EnclaveLine): Promise<bigint> {
  const status = await advancePolkadot(bridge, line);
  const block = await provenBlock(status, bridge.polkadot);
  const after = status.ledger.number;
  const upTo = after + MAX_CATCH_UP;
  const final = (await commitsBetween(bridge.database, { after, upTo })).filter(
    ({ isFinal, blockNumber }) => isFinal && blockNumber <= block.number,
  );
  const newest = final.at(-1);
  if (newest === undefined) return after;
  if (final[0]?.number !== after + 1n) {
    const what = `commit ${after + 1n} is not in the journal, which begins at block ${bridge.polkadot.fromBlock}`;
    throw new RelayerError('RELAYER_COMMIT_UNSEEN', what);
  }
  for (const commit of final) await propose(bridge, line, commit);
  const { anchor: address, chain } = bridge.polkadot;
  const proof = await chain.stateProof({ address }, ANCHOR_SLOTS.stateId, block.held);
  const { number } = await line.client.ask('confirmAnchored', { proof });
  bridge.log.info({ number, enclave: line.client.address }, `commit ${number} confirmed`);
  return number;
}

/** KEEP IN SYNC: MAX_PROPOSALS of the enclave. */
const MAX_CATCH_UP = 1024n;

async function propose(bridge: Bridge, line: EnclaveLine, commit: CommitRow): Promise<void> {
  const { number, prevState, inputs, beneficiary, postState } = commit;
  for (const { chainId, count } of inputs) {
    const status = await line.client.ask('status', {});
    if (ingestedCount(status, chainId) >= count) continue;
    await proveWhileAlone(bridge, line, sideOf(bridge, chainId));
  }
  const params = { prevState, inputs: [...inputs], beneficiary };
  const answer = await line.client.ask('propose', params);
  if (answer.commit.postState === postState) return;
  const what = `commit ${number}: the anchor holds ${postState}, the enclave computes ${answer.commit.postState}; another ledger secret or another program`;
  throw new RelayerError('RELAYER_STATE_DIVERGED', what);
}

async function reveal(bridge: Bridge, number: bigint): Promise<void> {
  const { database, log } = bridge;
  try {
    const revealed = await askEveryone(bridge, async ({ client }) => {
      const { signer } = await client.ask('status', {});
      const { batches } = await client.ask('reveal', { number });
      return { signer, batches };
    });
    const batches = combine(number, revealed);
    await database.transaction(async (tx) => {
      await recordBatches(tx, batches);
      await markRevealed(tx, number);
    });
    log.info({ number, batches: batches.length }, `commit ${number} revealed`);
  } catch (error) {
    const isForgotten =
      error instanceof RemoteRefusal && error.code === 'ENCLAVE_TRANSITION_FORGOTTEN';
    if (!isForgotten) throw error;
    // So long ago that the gateways have been served; if not, an enclave that replays the log can still show it.
    log.warn({ number }, 'no enclave shows the batches of this commit any more');
    await markRevealed(database, number);
  }
}

interface Revealed {
  readonly signer: string;
  readonly batches: readonly SignedBatch[];
}

/** The same batch from each enclave, with all their signatures by ascending signer. */
function combine(commitNumber: bigint, revealed: readonly Revealed[]): SignedReleaseBatch[] {
  const bySigner = [...revealed].sort((a, b) => (a.signer < b.signer ? -1 : 1));
  const [first] = bySigner;
  return (first?.batches ?? []).map(({ batch, epoch }) => ({
    commitNumber,
    epoch,
    batch,
    signatures: bySigner.flatMap(({ batches }) =>
      batches
        .filter(
          (other) =>
            other.batch.chainId === batch.chainId && other.batch.prevHead === batch.prevHead,
        )
        .map(({ signature }) => signature),
    ),
  }));
}
