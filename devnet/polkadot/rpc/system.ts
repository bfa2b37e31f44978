import { decodeAddress } from '../../../dist/polkadot/util-crypto.mjs';
import { type Hex, toHex } from '../../../src/shared/bytes.ts';
import { computeNextNonce } from '../account-nonce.ts';
import { initializeCall } from '../block-builder.ts';
import { nextSlotAfter } from '../block-producer.ts';
import type { Chain } from '../chain.ts';
import { RuntimeTrapError } from '../executor.ts';
import { encodeAuraPreDigest } from '../header.ts';
import { cutExtrinsic, UNDECODABLE } from './author.ts';
import type { RpcModule, RpcParams } from './module.ts';
import { takeBlock, takeHex, takeText } from './params.ts';
import { invalidParams, RpcError } from './rpc-error.ts';

/** How the chain presents itself, the same words as the native node's. */
export type SystemIdentity = { readonly chain: string; readonly chainType: string };

const PEER_ID = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp';

/** `system_*`: identity, health, nonces, dry runs. */
export function createSystemModule(chain: Chain, identity: SystemIdentity): RpcModule {
  const nextIndex = (params: RpcParams) => computeNextNonce(chain, takeAccount(params));
  const dryRun = (params: RpcParams) => dryRunExtrinsic(chain, params);
  return {
    methods: {
      system_name: () => 'Veilspan Node',
      system_version: () => '0.1.0',
      system_chain: () => identity.chain,
      system_chainType: () => identity.chainType,
      system_properties: () => ({ ss58Format: 42, tokenDecimals: 10, tokenSymbol: 'DOT' }),
      system_health: () => ({ peers: 0, isSyncing: false, shouldHavePeers: false }),
      system_peers: () => [],
      system_localPeerId: () => PEER_ID,
      system_localListenAddresses: () => [],
      system_nodeRoles: () => ['Authority'],
      system_syncState() {
        const { number } = chain.tree.best.header;
        return { startingBlock: 0, currentBlock: number, highestBlock: number };
      },
      system_accountNextIndex: nextIndex,
      account_nextIndex: nextIndex,
      system_dryRun: dryRun,
      system_dryRunAt: dryRun,
    },
  };
}

function takeAccount(params: RpcParams) {
  const address = takeText(params, 0);
  try {
    return toHex(decodeAddress(address));
  } catch (error) {
    throw invalidParams(`invalid account address: ${String(error)}`);
  }
}

/** The runtime's `ApplyExtrinsicResult` for an extrinsic first in the next block. */
async function dryRunExtrinsic(chain: Chain, params: RpcParams): Promise<Hex> {
  const extrinsic = cutExtrinsic(takeHex(params, 0));
  const block = takeBlock(chain, params, 1);
  if (extrinsic === undefined) throw new RpcError(2, 'Unable to dry run extrinsic', UNDECODABLE);
  try {
    const { result } = await chain.executor.run(block.state, [
      initializeCall(block, [encodeAuraPreDigest(nextSlotAfter(block))]),
      ['BlockBuilder_apply_extrinsic', [extrinsic]],
    ]);
    return result;
  } catch (error) {
    if (!(error instanceof RuntimeTrapError)) throw error;
    throw new RpcError(1, 'Unable to dry run extrinsic.', error.meta.reason);
  }
}
