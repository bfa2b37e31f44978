import { Transaction } from 'ethers';
import { GATEWAY_ABI } from '../../chains/shared/abi.ts';
import type { RelayerConfig } from '../../config/relayer.ts';
import type { Hex } from '../../shared/bytes.ts';
import { type Bridge, type Side, sideOf } from '../bridge.ts';
import { releasedAt } from '../commit/reveal-batches.ts';
import { batchAfter } from '../journal/batches.ts';
import { laneOf } from '../lanes.ts';
import { createBridge, openEnds } from '../open-bridge.ts';
import { looksOf } from '../plan.ts';
import type { JobKind, JobRef } from '../queue/job-queue.ts';
import { createLog } from '../relayer-log.ts';
import { Vitals } from '../vitals.ts';
import { describeFailure } from './finding.ts';
import { openJournal } from './open-journal.ts';
import { requireNobody } from './rebuild-journal.ts';

/** Something that a relayer would do now. */
export interface PlannedJob {
  readonly lane: string;
  readonly what: string;
  /** What it would submit costs at most, in wei, as text; null where nothing is submitted, or the chain says so only afterwards. */
  readonly mostWei: string | null;
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
      return await lookEverywhere(bridge);
    } finally {
      for (const { client } of bridge.enclaves) client.close();
      await ends.close();
    }
  } finally {
    await journal.close();
  }
}

async function lookEverywhere(bridge: Bridge): Promise<DryRun> {
  const jobs: PlannedJob[] = [];
  const unseen: { look: string; why: string }[] = [];
  for (const { name, find } of looksOf(bridge)) {
    try {
      const found = await bridge.vitals.wait(`a look at ${name}`, LOOK_MS, find);
      for (const job of found) jobs.push(await describeJob(bridge, job));
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

async function describeJob(bridge: Bridge, job: JobRef): Promise<PlannedJob> {
  const lane = laneOf(bridge, job);
  const what = WHAT[job.kind];
  if (job.kind !== 'release') return { lane, what, mostWei: null };
  return { lane, ...(await describeRelease(bridge, sideOf(bridge, BigInt(job.id)))) };
}

/** The batch is checked and priced as it would be for submission; the transaction goes nowhere. */
async function describeRelease(
  { database }: Bridge,
  side: Side,
): Promise<Omit<PlannedJob, 'lane'>> {
  const { chain, gateway, signer } = side;
  const { head } = await releasedAt(side);
  const signed = await batchAfter(database, chain.chainId, head);
  if (signed === undefined) return { what: WHAT.reveal, mostWei: null };
  const { batch, epoch, submitter, signatures } = signed;
  const what = `submit batch ${chain.chainId}/${batch.firstIndex} of ${batch.releases.length} releases`;
  const args = [{ ...batch, epoch, submitter }, signatures];
  const data = GATEWAY_ABI.encodeFunctionData('release', args) as Hex;
  const { raw } = await chain.sign(signer, { to: gateway, data, valueWei: 0n });
  return { what, mostWei: mostWeiOf(raw) };
}

/** Only Ethereum's transactions say what they cost at most. */
function mostWeiOf(raw: Hex): string | null {
  if (!raw.startsWith('0x02')) return null;
  const { gasLimit, maxFeePerGas } = Transaction.from(raw);
  return maxFeePerGas === null ? null : `${gasLimit * maxFeePerGas}`;
}
