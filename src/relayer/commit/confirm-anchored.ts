import { refusalCode } from '../../enclave-client/enclave-client.ts';
import { anchorIdSlot } from '../../protocol/contracts.ts';
import { MAX_REVEALABLE } from '../../protocol/limits.ts';
import type { Hex } from '../../shared/bytes.ts';
import {
  answersOf,
  askEveryone,
  type Bridge,
  type EnclaveLine,
  RelayerError,
  sideOf,
} from '../bridge.ts';
import { recordBatches } from '../journal/batches.ts';
import {
  type CommitRow,
  commitsBetween,
  markRevealed,
  unrevealedCommits,
} from '../journal/commits.ts';
import type { Database } from '../journal/database.ts';
import { advance, lightClientOf } from '../prove/advance.ts';
import { ingestedCount } from '../prove/outbox.ts';
import { proveWhileAlone } from '../prove/prove-messages.ts';
import { type ProvenBlock, provenBlock } from '../prove/proven-block.ts';
import { combineBatches } from './agreement.ts';

/** Shows the enclaves what the anchor has made final, and journals the releases that this lets out. */
export async function confirmAnchored(bridge: Bridge): Promise<void> {
  const confirmed = await askEveryone(bridge, (line) =>
    line.commanding.run(() => confirmWhileAlone(bridge, line)),
  );
  const numbers = confirmed.map(({ number }) => number);
  const reached = numbers.sort((a, b) => (a < b ? -1 : 1))[0] ?? 0n;
  for (const number of await unrevealedCommits(bridge.database, reached)) {
    await reveal(bridge, confirmed, number);
  }
}

/** An enclave, who it signs as, and the number of its last transition. */
interface Confirmed {
  readonly line: EnclaveLine;
  readonly signer: Hex;
  readonly number: bigint;
}

/**
 * Brings one enclave's ledger towards the newest final commit. An enclave that lost its memory, or an older one, computes
 * on the way all that others have committed; for one that proposed it itself this is asking for what it knows.
 */
async function confirmWhileAlone(bridge: Bridge, line: EnclaveLine): Promise<Confirmed> {
  const { side } = bridge.anchor;
  const status = await advance(bridge, line, side.lightClient);
  const { signer } = status;
  const after = status.ledger.number;
  const block = await provenBlock(status, side);
  if (block === undefined) return { line, signer, number: after };
  const commits = await finalCommits(bridge, { after, block });
  const number = await replay(bridge, { line, block }, commits);
  return { line, signer, number: number ?? after };
}

/** An enclave, and a block of the anchor's chain that it knows to be final and that has the commits it is to replay. */
interface Standing {
  readonly line: EnclaveLine;
  readonly block: ProvenBlock;
}

/**
 * Proposes commits in their order and confirms the last: one proof for all of them, unless the enclave has no room for
 * what they consume. Then those before are confirmed first, which empties its inbox of it.
 *
 * @returns the number that the ledger has reached; undefined if there was nothing to do
 */
async function replay(
  bridge: Bridge,
  standing: Standing,
  commits: readonly CommitRow[],
): Promise<bigint | undefined> {
  let proposed: CommitRow | undefined;
  for (const commit of commits) {
    try {
      await propose(bridge, standing.line, commit);
    } catch (error) {
      if (proposed === undefined || !isForWantOfRoom(error)) throw error;
      await confirm(bridge, standing, proposed);
      await propose(bridge, standing.line, commit);
    }
    proposed = commit;
  }
  return proposed && (await confirm(bridge, standing, proposed));
}

/** Shows an enclave that the anchor keeps a commit's state: under the newest block it knows, as on a long way it forgets older ones. */
async function confirm(
  { anchor: { side, address }, log }: Bridge,
  { line, block }: Standing,
  commit: CommitRow,
): Promise<bigint> {
  const { held } = lightClientOf(await line.client.ask('status', {}), side.lightClient);
  const slot = anchorIdSlot(commit.number);
  const proof = await side.chain.stateProof({ address }, slot, held ?? block.held);
  const params = { number: commit.number, proof };
  const { number } = await line.client.ask('confirmAnchored', params);
  log.info({ number, enclave: line.client.address }, `commit ${number} confirmed`);
  return number;
}

/**
 * The commits that an enclave lacks and that are final at `block`, no more of them than let it show the batches that are
 * not in the journal yet: those are revealed before the next look goes on.
 *
 * @throws {RelayerError} RELAYER_COMMIT_UNSEEN
 */
async function finalCommits(
  { database, anchor }: Bridge,
  { after, block }: { readonly after: bigint; readonly block: ProvenBlock },
): Promise<CommitRow[]> {
  const upTo = await lastToTake(database, after);
  const final = (await commitsBetween(database, { after, upTo })).filter(
    ({ isFinal, blockNumber }) => isFinal && blockNumber <= block.number,
  );
  const [first] = final;
  if (first === undefined || first.number === after + 1n) return final;
  const what = `commit ${after + 1n} is not in the journal, which begins at block ${anchor.side.fromBlock}`;
  throw new RelayerError('RELAYER_COMMIT_UNSEEN', what);
}

/** How far an enclave at `after` may go without forgetting a batch that it alone may know. */
async function lastToTake(database: Database, after: bigint): Promise<bigint> {
  const [oldest = after + 1n] = await unrevealedCommits(database, after);
  const last = oldest - 1n + BigInt(MAX_REVEALABLE);
  // Below: it is forgotten here already.
  return last >= after ? last : after + BigInt(MAX_REVEALABLE);
}

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

/** Refusals that a confirmation may mend, as it drops what is consumed. */
const WANT_OF_ROOM = new Set(['ENCLAVE_CURSORS_INVALID', 'ENCLAVE_PROPOSALS_FULL']);

function isForWantOfRoom(error: unknown): boolean {
  return WANT_OF_ROOM.has(refusalCode(error) ?? '');
}

async function reveal(
  bridge: Bridge,
  confirmed: readonly Confirmed[],
  number: bigint,
): Promise<void> {
  const { database, log } = bridge;
  // The gateways take a batch from the one it was signed for and nobody else: this relayer's own account on each chain.
  const submitters = bridge.sides.map(({ chain, signer }) => {
    return { chainId: chain.chainId, submitter: signer.address };
  });
  try {
    const revealed = await answersOf(bridge, confirmed, async ({ line, signer }) => {
      const { batches } = await line.client.ask('reveal', { number, submitters });
      return { signer, batches };
    });
    const batches = combineBatches(bridge, number, revealed);
    await database.transaction(async (tx) => {
      await recordBatches(tx, batches);
      await markRevealed(tx, number);
    });
    log.info({ number, batches: batches.length }, `commit ${number} revealed`);
  } catch (error) {
    if (refusalCode(error) !== 'ENCLAVE_TRANSITION_FORGOTTEN') throw error;
    // So long ago that the gateways have been served; if not, an enclave that replays the log can still show it.
    log.warn({ number }, 'no enclave shows the batches of this commit any more');
    await markRevealed(database, number);
  }
}
