import { encodeAddress } from '../../../dist/polkadot/util-crypto.mjs';
import { concatBytes, type Hex, toHex } from '../../../src/shared/bytes.ts';
import { computeThreshold } from '../authority-set.ts';
import type { Block, BlockTree } from '../block-tree.ts';
import type { Chain } from '../chain.ts';
import { encodeBytes, encodeCompact } from '../compact.ts';
import type { GrandpaVoter } from '../grandpa-voter.ts';
import { encodeHeader } from '../header.ts';
import { bytesOf } from '../hex.ts';
import type { RpcModule } from './module.ts';
import { takeNumber } from './params.ts';
import { RpcError } from './rpc-error.ts';

/** `grandpa_*`: justifications as they come, finality proofs of past blocks. */
export function createGrandpaModule({ tree }: Chain, voter: GrandpaVoter): RpcModule {
  return {
    methods: {
      grandpa_proveFinality: (params) => proveFinality(tree, takeNumber(params, 0)),
      grandpa_roundState: () => toRoundStateJson(voter),
    },
    subscriptions: {
      grandpa_subscribeJustifications: {
        notification: 'grandpa_justifications',
        unsubscribe: ['grandpa_unsubscribeJustifications'],
        start: (_params, emit) =>
          tree.finalizedBlocks.subscribe(({ justification }) => emit(justification)),
      },
    },
  };
}

/**
 * The justification of the last block of the set that finalized `number`, as a node answers: in the
 * running set the newest one, in set 0 none.
 */
function proveFinality(tree: BlockTree, number: number): Hex | null {
  const block = tree.atNumber(number);
  if (number > tree.finalized.header.number) throw proofRefused('Block not yet finalized');
  if (block === undefined) return null;
  const justified = findJustified(tree, block);
  const justification = tree.justificationOf(justified.hash);
  if (justification === undefined) return null;
  const unknown: Uint8Array[] = [];
  for (let at = number + 1; at <= justified.header.number; at++) {
    const header = tree.atNumber(at)?.header;
    if (header !== undefined) unknown.push(encodeHeader(header));
  }
  return toHex(
    concatBytes(
      bytesOf(justified.hash),
      encodeBytes(bytesOf(justification)),
      encodeCompact(unknown.length),
      ...unknown,
    ),
  );
}

function findJustified(tree: BlockTree, block: Block): Block {
  const { finalized } = tree;
  for (let number = block.header.number; number <= finalized.header.number; number++) {
    const at = tree.atNumber(number);
    if (at?.grandpa.endsSet === true) return at;
  }
  if (block.grandpa.set.setId === 0) {
    throw proofRefused('Block not covered by authority set changes');
  }
  return finalized;
}

/** SPEC: sc-consensus-grandpa-rpc, error 4. */
function proofRefused(reason: string): RpcError {
  return new RpcError(4, `GRANDPA prove finality rpc failed: ${reason}`);
}

function toRoundStateJson(voter: GrandpaVoter): object {
  const set = voter.currentSet;
  const missing = set.authorities.map(({ id }) => encodeAddress(bytesOf(id)));
  const nothing = { currentWeight: 0, missing };
  return {
    setId: set.setId,
    best: {
      round: voter.round.setId === set.setId ? voter.round.round + 1 : 1,
      totalWeight: Number(set.authorities.reduce((sum, { weight }) => sum + weight, 0n)),
      thresholdWeight: Number(computeThreshold(set)),
      prevotes: nothing,
      precommits: nothing,
    },
    background: [],
  };
}
