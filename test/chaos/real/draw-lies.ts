import type { Random } from '../../fuzz/random.ts';
import type { Liar, Lie, RpcCall } from './rpc-wire.ts';

// What real nodes were seen to say when something was wrong with them, each in its own words.

const OF_ANY = [
  [-32000, 'header not found'],
  [-32005, 'query returned more than 10000 results'],
  [-32603, 'internal error'],
  [-32016, 'You reached the free tier limits'],
  [4003, 'Client error: UnknownBlock: State already discarded for 0x00'],
] as const;

/** Of pages that stand where an answer should: also one that says that all is well. */
const STATUSES = [200, 429, 500, 502, 503] as const;

const OF_SENDING = {
  eth_sendRawTransaction: [
    [-32000, 'already known'],
    [-32000, 'nonce too low'],
    [-32000, 'replacement transaction underpriced'],
    [-32000, 'txpool is full'],
  ],
  author_submitExtrinsic: [
    [1010, 'Invalid Transaction'],
    [1012, 'Transaction is temporarily banned'],
    [1013, 'Transaction Already Imported'],
    [1016, 'Immediately Dropped'],
  ],
} as const;

/** Asked once, of what a chain is for ever: a node that lies of these is another chain's, which ends a relayer. */
const IDENTITY =
  /^(?:eth_chainId|net_version|chain_getBlockHash|state_getMetadata|state_call|system_|rpc_|state_getRuntimeVersion|chain_subscribe|state_subscribe)/;

/** A node of whose answers so many of a thousand are not so. */
export function createLiar(random: Random, perMille: number): Liar {
  return (call) => {
    if (IDENTITY.test(call.method) || random.below(1000) >= perMille) return undefined;
    if (call.method === 'GET') return lieOfBeacon(random);
    const sending = OF_SENDING[call.method as keyof typeof OF_SENDING];
    if (sending !== undefined) return refusal(random, sending);
    return random.pick<() => Lie>([
      () => refusal(random, OF_ANY),
      () => ({ change: () => null }),
      () => ({ isStale: true }),
      () => ({ isTorn: true }),
      () => ({ status: random.pick(STATUSES) }),
      () => ({ change: (result) => spoil(call, result, random) }),
    ])();
  };
}

/** A beacon node that has lost its history, has nothing, or signs what is not so. */
function lieOfBeacon(random: Random): Lie {
  return random.pick<() => Lie>([
    () => ({ change: () => null }),
    () => ({ change: () => ({ data: null }) }),
    () => ({ change: () => [] }),
    () => ({ isStale: true }),
    () => ({ isTorn: true }),
    () => ({ status: random.pick(STATUSES) }),
    () => ({ change: (result) => otherDigit(result, random) }),
  ])();
}

/** One of all hexadecimal digits is another: of a root, a key or a signature. */
function otherDigit(result: unknown, random: Random): unknown {
  const text = JSON.stringify(result);
  const words = [...text.matchAll(/0x[0-9a-f]{8,}/g)];
  if (words.length === 0) return result;
  const word = random.pick(words);
  const at = word.index + 2 + random.below(word[0].length - 2);
  return JSON.parse(`${text.slice(0, at)}${text[at] === '5' ? '6' : '5'}${text.slice(at + 1)}`);
}

/** A node may have taken what it refuses. */
function refusal(random: Random, said: readonly (readonly [number, string])[]): Lie {
  const [code, message] = random.pick(said);
  return { error: { code, message }, ...(random.below(2) === 0 && { isDone: true }) };
}

/** Of a list some are left out, doubled, in another order or of another contract; anything else stays. */
function spoil({ method }: RpcCall, result: unknown, random: Random): unknown {
  if (!Array.isArray(result) || result.length === 0) return result;
  const at = random.below(result.length);
  const ways = [
    () => [],
    () => result.filter((_, i) => i !== at),
    () => [...result, result[at]],
    () => result.toReversed(),
    ...(method === 'eth_getLogs'
      ? [() => [...result, { ...result[at], address: `0x${'66'.repeat(20)}` }]]
      : []),
  ];
  return random.pick(ways)();
}
