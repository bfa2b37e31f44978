import { deposit } from '../../test/support/deposits.ts';
import {
  cutOf,
  EnclaveWorld,
  ETHEREUM,
  POLKADOT,
  testContext,
} from '../../test/support/enclave-world.ts';
import type { Options } from '../options.ts';
import { formatCount, formatMs, printTable } from '../report.ts';
import { cpuMs } from '../timing.ts';

const CONTEXT = testContext();
const AMOUNT = 1_000n;
/** Rounds of four seconds in a day, with and without deposits each way, in equal parts over them. */
const ABSENCES = [
  { rounds: 900, count: 0 },
  { rounds: 21_600, count: 0 },
  { rounds: 21_600, count: 1_000 },
  { rounds: 21_600, count: 10_000 },
] as const;

/** What an enclave takes for the first commit after an absence: over all rounds at once that nobody committed. */
export async function benchAbsence({ isQuick }: Options): Promise<void> {
  const rows: string[][] = [];
  for (const absence of isQuick ? ABSENCES.slice(0, 2) : ABSENCES) rows.push(await rowOf(absence));
  printTable({
    title: 'Enclave: the first commit after an absence',
    columns: ['rounds', 'deposits each way', 'ingest', 'propose'],
    rows,
    note: 'Processor time of one run. Rounds of four seconds: 900 are an hour, 21,600 a day. Transparent deposits.',
  });
}

async function rowOf({ rounds, count }: (typeof ABSENCES)[number]): Promise<string[]> {
  const world = new EnclaveWorld(CONTEXT);
  await world.openLedger();
  await world.advance();
  const { round } = world.ledger.state;
  for (const chainId of [ETHEREUM, POLKADOT]) {
    const messages = Array.from({ length: count }, (_, i) => {
      const sentIn = round + 1n + BigInt(Math.floor((i * rounds) / count));
      return deposit(chainId, AMOUNT, { sentAtSec: cutOf(chainId, sentIn) });
    });
    world.deposit(chainId, ...messages);
  }
  const last = round + BigInt(rounds);
  const ingestMs = await cpuMs(() => world.reach(last));
  const proposeMs = await cpuMs(() => world.propose({ round: last }));
  return [formatCount(rounds), formatCount(count), formatMs(ingestMs), formatMs(proposeMs)];
}
