import { postCall } from '../../chains/shared/post-call.ts';
import { keccak256 } from '../../crypto/hashes.ts';
import { concatBytes, toHex } from '../../shared/bytes.ts';
import { type Bridge, RelayerError, type Side } from '../bridge.ts';
import { type SubmissionRow, submissionsAt } from '../journal/submissions.ts';
import { type Handed, handOver, type SubmittingBridge } from '../submit/hand-over.ts';
import { keyOf } from '../submit/lead.ts';
import { settleOpen } from '../submit/settle-open.ts';
import { prepareAccount } from '../submit/submit-journaled.ts';

/** What has become of a post; its block once one has it. */
export interface PostStanding {
  readonly state: 'open' | 'included' | 'failed' | 'lost';
  readonly block: number | null;
}

/** What posts users' sealed orders with the accounts of a relayer, through their ledgers of nonces. */
export interface Poster {
  /**
   * Hands a post over, and waits for no block. The same orders are posted once: who asks again is given that post, unless it was lost or
   * refused.
   *
   * @throws {RelayerError} RELAYER_CHAIN_UNKNOWN @throws as `prepareAccount` and `handOver`
   * @throws {WaitLate} RELAYER_WAIT_LATE: nothing is handed over after that; what was just before is given to who asks again
   */
  post(chain: string, envelopes: readonly Uint8Array[]): Promise<Handed>;
  /** @throws {RelayerError} RELAYER_CHAIN_UNKNOWN @throws as `settleOpen` */
  standing(chain: string, handed: Handed): Promise<PostStanding>;
}

type PostingBridge = SubmittingBridge & Pick<Bridge, 'sides'>;

/** Creates what posts with the accounts of a bridge, and gives up after so many milliseconds. */
export function createPoster(bridge: PostingBridge, deadlineMs: number): Poster {
  const { vitals } = bridge;
  return {
    post: (chain, envelopes) =>
      vitals.wait(`orders to be posted on ${chain}`, deadlineMs, (signal) =>
        postAt(bridge, sideNamed(bridge, chain), { envelopes, signal }),
      ),
    standing: (chain, handed) =>
      vitals.wait(`a post on ${chain} to be looked for`, deadlineMs, () =>
        standingOf(bridge, sideNamed(bridge, chain), handed),
      ),
  };
}

function sideNamed({ sides }: PostingBridge, name: string): Side {
  const side = sides.find(({ chain }) => chain.name === name);
  if (side !== undefined) return side;
  throw new RelayerError('RELAYER_CHAIN_UNKNOWN', `no chain "${name}" is configured`);
}

interface Asked {
  readonly envelopes: readonly Uint8Array[];
  readonly signal: AbortSignal;
}

async function postAt(
  bridge: PostingBridge,
  side: Side,
  { envelopes, signal }: Asked,
): Promise<Handed> {
  await prepareAccount({ ...bridge, signal: AbortSignal.any([bridge.signal, signal]) }, side);
  const subject = `post ${toHex(keccak256(concatBytes(...envelopes)))}`;
  const call = await postCall(side, envelopes);
  return await handOver(bridge, side, { subject, call, isOnce: true, signal });
}

async function standingOf(
  bridge: PostingBridge,
  side: Side,
  { subject, nonce }: Handed,
): Promise<PostStanding> {
  // Where no relayer runs nobody else does.
  await settleOpen(bridge, side);
  const rows = await submissionsAt(bridge.database, keyOf(side), nonce);
  return endOf(rows.filter((row) => row.subject === subject));
}

function endOf(rows: readonly SubmissionRow[]): PostStanding {
  const landed = rows.find(({ state }) => state === 'included' || state === 'final');
  if (landed !== undefined) return { state: 'included', block: landed.blockNumber };
  if (rows.some(({ state }) => state === 'failed')) return { state: 'failed', block: null };
  const isLost = rows.every(({ state }) => state === 'lost');
  return { state: isLost ? 'lost' : 'open', block: null };
}
