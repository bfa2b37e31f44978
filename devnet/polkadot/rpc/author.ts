import { type Hex, toHex } from '../../../src/shared/bytes.ts';
import type { Chain } from '../chain.ts';
import { decodeCompact } from '../compact.ts';
import { RuntimeTrapError } from '../executor.ts';
import { bytesOf } from '../hex.ts';
import { hashExtrinsic, PoolError } from '../transaction-pool.ts';
import type { TransactionWatches } from '../transaction-watches.ts';
import type { Emit, RpcModule, RpcParams } from './module.ts';
import { takeHex } from './params.ts';
import { invalidParams, RpcError } from './rpc-error.ts';

/** The words of parity-scale-codec. */
export const UNDECODABLE =
  'Could not decode `OpaqueExtrinsic.0`:\n\tNot enough data to fill buffer\n';

/** `author_*`: the way into the pool. */
export function createAuthorModule(chain: Chain, watches: TransactionWatches): RpcModule {
  return {
    methods: {
      author_submitExtrinsic: (params) => submit(chain, takeExtrinsic(params)),
      author_pendingExtrinsics: () => chain.pool.ready().map(({ extrinsic }) => extrinsic),
      author_removeExtrinsic: (params) => removeExtrinsics(chain, params),
    },
    subscriptions: {
      author_submitAndWatchExtrinsic: {
        notification: 'author_extrinsicUpdate',
        unsubscribe: ['author_unwatchExtrinsic'],
        start: (params, emit) =>
          submitAndWatch(chain, { watches, extrinsic: takeExtrinsic(params), emit }),
      },
    },
  };
}

function takeExtrinsic(params: RpcParams): Hex {
  const extrinsic = cutExtrinsic(takeHex(params, 0));
  if (extrinsic === undefined) throw new RpcError(1040, `Client error: ${UNDECODABLE}`);
  return extrinsic;
}

/**
 * The extrinsic at the start of the bytes, which its own length tells; as in a node what follows is
 * left. Undefined if there are too few bytes: those never reach the runtime.
 */
export function cutExtrinsic(hex: Hex): Hex | undefined {
  const bytes = bytesOf(hex);
  const [length, prefix] = decodeCompact(bytes);
  const isWhole = bytes.length > 0 && bytes.length >= length + prefix;
  return isWhole ? toHex(bytes.subarray(0, length + prefix)) : undefined;
}

async function submit(chain: Chain, extrinsic: Hex): Promise<Hex> {
  try {
    return (await chain.pool.submit(extrinsic, () => chain.tree.best)).hash;
  } catch (error) {
    throw toRpcError(error);
  }
}

async function submitAndWatch(
  chain: Chain,
  request: { watches: TransactionWatches; extrinsic: Hex; emit: Emit },
): Promise<() => void> {
  const stop = request.watches.watch(hashExtrinsic(request.extrinsic), request.emit);
  try {
    await submit(chain, request.extrinsic);
    return stop;
  } catch (error) {
    stop();
    throw error;
  }
}

function removeExtrinsics({ pool, tree }: Chain, [list]: RpcParams): readonly Hex[] {
  if (!Array.isArray(list)) throw invalidParams('parameter 0 is not a list');
  const hashes = list.map((item: unknown) => {
    if (typeof item !== 'object' || item === null)
      throw invalidParams('expected {hash} or {extrinsic}');
    if ('hash' in item) return takeHex([item.hash], 0);
    return hashExtrinsic(takeHex(['extrinsic' in item ? item.extrinsic : undefined], 0));
  });
  return hashes.filter((hash) => pool.ban(hash, { kind: 'dropped', at: tree.best }));
}

/** SPEC: sc-rpc-api, author errors 1000 and up. */
function toRpcError(error: unknown): unknown {
  if (error instanceof RuntimeTrapError) {
    return new RpcError(
      1002,
      `Verification Error: Runtime error: ${error.meta.reason}`,
      'RuntimeApi',
    );
  }
  if (!(error instanceof PoolError)) return error;
  const { reason } = error.meta;
  switch (error.code) {
    case 'DEVNET_POOL_INVALID':
      return new RpcError(1010, 'Invalid Transaction', reason);
    case 'DEVNET_POOL_UNKNOWN_VALIDITY':
      return new RpcError(1011, 'Unknown Transaction Validity', reason);
    case 'DEVNET_POOL_BANNED':
      return new RpcError(1012, 'Transaction is temporarily banned');
    case 'DEVNET_POOL_ALREADY_IMPORTED':
      return new RpcError(1013, 'Transaction Already Imported', 'Any { .. }');
    case 'DEVNET_POOL_PRIORITY_TOO_LOW':
      return new RpcError(
        1014,
        `Priority is too low: (${reason})`,
        'The transaction has too low priority to replace another transaction already in the pool.',
      );
    case 'DEVNET_POOL_FULL':
      return new RpcError(
        1016,
        'Immediately Dropped',
        "The transaction couldn't enter the pool because of the limit",
      );
  }
}
