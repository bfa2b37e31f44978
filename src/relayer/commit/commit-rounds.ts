import { ANCHOR_ABI, revertNameOf } from '../../chains/shared/abi.ts';
import { ChainCallReverted } from '../../chains/shared/bridged-chain.ts';
import { RemoteRefusal } from '../../enclave-client/enclave-client.ts';
import { type Commit, commitDigest } from '../../protocol/commit.ts';
import type { CommandParams } from '../../protocol/enclave-commands.ts';
import type { Hex } from '../../shared/bytes.ts';
import { type Bridge, committerOf, type EnclaveLine } from '../bridge.ts';
import { journalQuarantine } from '../journal/quarantine.ts';
import { bringUpToDate, type UpToDate } from '../prove/bring-up-to-date.ts';
import type { Agreed, Signed } from '../quorum/agree.ts';
import { gather } from '../quorum/gather.ts';
import { QuorumError } from '../quorum/quorum.ts';
import { leading } from '../quorum/shared-ledger.ts';
import type { SigningRules } from '../quorum/signing-rules.ts';
import { submitJournaled } from '../submit/submit-journaled.ts';
import { fetchAnchoredState } from './fetch-anchored.ts';
import { type DueCommit, messagesUpTo, proposalFor, type Signer } from './proposal.ts';

/** Of an anchor that was told meanwhile of a suspension that is not final yet: the next look knows of it. */
const SUSPENSION_UNSEEN = 'AnchorControlOutOfRange';

/** An enclave that lacks a day of messages takes minutes to be shown them, and as long to compute their rounds. */
const DEADLINE_MS = 600_000;

/**
 * Commits the rounds that are complete, if the anchor stands where the enclaves' ledgers do; whether or not anything leaves. It goes on
 * as soon as so many enclaves are ready as the anchor asks for; those that hang catch up by themselves.
 */
export async function commitRounds(bridge: Bridge): Promise<void> {
  const { side, address } = bridge.anchor;
  const rules = await bridge.quorum.rulesOf({ chain: side.chain, address });
  const anchored = await fetchAnchoredState(bridge);
  const ready = await everybodyReady(bridge, anchored, rules);
  const standing = leading(ready, rules.threshold);
  const due = await proposalFor(bridge, standing, rules.threshold);
  if (due === undefined) return requireShown(ready, rules);
  try {
    await submit(bridge, rules.epoch, await signTogether(bridge, due, rules));
  } catch (error) {
    await journalQuarantine(bridge, error, () => messagesUpTo(bridge, due));
    throw error;
  }
}

/**
 * Rounds may not be complete yet. Where enclaves could not be shown what completes them that may stay so.
 *
 * @throws {QuorumError} RELAYER_QUORUM_MISSING
 */
function requireShown(ready: readonly Ready[], { threshold }: SigningRules): void {
  const lacking = ready.filter(({ unshown }) => unshown.length > 0);
  const [first] = lacking.flatMap(({ unshown }) => unshown);
  if (first === undefined || ready.length - lacking.length >= threshold) return;
  const what = `a commit: no round is complete to as many of them as have to sign, and what is final cannot be shown: ${first}`;
  throw new QuorumError('RELAYER_QUORUM_MISSING', { what });
}

type Ready = Signer & Pick<UpToDate, 'unshown'>;

/** The enclaves whose ledgers stand where the anchor does, with all that is final shown to them. */
async function everybodyReady(
  bridge: Bridge,
  anchored: Hex,
  { threshold }: SigningRules,
): Promise<readonly Ready[]> {
  const asked = bridge.quorum.trusted(bridge.enclaves, ({ name }) => name, threshold);
  const isReady = (signers: readonly Ready[]) =>
    signers.filter(({ status }) => status.ledger.stateId === anchored);
  const answers = await gather(
    asked,
    (line, over) =>
      bridge.vitals.wait(`a commit of ${line.name}`, DEADLINE_MS, async (late) => {
        const { ledger } = await line.client.ask('status', {});
        // A commit is under way, or one was made that this ledger does not have: confirming comes first.
        if (ledger.stateId !== anchored) return undefined;
        const signal = AbortSignal.any([over, late]);
        const show = () => bringUpToDate(bridge, line, signal);
        return { line, ...(await line.commanding.run(show)) };
      }),
    {
      isEnough: (all) => isReady(all.flatMap((one) => one ?? [])).length >= threshold,
      onFailure: (line, error) => warn(bridge, line, error),
    },
  );
  return isReady(answers.flatMap((one) => one ?? []));
}

function warn({ log }: Bridge, { name }: EnclaveLine, error: unknown): void {
  log.warn({ err: error, enclave: name }, 'an enclave takes no part in a commit');
}

async function signTogether(
  bridge: Bridge,
  { signers, proposal }: DueCommit,
  rules: SigningRules,
): Promise<Agreed<Commit>> {
  const signed = await gather(
    signers,
    ({ line }, over) =>
      bridge.vitals.wait(`a signed commit of ${line.name}`, DEADLINE_MS, (late) =>
        sign(bridge, line, { proposal, signal: AbortSignal.any([over, late]) }),
      ),
    {
      isEnough: ({ length }) => length >= rules.threshold,
      onFailure: ({ line }, error) => noteRefusal(bridge, line, error),
    },
  );
  const number = signed[0]?.said.number ?? 0n;
  return await bridge.quorum.agree(`commit ${number}`, rules, signed);
}

interface Proposing {
  readonly proposal: CommandParams<'propose'>;
  readonly signal: AbortSignal;
}

async function sign(
  { anchor }: Bridge,
  { name, client, commanding }: EnclaveLine,
  { proposal, signal }: Proposing,
): Promise<Signed<Commit>> {
  const { commit, epoch, signature } = await commanding.run(async () => {
    signal.throwIfAborted();
    const { postState } = (await client.ask('propose', proposal)).commit;
    return await client.ask('signCommit', { postState });
  });
  const domain = { chainId: anchor.side.chain.chainId, verifyingContract: anchor.address };
  const digest = commitDigest(domain, epoch, commit);
  return { enclave: name, said: commit, epoch, digest, signature };
}

/** What an enclave will not do at any later time either is somebody's to look at, though the others go on. */
function noteRefusal(bridge: Bridge, line: EnclaveLine, error: unknown): void {
  warn(bridge, line, error);
  if (!(error instanceof RemoteRefusal) || error.disposition === 'retry') return;
  const what = `it refuses to go on: ${error.code}`;
  bridge.quorum.dissents({ enclave: line.name, what }, 'a commit');
}

async function submit(
  bridge: Bridge,
  epoch: bigint,
  { said: commit, signatures }: Agreed<Commit>,
): Promise<void> {
  const { address } = bridge.anchor;
  const data = ANCHOR_ABI.encodeFunctionData('commit', [{ epoch, ...commit }, signatures]) as Hex;
  const call = { to: address, data, valueWei: 0n };
  try {
    await submitJournaled(bridge, committerOf(bridge), {
      subject: `commit ${commit.number}`,
      call,
    });
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
