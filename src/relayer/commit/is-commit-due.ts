import type { EnclaveStatus } from '../../protocol/enclave-commands.ts';
import type { Bridge, Side } from '../bridge.ts';
import { knownSuspensions } from '../suspensions.ts';
import { lastDueRound, type ProvenTimes } from './due-round.ts';
import { fetchAnchoredState } from './fetch-anchored.ts';

/** A chain that takes longer than this to answer is not waited for, or a dead one would hold up those that go on without it. */
const LOOK_MS = 5000;

/** The part of the bridge that says when to commit. */
export type CadencedBridge = Pick<
  Bridge,
  'schedule' | 'commitEverySec' | 'sides' | 'anchor' | 'database' | 'vitals'
>;

/**
 * Whether it is time to commit, and there is a round that final blocks complete: the anchor stands where the ledger does,
 * and so long after its last commit as the configuration says. Nothing in it depends on what is sealed.
 */
export async function isCommitDue(
  bridge: CadencedBridge,
  { ledger }: Pick<EnclaveStatus, 'ledger'>,
): Promise<boolean> {
  if ((await fetchAnchoredState(bridge)) !== ledger.stateId) return false;
  const times = await finalTimes(bridge);
  if (times.control < ledger.asOf + bridge.commitEverySec) return false;
  const suspended = await knownSuspensions(bridge);
  return lastDueRound(bridge, { round: ledger.round, suspended }, times) > ledger.round;
}

/** When the newest final blocks were made; a chain that does not answer is as one that makes none. */
async function finalTimes({ sides, anchor, vitals }: CadencedBridge): Promise<ProvenTimes> {
  const asked = sides.map(async (side) => {
    const what = `when ${side.chain.name} was last final`;
    return [
      side.chain.chainId,
      await vitals.wait(what, LOOK_MS, () => finalTimeSec(side)),
    ] as const;
  });
  const answers = await Promise.allSettled(asked);
  const chains = new Map(answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
  return { chains, control: chains.get(anchor.side.chain.chainId) ?? 0n };
}

async function finalTimeSec({ chain }: Side): Promise<bigint> {
  return await chain.blockTimeSec((await chain.finalizedHead()).hash);
}
