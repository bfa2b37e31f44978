import { Interface } from 'ethers';
import { expect, it } from 'vitest';
import { REGISTRY_ABI } from '../../../../src/chains/shared/abi.ts';
import { ChainError } from '../../../../src/chains/shared/bridged-chain.ts';
import {
  createRulesReader,
  type SignedContract,
} from '../../../../src/relayer/quorum/signing-rules.ts';
import type { Hex } from '../../../../src/shared/bytes.ts';
import { asyncRefusal } from '../../../support/async-refusal.ts';

const address = (byte: string): Hex => `0x${byte.repeat(20)}`;
const GATEWAY = address('0a');
const REGISTERED = new Interface(['function registry() view returns (address)']);
const NOW_SEC = 1000n;

/** A registry of two keys, the second revoked and the third expired, and how often it is asked. */
function registry() {
  const asked: string[] = [];
  const state = { epoch: 4n, threshold: 2n, fails: false };
  const expiries = new Map([
    [address('01'), NOW_SEC + 1n],
    [address('02'), NOW_SEC + 1n],
    [address('03'), NOW_SEC],
  ]);
  const call = async (to: Hex, data: Hex): Promise<Hex> => {
    if (state.fails) throw new ChainError('CHAIN_UNAVAILABLE', { chain: 'one', what: 'gone' });
    const abi = to === GATEWAY ? REGISTERED : REGISTRY_ABI;
    const { name = '', args = [] } = abi.parseTransaction({ data }) ?? {};
    asked.push(name);
    const enclave = `${args.at(-1)}`.toLowerCase() as Hex;
    const answers: Record<string, unknown[]> = {
      registry: [address('e9')],
      epoch: [state.epoch],
      threshold: [state.threshold],
      enclaveOf: [[expiries.get(enclave) ?? 0n, `0x${'00'.repeat(32)}`]],
      isRevoked: [enclave === address('02')],
    };
    return abi.encodeFunctionResult(name, answers[name]) as Hex;
  };
  const head = async () => ({ number: 1, hash: `0x${'bb'.repeat(32)}` as const });
  const chain = { name: 'one', call, head, blockTimeSec: async () => NOW_SEC };
  return { asked, state, contract: { chain, address: GATEWAY } satisfies SignedContract };
}

it('who may sign is what the contract’s registry says at the time of the newest block', async () => {
  const { contract } = registry();
  const rules = await createRulesReader(() => 0)(contract);
  expect([rules.epoch, rules.threshold]).toEqual([4n, 2]);
  const admitted = ['01', '02', '03', '04'].map((byte) => rules.isAdmitted(address(byte)));
  expect(await Promise.all(admitted)).toEqual([true, false, false, false]);
});

it('the registry is asked again after half a minute, and at once after it has not answered', async () => {
  const { contract, asked, state } = registry();
  let nowMs = 0;
  const read = createRulesReader(() => nowMs);
  const count = () => asked.filter((name) => name === 'epoch').length;
  await Promise.all([read(contract), read(contract)]);
  expect(count()).toBe(1);
  Object.assign(state, { epoch: 5n, threshold: 3n });
  nowMs = 29_999;
  expect((await read(contract)).epoch).toBe(4n);
  nowMs = 30_000;
  expect((await read(contract)).epoch).toBe(5n);
  state.fails = true;
  nowMs = 60_000;
  expect((await asyncRefusal(read(contract))).code).toBe('CHAIN_UNAVAILABLE');
  state.fails = false;
  expect((await read(contract)).threshold).toBe(3);
});
