import type { MessageBody } from '../../src/protocol/message.ts';
import { deposit, sealedDeposit } from '../../test/support/deposits.ts';
import { EnclaveWorld, ETHEREUM, testContext } from '../../test/support/enclave-world.ts';
import type { Options } from '../options.ts';
import { formatCount, formatMs, printTable } from '../report.ts';
import { median } from '../timing.ts';

const MESSAGE_COUNTS = [1, 100, 10_000];
const AMOUNT_WEI = 10n ** 18n;

/** What a message takes from its proof to the proposed commit, through the enclave's own commands. */
export async function benchMessages({ isQuick, repeats }: Options): Promise<void> {
  const context = await testContext();
  const key = { epoch: context.config.epoch, epochKey: context.keys.epochKey };
  const kinds: [string, MessageBody][] = [
    ['sealed', await sealedDeposit(ETHEREUM, AMOUNT_WEI, { ...key, seed: 5 })],
    ['transparent', deposit(ETHEREUM, AMOUNT_WEI)],
  ];
  const rows: string[][] = [];
  for (const [kind, body] of kinds) {
    for (const count of isQuick ? MESSAGE_COUNTS.slice(0, 2) : MESSAGE_COUNTS) {
      const runs = count > 1000 ? 3 : repeats.runs;
      const times: Times[] = [];
      for (let i = 0; i < runs; i++) times.push(await carry(body, count));
      const ingestMs = median(times.map((time) => time.ingestMs));
      const proposeMs = median(times.map((time) => time.proposeMs));
      const perMessage = (ingestMs + proposeMs) / count;
      rows.push([
        kind,
        formatCount(count),
        formatMs(ingestMs),
        formatMs(proposeMs),
        formatMs(perMessage),
      ]);
    }
  }
  printTable({
    title: 'Enclave: time per message',
    columns: ['envelope', 'messages in one proof', 'ingest', 'propose', 'per message'],
    rows,
    note: 'One storage proof, the replay of all bodies to it, opening of the envelopes (`ingest`); the transition, its state id and batches (`propose`).',
  });
}

interface Times {
  readonly ingestMs: number;
  readonly proposeMs: number;
}

/** An enclave of its own, so that nothing is known before. */
async function carry(body: MessageBody, count: number): Promise<Times> {
  const world = new EnclaveWorld(await testContext());
  world.deposit(ETHEREUM, ...Array.from({ length: count }, () => body));
  const proof = world.proveOutbox(ETHEREUM);
  const messages = world.outboxes.get(ETHEREUM) ?? [];
  const startMs = performance.now();
  await world.run('ingest', { chainId: ETHEREUM, fromIndex: 0n, messages, proof });
  const ingestedMs = performance.now();
  await world.propose(count, 0);
  return { ingestMs: ingestedMs - startMs, proposeMs: performance.now() - ingestedMs };
}
