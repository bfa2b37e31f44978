import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import type { BridgedChain } from '../../../../src/chains/shared/bridged-chain.ts';
import { RemoteRefusal } from '../../../../src/enclave-client/enclave-client.ts';
import type { StateProof } from '../../../../src/protocol/state-proof.ts';
import { askWithProof } from '../../../../src/relayer/prove/ask-with-proof.ts';
import type { Disposition } from '../../../../src/shared/errors.ts';

const PROOF = { kind: 'ethereum' } as StateProof;
const bridge = { log: pino({ level: 'silent' }) };

describe('a proof that is given to an enclave', () => {
  const distrustProof = vi.fn<BridgedChain['distrustProof']>(() => 'a.example');
  const chain = { name: 'x', distrustProof } as unknown as BridgedChain;

  /** Whether the node is blamed for what an enclave refuses with this code. */
  const isBlamed = async (
    code: string,
    disposition: Disposition,
    proof: StateProof | null = PROOF,
  ) => {
    distrustProof.mockClear();
    const error = new RemoteRefusal('ingest', { code, disposition, message: 'no', meta: {} });
    const ask = () => Promise.reject(error);
    await expect(askWithProof(bridge, { chain, proof, ask })).rejects.toBe(error);
    return distrustProof.mock.calls.length > 0;
  };

  it('is answered as the enclave answers', async () => {
    expect(await askWithProof(bridge, { chain, proof: PROOF, ask: async () => 7 })).toBe(7);
    expect(distrustProof).not.toHaveBeenCalled();
  });

  it.each(['TRIE_NODE_HASH_MISMATCH', 'READ_PROOF_INCOMPLETE', 'RLP_MALFORMED', 'SCALE_TRUNCATED'])(
    'is the fault of the node that gave it if it is refused with %s',
    async (code) => {
      expect(await isBlamed(code, 'reject')).toBe(true);
      expect(distrustProof).toHaveBeenCalledWith(PROOF, 'an enclave has refused what it told of');
      expect(await isBlamed(code, 'reject', null)).toBe(false);
    },
  );

  it.each([
    ['STATE_PROOF_BLOCK_UNKNOWN', 'retry'],
    ['STATE_PROOF_CONTRACT_ABSENT', 'halt'],
    ['STATE_PROOF_OTHER_ROUTE', 'reject'],
    ['ENCLAVE_CHAIN_UNKNOWN', 'reject'],
    ['ENCLAVE_NOT_ANCHORED', 'retry'],
    // Of the messages that came with it, whose node is found by the logs.
    ['ENCLAVE_REPLAY_MISMATCH', 'retry'],
    ['ENCLAVE_INTERNAL', 'retry'],
  ] as const)('is nobody’s fault if it is refused with %s', async (code, disposition) => {
    expect(await isBlamed(code, disposition)).toBe(false);
  });
});
