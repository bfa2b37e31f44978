import type { RelayerConfig } from '../../config/relayer.ts';
import { type Bridge, type Side, sideOf } from '../bridge.ts';
import { releasedAt } from '../commit/reveal-batches.ts';
import { batchAfter } from '../journal/batches.ts';
import { holdsOn, isLaneHeld } from '../journal/holds.ts';
import { laneOf } from '../lanes.ts';
import { createBridge, openEnds } from '../open-bridge.ts';
import { looksOf, type TellHeld } from '../plan.ts';
import type { JobKind, JobRef } from '../queue/job-queue.ts';
import { createLog } from '../relayer-log.ts';
import { batchSubject, releaseCall } from '../submit/release-call.ts';
import { Vitals } from '../vitals.ts';
import { describeFailure } from './finding.ts';
import { openJournal } from './open-journal.ts';
import { requireNobody } from './rebuild-journal.ts';

/** Something that a relayer would do now. */
export interface PlannedJob {
  readonly lane: string;
  readonly what: string;
  /** What it would submit costs at most, in wei, as text; null where nothing is submitted, or what would be is not signed yet. */
  readonly mostWei: string | null;
  /** Whether an operator holds it: it waits until they let it go. */
  readonly isHeld: boolean;
}

/** What a relayer that started now would find. Plain JSON. */
export interface DryRun {
  readonly jobs: readonly PlannedJob[];
  /** Where it cannot see what there is to do, and why. */
  readonly unseen: readonly { readonly look: string; readonly why: string }[];
}

const LOOK_MS = 20_000;

/**
 * Opens everything that a relayer opens, looks for work once, and does none of it: nothing is submitted, and no enclave is told anything.
 *
 * @throws {JournalBusy} a relayer runs @throws {ChainError} CHAIN_SIGNER_INVALID
 */
export async function planOnce(config: RelayerConfig, signal: AbortSignal): Promise<DryRun> {
  await requireNobody(config.journal.folder);
  const journal = await openJournal(config, 'refused');
  try {
    const { database } = journal;
    const log = createLog('silent');
    const ends = await openEnds(config, log);
    const bridge = createBridge(config, ends, { database, log, vitals: new Vitals(), signal });
    try {
      return await planEverywhere(bridge);
    } finally {
      for (const { client } of bridge.enclaves) client.close();
      await ends.close();
    }
  } finally {
    await journal.close();
  }
}

/** Looks for work once, everywhere, and writes nothing down. */
export async function planEverywhere(bridge: Bridge): Promise<DryRun> {
  const jobs: PlannedJob[] = [];
  const unseen: { look: string; why: string }[] = [];
  const tellHeld: TellHeld = async (_, { chain: { chainId } }, { firstIndex }) => {
    jobs.push(heldBatch(bridge, { chainId, firstIndex }));
  };
  const holds = await holdsOn(bridge.database);
  for (const { name, find } of looksOf(bridge, tellHeld)) {
    try {
      const found = await bridge.vitals.wait(`a look at ${name}`, LOOK_MS, find);
      for (const job of found) {
        const lane = laneOf(bridge, job);
        const isHeld = isLaneHeld(holds, lane);
        jobs.push({ lane, isHeld, ...(await describeJob(bridge, job)) });
      }
    } catch (error) {
      unseen.push({ look: name, why: describeFailure(error) });
    }
  }
  return { jobs, unseen };
}

const WHAT: Readonly<Record<JobKind, string>> = {
  follow: 'take the light client along to the newest finality',
  prove: 'prove messages to the enclave',
  commit: 'propose a transition, have it signed, and submit the commit to the anchor',
  confirm: 'show the enclaves that a commit is anchored',
  reveal: 'have release batches signed for this relayer’s account',
  release: 'submit a release batch to the gateway',
  snapshot: 'keep a sealed snapshot of the ledger',
};

function heldBatch(bridge: Bridge, batch: Parameters<typeof batchSubject>[0]): PlannedJob {
  const lane = laneOf(bridge, { kind: 'release', id: `${batch.chainId}` });
  return { lane, what: `submit ${batchSubject(batch)}`, mostWei: null, isHeld: true };
}

type Described = Pick<PlannedJob, 'what' | 'mostWei'>;

async function describeJob(bridge: Bridge, { kind, id }: JobRef): Promise<Described> {
  if (kind !== 'release') return { what: WHAT[kind], mostWei: null };
  return await describeRelease(bridge, sideOf(bridge, BigInt(id)));
}

/**
 * The batch is checked and priced as it would be for submission, within the same ceilings; the transaction goes nowhere. Where its account
 * has to be set up first it can be neither.
 */
async function describeRelease({ database }: Bridge, side: Side): Promise<Described> {
  const { chain, signer, limits } = side;
  const { head } = await releasedAt(side);
  const signed = await batchAfter(database, chain.chainId, head);
  if (signed === undefined) return { what: WHAT.reveal, mostWei: null };
  const { batch } = signed;
  const what = `submit ${batchSubject(batch)} of ${batch.releases.length} releases`;
  // Whatever is tried before the account is set up fails.
  const setup = await chain.setupOf(signer);
  if (setup !== undefined) {
    return { what: `set up account ${signer.address}, then ${what}`, mostWei: null };
  }
  const terms = { ceilings: limits.ceilings };
  const { costWei } = await chain.sign(signer, releaseCall(signed), terms);
  return { what, mostWei: `${costWei}` };
}
