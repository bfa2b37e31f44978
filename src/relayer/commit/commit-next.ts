import { ANCHOR_ABI, revertName } from '../../chains/shared/abi.ts';
import { ChainCallReverted } from '../../chains/shared/bridged-chain.ts';
import type { Commit, Cursor } from '../../protocol/commit.ts';
import type { EnclaveStatus } from '../../protocol/enclave-commands.ts';
import type { Hex } from '../../shared/bytes.ts';
import { askEveryone, type Bridge, type EnclaveLine } from '../bridge.ts';
import { ingestedCount } from '../prove/prove-messages.ts';
import { submitJournaled } from '../submit/submit-journaled.ts';
import { fetchAnchoredState } from './fetch-anchored.ts';

/** KEEP IN SYNC: MAX_TRANSITION_MESSAGES of the enclave. */
const MAX_TRANSITION_MESSAGES = 10_000n;

/** Refusals of an anchor that has moved on: somebody else was quicker, which is as good. */
const LOST_RACE = new Set(['AnchorStaleState', 'AnchorWrongNumber']);

/** Commits what the enclaves have taken in, if the anchor stands where their ledger does. */
export async function commitNext(bridge: Bridge): Promise<void> {
  const [leader] = bridge.enclaves;
  const status = await leader.client.ask('status', {});
  // A commit is under way, or one was made that this ledger does not have: confirming comes first.
  if ((await fetchAnchoredState(bridge)) !== status.ledger.stateId) return;
  const inputs = nextInputs(status);
  if (inputs === undefined) return;
  const signed = await signEverywhere(bridge, { status, inputs });
  if (signed === undefined) return;
  await submit(bridge, signed);
}

/** The cursors of a transition over all that waits, or as much of it as one may take. */
export function nextInputs(status: EnclaveStatus): readonly Cursor[] | undefined {
  let room = MAX_TRANSITION_MESSAGES;
  const inputs = status.ledger.inputs.map(({ chainId, count }) => {
    const waiting = ingestedCount(status, chainId) - count;
    const taken = waiting < room ? waiting : room;
    room -= taken;
    return { chainId, count: count + taken };
  });
  return room === MAX_TRANSITION_MESSAGES ? undefined : inputs;
}

interface SignedCommit {
  readonly commit: Commit;
  readonly epoch: bigint;
  readonly signatures: readonly Hex[];
}

async function signEverywhere(
  bridge: Bridge,
  { status, inputs }: { status: EnclaveStatus; inputs: readonly Cursor[] },
): Promise<SignedCommit | undefined> {
  const signed = await askEveryone(bridge, (line) =>
    line.commanding.run(() => proposeAndSign(bridge, line, { status, inputs })),
  );
  const [first] = signed;
  if (first === undefined) return undefined;
  const agreeing = signed
    .filter(({ commit }) => commit.postState === first.commit.postState)
    .sort((a, b) => (a.signer < b.signer ? -1 : 1));
  return { ...first, signatures: agreeing.map(({ signature }) => signature) };
}

async function proposeAndSign(
  bridge: Bridge,
  { client }: EnclaveLine,
  { status, inputs }: { status: EnclaveStatus; inputs: readonly Cursor[] },
) {
  const { signer } = await client.ask('status', {});
  const { commit } = await client.ask('propose', {
    prevState: status.ledger.stateId,
    inputs: [...inputs],
    beneficiary: bridge.beneficiary,
  });
  const signed = await client.ask('signCommit', { postState: commit.postState });
  return { ...signed, signer };
}

async function submit(bridge: Bridge, { commit, epoch, signatures }: SignedCommit): Promise<void> {
  const { anchor } = bridge.polkadot;
  const data = ANCHOR_ABI.encodeFunctionData('commit', [{ epoch, ...commit }, signatures]) as Hex;
  const call = { to: anchor, data, valueWei: 0n };
  try {
    await submitJournaled(bridge, bridge.polkadot, { subject: `commit ${commit.number}`, call });
  } catch (error) {
    const name = error instanceof ChainCallReverted ? revertName(error.meta.data) : undefined;
    if (name === undefined || !LOST_RACE.has(name)) throw error;
    bridge.log.info({ number: commit.number }, 'another relayer has committed first');
  }
}
