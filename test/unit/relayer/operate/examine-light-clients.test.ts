import { expect, it } from 'vitest';
import { ChainError } from '../../../../src/chains/shared/bridged-chain.ts';
import type {
  FinalitySource,
  FinalityStep,
} from '../../../../src/chains/shared/finality-source.ts';
import type { LightClientStatus } from '../../../../src/protocol/enclave-commands.ts';
import { checkOf } from '../../../../src/relayer/operate/examine-light-clients.ts';
import { examineAll } from '../../../../src/relayer/operate/finding.ts';
import { Vitals } from '../../../../src/relayer/vitals.ts';

const STANDING: LightClientStatus = {
  client: 'grandpa',
  kind: 'substrate',
  held: `0x${'01'.repeat(32)}`,
  committee: 7n,
  finalizedNumber: 40n,
};
const STEP = { command: 'advance', params: { client: 'grandpa' } } as unknown as FinalityStep;

async function found(follow: FinalitySource['follow']) {
  const [finding] = await examineAll(new Vitals(), [
    checkOf('a light client', { follow }, STANDING),
  ]);
  return finding;
}

it('a light client that its nodes can take on is well, and is asked for one step only', async () => {
  let made = 0;
  const step = await found(async function* () {
    for (;;) {
      made += 1;
      yield STEP;
    }
  });
  expect(step).toMatchObject({ verdict: 'ok', says: 'committee 7: the node has what follows' });
  expect(made).toBe(1);
  // biome-ignore lint/correctness/useYield: there is nothing to be shown.
  const end = await found(async function* () {
    return;
  });
  expect(end).toMatchObject({ verdict: 'ok', says: 'committee 7: it has all there is' });
});

it('a light client whose nodes have thrown away what follows fails, with what to do', async () => {
  // biome-ignore lint/correctness/useYield: it has nothing to show.
  const gone = await found(async function* () {
    throw new ChainError('CHAIN_PERIOD_MISSING', { chain: 'beacon', what: 'no update of 8' });
  });
  expect(gone).toMatchObject({
    verdict: 'fail',
    says: expect.stringContaining('CHAIN_PERIOD_MISSING'),
    fix: expect.stringContaining('committee 7'),
  });
});
