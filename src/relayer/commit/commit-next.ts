import { ANCHOR_ABI, revertNameOf } from '../../chains/shared/abi.ts';
import type { Commit, Cursor } from '../../protocol/commit.ts';
import type { EnclaveStatus } from '../../protocol/enclave-commands.ts';
import { MAX_TRANSITION_MESSAGES } from '../../protocol/limits.ts';
import type { Hex } from '../../shared/bytes.ts';
import { answersOf, askEveryone, type Bridge, type EnclaveLine } from '../bridge.ts';
import { ANY_BLOCK, finalMessages, type MessageRow } from '../journal/messages.ts';
import { journalQuarantine } from '../journal/quarantine.ts';
import { ingestedCount } from '../prove/outbox.ts';
import { submitJournaled } from '../submit/submit-journaled.ts';
import { bySigner, mostAgreed } from './agreement.ts';
import { fetchAnchoredState } from './fetch-anchored.ts';

/** Refusals of an anchor that has moved on: somebody else was quicker, which is as good. */
const LOST_RACE = new Set(['AnchorStaleState', 'AnchorWrongNumber']);

/** Commits what the enclaves have taken in, if the anchor stands where their ledger does. */
export async function commitNext(bridge: Bridge): Promise<void> {
  const signers = await askEveryone(bridge, async (line) => ({
    line,
    status: await line.client.ask('status', {}),
  }));
  const [leader] = signers;
  if (leader === undefined) return;
  const { stateId } = leader.status.ledger;
  // A commit is under way, or one was made that this ledger does not have: confirming comes first.
  if ((await fetchAnchoredState(bridge)) !== stateId) return;
  const inputs = nextInputs(leader.status);
  if (inputs === undefined) return;
  try {
    const signed = await signEverywhere(bridge, signers, { prevState: stateId, inputs });
    if (signed !== undefined) await submit(bridge, signed);
  } catch (error) {
    await journalQuarantine(bridge, error, () => messagesOf(bridge, leader.status, inputs));
    throw error;
  }
}

/** The messages that a transition up to `inputs` consumes. */
async function messagesOf(
  { database }: Bridge,
  status: EnclaveStatus,
  inputs: readonly Cursor[],
): Promise<MessageRow[]> {
  const starts = new Map(status.ledger.inputs.map(({ chainId, count }) => [chainId, count]));
  const lists = inputs.map(({ chainId, count }) => {
    const fromIndex = starts.get(chainId) ?? 0n;
    const limit = Number(count - fromIndex);
    return finalMessages(database, { chainId, fromIndex, toBlock: ANY_BLOCK, limit });
  });
  return (await Promise.all(lists)).flat();
}

/** The cursors of a transition over all that waits, or as much of it as one may take. */
export function nextInputs(status: EnclaveStatus): readonly Cursor[] | undefined {
  let room = BigInt(MAX_TRANSITION_MESSAGES);
  const inputs = status.ledger.inputs.map(({ chainId, count }) => {
    const waiting = ingestedCount(status, chainId) - count;
    const taken = waiting < room ? waiting : room;
    room -= taken;
    return { chainId, count: count + taken };
  });
  return room === BigInt(MAX_TRANSITION_MESSAGES) ? undefined : inputs;
}

interface SignedCommit {
  readonly commit: Commit;
  readonly epoch: bigint;
  readonly signatures: readonly Hex[];
}

/** An enclave and what it has said of itself. */
interface Signer {
  readonly line: EnclaveLine;
  readonly status: EnclaveStatus;
}

interface Proposal {
  readonly prevState: Hex;
  readonly inputs: readonly Cursor[];
}

async function signEverywhere(
  bridge: Bridge,
  signers: readonly Signer[],
  proposal: Proposal,
): Promise<SignedCommit | undefined> {
  const signed = await answersOf(bridge, signers, ({ line, status }) =>
    line.commanding.run(async () => ({
      ...(await proposeAndSign(bridge, line, proposal)),
      signer: status.signer,
    })),
  );
  const agreed = mostAgreed(bridge, signed, ({ commit, epoch }) => ({ commit, epoch }));
  const ascending = bySigner(agreed);
  const [first] = ascending;
  return first && { ...first, signatures: ascending.map(({ signature }) => signature) };
}

async function proposeAndSign(
  { beneficiary }: Bridge,
  { client }: EnclaveLine,
  { prevState, inputs }: Proposal,
) {
  const params = { prevState, inputs: [...inputs], beneficiary };
  const { commit } = await client.ask('propose', params);
  return await client.ask('signCommit', { postState: commit.postState });
}

async function submit(bridge: Bridge, { commit, epoch, signatures }: SignedCommit): Promise<void> {
  const { side, address } = bridge.anchor;
  const data = ANCHOR_ABI.encodeFunctionData('commit', [{ epoch, ...commit }, signatures]) as Hex;
  const call = { to: address, data, valueWei: 0n };
  try {
    await submitJournaled(bridge, side, { subject: `commit ${commit.number}`, call });
  } catch (error) {
    const name = revertNameOf(error);
    if (name === undefined || !LOST_RACE.has(name)) throw error;
    bridge.log.info({ number: commit.number }, 'another relayer has committed first');
  }
}
