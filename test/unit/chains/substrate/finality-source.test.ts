import { describe, expect, it } from 'vitest';
import { follow } from '../../../../src/chains/substrate/finality-source.ts';
import type { LightClientStatus } from '../../../../src/protocol/enclave-commands.ts';
import { fromHex, type Hex } from '../../../../src/shared/bytes.ts';

const HASH: Hex = `0x${'01'.repeat(32)}`;

const status = (finalizedNumber: number) => ({
  client: 'polkadot',
  kind: 'substrate' as const,
  held: HASH,
  committee: 0n,
  finalizedNumber: BigInt(finalizedNumber),
});

const fragment = (number: number) => ({
  number,
  header: fromHex(`0x${number.toString(16).padStart(8, '0')}`),
  justification: new Uint8Array([7]),
});

/** Follows a chain whose blocks with fragments are `numbers`; `answer` gives the client's block after each command. */
async function stepsOver(
  numbers: readonly number[],
  from: number,
  answer: (last: number) => LightClientStatus,
) {
  const asked: [number, number][] = [];
  const head = numbers.at(-1) ?? from;
  const steps = follow(
    {
      client: 'polkadot',
      blocks: { finalizedHead: async () => ({ number: head, hash: HASH }) },
      fragments: {
        forget: () => undefined,
        fragments: async (after, upTo) => {
          asked.push([after, upTo]);
          return numbers.filter((number) => number > after).map(fragment);
        },
      },
    },
    status(from),
  );
  const sent: number[][] = [];
  let step = await steps.next(status(from));
  while (!step.done) {
    if (step.value.command !== 'advance') throw new Error('it starts from the configuration');
    const headers = step.value.params.updates.map((update) => (update as { header: Hex }).header);
    sent.push(headers.map(Number));
    step = await steps.next(answer(Number(headers.at(-1))));
  }
  return { sent, asked };
}

const blocks = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe('a GRANDPA light client that is taken forward', () => {
  it('gets all fragments in commands of 128', async () => {
    const { sent, asked } = await stepsOver(blocks(300), 0, status);
    expect(asked).toEqual([[0, 300]]);
    expect(sent.map(({ length }) => length)).toEqual([128, 128, 44]);
    expect(sent.flat()).toEqual(blocks(300));
  });

  it('gets nothing that it knows already', async () => {
    expect((await stepsOver(blocks(5), 5, status)).sent).toEqual([]);
  });

  it('goes on from where somebody else has taken it meanwhile', async () => {
    const { sent } = await stepsOver(blocks(300), 0, (last) => status(Math.max(last, 290)));
    expect(sent.map((numbers) => [numbers[0], numbers.at(-1)])).toEqual([
      [1, 128],
      [291, 300],
    ]);
  });

  it('is left alone if it takes what it gets and stands still', async () => {
    const { sent } = await stepsOver(blocks(300), 0, () => status(0));
    expect(sent).toHaveLength(1);
  });

  it('writes headers and justifications as hex', async () => {
    const steps = follow(
      {
        client: 'polkadot',
        blocks: { finalizedHead: async () => ({ number: 1, hash: HASH }) },
        fragments: { forget: () => undefined, fragments: async () => [fragment(1)] },
      },
      status(0),
    );
    expect((await steps.next(status(0))).value).toEqual({
      command: 'advance',
      params: { client: 'polkadot', updates: [{ header: '0x00000001', justification: '0x07' }] },
    });
  });
});
