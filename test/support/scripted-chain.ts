import type { Patience } from '../../src/chains/shared/await-inclusion.ts';
import type { Receipt, SentCall } from '../../src/chains/shared/bridged-chain.ts';
import type { Submitter } from '../../src/chains/shared/submit-and-wait.ts';
import type { Hex } from '../../src/shared/bytes.ts';

const HASH: Hex = `0x${'ab'.repeat(32)}`;

/** A transaction, signed at block 0. */
export const SIGNED: SentCall = { hash: HASH, nonce: 0, raw: '0x01', signedAt: 0 };

type Failing = { -readonly [K in keyof Submitter]?: (() => Error) | undefined };

/** A chain that does what a test says, and nothing by itself. */
export interface ScriptedChain extends Submitter {
  /** Which method throws what, until it is taken out. */
  readonly failing: Failing;
  /** Raw transactions that were handed over, in order. */
  readonly broadcasts: Hex[];
  /** In which block each raw transaction is included. */
  readonly included: Map<Hex, number>;
  height(): number;
  /** Makes a block. */
  grow(): void;
}

/** @param script height: of the chain; includedAt: block that has {@link SIGNED} */
export function createScriptedChain(script: {
  readonly height?: number;
  readonly includedAt?: number;
}): ScriptedChain {
  let height = script.height ?? 0;
  const failing: Failing = {};
  const broadcasts: Hex[] = [];
  const included = new Map<Hex, number>();
  const rawOf = new Map([[SIGNED.hash, SIGNED.raw]]);
  if (script.includedAt !== undefined) included.set(SIGNED.raw, script.includedAt);
  const fail = (method: keyof Submitter) => {
    const failure = failing[method]?.();
    if (failure !== undefined) throw failure;
  };
  return {
    name: 'scripted',
    failing,
    broadcasts,
    included,
    height: () => height,
    grow: () => {
      height += 1;
    },
    head: async () => {
      fail('head');
      return { number: height, hash: HASH };
    },
    broadcast: async ({ hash, raw }) => {
      broadcasts.push(raw);
      rawOf.set(hash, raw);
      fail('broadcast');
    },
    receiptOf: async ({ hash }) => {
      fail('receiptOf');
      const blockNumber = included.get(rawOf.get(hash) ?? '0x');
      const isIn = blockNumber !== undefined && blockNumber <= height;
      return isIn ? receiptAt(hash, blockNumber) : undefined;
    },
  };
}

function receiptAt(transactionHash: Hex, blockNumber: number): Receipt {
  return { transactionHash, blockNumber, blockHash: HASH, logs: [] };
}

/** A patience whose clock goes on by a block's time at each pause, and what it has spent. */
export function scriptedPatience(
  onPause: () => void,
  { blockMs = 1000 }: { readonly blockMs?: number } = {},
): { readonly patience: Patience; spentMs(): number } {
  let nowMs = 0;
  const pause = async () => {
    nowMs += blockMs;
    onPause();
  };
  return { patience: { pollMs: 1, nowMs: () => nowMs, pause }, spentMs: () => nowMs };
}
