import { ANCHOR_ABI, revertNameOf } from '../../chains/shared/abi.ts';
import { ChainCallReverted } from '../../chains/shared/bridged-chain.ts';
import type { Commit } from '../../protocol/commit.ts';
import type { CommandParams } from '../../protocol/enclave-commands.ts';
import type { Hex } from '../../shared/bytes.ts';
import { answersOf, askEveryone, type Bridge } from '../bridge.ts';
import { journalQuarantine } from '../journal/quarantine.ts';
import { bringUpToDate } from '../prove/bring-up-to-date.ts';
import { submitJournaled } from '../submit/submit-journaled.ts';
import { bySigner, mostAgreed } from './agreement.ts';
import { fetchAnchoredState } from './fetch-anchored.ts';
import { messagesUpTo, proposalFor, type Signer } from './proposal.ts';

/** Of an anchor that was told meanwhile of a suspension that is not final yet: the next look knows of it. */
const SUSPENSION_UNSEEN = 'AnchorControlOutOfRange';

/** Commits the rounds that are complete, if the anchor stands where the enclaves' ledgers do; whether or not anything leaves. */
export async function commitRounds(bridge: Bridge): Promise<void> {
  const anchored = await fetchAnchoredState(bridge);
  const upToDate = await askEveryone(bridge, async (line) => {
    const { ledger } = await line.client.ask('status', {});
    // A commit is under way, or one was made that this ledger does not have: confirming comes first.
    if (ledger.stateId !== anchored) return [];
    return [{ line, status: await line.commanding.run(() => bringUpToDate(bridge, line)) }];
  });
  const standing = upToDate.flat().filter(({ status }) => status.ledger.stateId === anchored);
  const due = await proposalFor(bridge, standing);
  if (due === undefined) return;
  try {
    const signed = await signEverywhere(bridge, due.signers, due.proposal);
    if (signed !== undefined) await submit(bridge, signed);
  } catch (error) {
    await journalQuarantine(bridge, error, () => messagesUpTo(bridge, due));
    throw error;
  }
}

interface SignedCommit {
  readonly commit: Commit;
  readonly epoch: bigint;
  readonly signatures: readonly Hex[];
}

async function signEverywhere(
  bridge: Bridge,
  signers: readonly Signer[],
  proposal: CommandParams<'propose'>,
): Promise<SignedCommit | undefined> {
  const signed = await answersOf(bridge, signers, ({ line, status }) =>
    line.commanding.run(async () => {
      const { commit } = await line.client.ask('propose', proposal);
      const { postState } = commit;
      return { ...(await line.client.ask('signCommit', { postState })), signer: status.signer };
    }),
  );
  const agreed = mostAgreed(bridge, signed, ({ commit, epoch }) => ({ commit, epoch }));
  const ascending = bySigner(agreed);
  const [first] = ascending;
  return first && { ...first, signatures: ascending.map(({ signature }) => signature) };
}

async function submit(bridge: Bridge, { commit, epoch, signatures }: SignedCommit): Promise<void> {
  const { side, address } = bridge.anchor;
  const data = ANCHOR_ABI.encodeFunctionData('commit', [{ epoch, ...commit }, signatures]) as Hex;
  const call = { to: address, data, valueWei: 0n };
  try {
    await submitJournaled(bridge, side, { subject: `commit ${commit.number}`, call });
    const { number, round } = commit;
    bridge.log.info({ number, round }, `commit ${number} submitted`);
  } catch (error) {
    if (!(await isOvertaken(bridge, commit, error))) throw error;
    bridge.log.info({ number: commit.number }, 'the anchor has moved on first');
  }
}

/** Whether the anchor refuses because somebody else was quicker, which is as good; a refusal in a block may give no reason. */
async function isOvertaken(bridge: Bridge, commit: Commit, error: unknown): Promise<boolean> {
  if (!(error instanceof ChainCallReverted)) return false;
  if (revertNameOf(error) === SUSPENSION_UNSEEN) return true;
  return (await fetchAnchoredState(bridge)) !== commit.prevState;
}
