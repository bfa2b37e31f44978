import type { MessageBody } from '../../src/protocol/message.ts';
import { deposit } from '../../test/support/deposits.ts';
import { EnclaveWorld, ETHEREUM, testContext } from '../../test/support/enclave-world.ts';
import { type Carried, carry, nextCutSec } from '../cases/carry.ts';
import { sealedDeposits } from '../cases/sealed-traffic.ts';
import type { Options } from '../options.ts';
import { formatCount, formatMs, printTable } from '../report.ts';
import { exactCpuMs, median } from '../timing.ts';

const MESSAGE_COUNTS = [1, 100, 10_000];
/** Beyond this, a few runs do. */
const MANY = 1000;
const AMOUNT = 1_000n;
const CONTEXT = testContext();

/** What a message takes from its proof to the proposed commit, through the enclave's own commands. */
export async function benchMessages({ isQuick, repeats }: Options): Promise<void> {
  const sentAtSec = nextCutSec(await openWorld());
  const counts = isQuick ? MESSAGE_COUNTS.slice(0, 2) : MESSAGE_COUNTS;
  const most = Math.max(...counts);
  const traffic = { context: CONTEXT, name: 'message', legs: 1, sentAtSec };
  const clear = deposit(ETHEREUM, AMOUNT, { sentAtSec });
  const kinds: [string, readonly MessageBody[]][] = [
    ['sealed', await sealedDeposits(traffic, most)],
    ['transparent', Array.from({ length: most }, () => clear)],
  ];
  const rows: string[][] = [];
  for (const [kind, bodies] of kinds) {
    for (const count of counts) {
      const runs = count > MANY ? 3 : repeats.runs;
      rows.push(rowOf(kind, count, await carryOften(bodies.slice(0, count), runs)));
    }
  }
  printTable({
    title: 'Enclave: time per message',
    columns: ['envelope', 'messages in one round', 'ingest', 'propose', 'per message'],
    rows,
    note: 'One storage proof and the replay of all bodies to it (`ingest`); the opening of the envelopes, their round, its state id and batches (`propose`). Sealed orders have one pooled leg.',
  });
}

function rowOf(kind: string, count: number, times: readonly Carried[]): string[] {
  const ingestMs = median(times.map((time) => time.ingestMs));
  const proposeMs = median(times.map((time) => time.proposeMs));
  const eachMs = (ingestMs + proposeMs) / count;
  return [kind, formatCount(count), formatMs(ingestMs), formatMs(proposeMs), formatMs(eachMs)];
}

/** In enclaves of their own, so that nothing is known before. */
async function carryOften(bodies: MessageBody[], runs: number): Promise<Carried[]> {
  const times: Carried[] = [];
  for (let i = 0; i < runs; i++) times.push(await carry(await openWorld(), bodies, exactCpuMs));
  return times;
}

/** In round 2, where its coins can be paid. */
async function openWorld(): Promise<EnclaveWorld> {
  const world = new EnclaveWorld(CONTEXT);
  await world.openLedger();
  await world.advance();
  return world;
}
