import * as z from 'zod';
import type { Route } from '../../protocol/chain-kind.ts';
import { bytesUpTo, hexOf } from '../../shared/hex-schema.ts';
import type { PolkadotConfig } from './config.ts';
import { findContractsBlock } from './find-contracts-block.ts';
import {
  MAX_HEADER_BYTES,
  MAX_PARENT_HEADERS,
  MAX_PROOF_BYTES,
  MAX_PROOF_NODES,
} from './limits.ts';
import type { FinalizedBlock, PolkadotStore } from './store.ts';
import { verifyAccountInfo } from './verify-account-info.ts';
import { verifyContractSlots } from './verify-contract-slot.ts';

const nodes = z.array(bytesUpTo(MAX_PROOF_BYTES)).max(MAX_PROOF_NODES);
const at = {
  /** Hash of the final block; of the relay chain's, if the contracts are on a parachain. */
  blockHash: hexOf(32),
  /** From the relay chain's block to one of the parachain; given if the route names a parachain, and only then. */
  hop: z
    .strictObject({
      headNodes: nodes,
      /** SCALE headers from the head's parent down to the block proven. */
      parents: z.array(bytesUpTo(MAX_HEADER_BYTES)).max(MAX_PARENT_HEADERS),
    })
    .optional(),
  nodes,
};

/** What may be shown of a contract in a final block. */
export const contractStatementSchema = z.union([
  /** Words of a contract's child trie; the nodes prove all of them together. */
  z.strictObject({ ...at, trieId: hexOf(32), slots: z.array(hexOf(32)).min(1).max(64) }),
  /** Which child trie and code a contract has. */
  z.strictObject({ ...at, address: hexOf(20) }),
]);

/** See {@link contractStatementSchema}. */
export type ContractStatement = z.output<typeof contractStatementSchema>;

/** What proof bundles hold of this kind of chain, and how it is put. */
export const polkadotEvidence = {
  blockSchema: z.strictObject({
    number: z.int().min(0).max(0xffff_ffff),
    hash: hexOf(32),
    stateRoot: hexOf(32),
  }),
  statementSchema: contractStatementSchema,
  checkpoint: describeCheckpoint,
  progress: describeProgress,
  prove: describeContract,
};

function describeCheckpoint({ checkpoint }: PolkadotConfig): string[] {
  const { number, hash, setId, authorities } = checkpoint;
  return [`block ${number} ${hash}`, `set ${setId} of ${authorities.length} authorities`];
}

function describeProgress(before: PolkadotStore | null, after: PolkadotStore): string {
  const { finalized, authoritySet } = after;
  const changes = authoritySet.setId - (before?.authoritySet.setId ?? authoritySet.setId);
  const handOver =
    changes === 0n
      ? ''
      : ` after ${changes} hand-over(s), to ${authoritySet.authorities.length} authorities`;
  return `block ${finalized.number} ${finalized.hash} is final, next set ${authoritySet.setId}${handOver}`;
}

function describeContract(
  statement: ContractStatement,
  route: Route,
  known: { readonly client: string; readonly recent: readonly FinalizedBlock[] },
): string {
  const { hash, stateRoot } = findContractsBlock(statement, route, known);
  if ('address' in statement) {
    const { address } = statement;
    const { trieId, codeHash } = verifyAccountInfo(stateRoot, address, statement.nodes);
    return `block ${hash} ${address} is the contract with child trie ${trieId} and code ${codeHash}`;
  }
  const { trieId, slots } = statement;
  const words = verifyContractSlots(stateRoot, { trieId }, slots, statement.nodes);
  const lines = slots.map((slot, i) => `\n       slot ${slot} holds ${words[i]}`);
  return `block ${hash} the contract with child trie ${trieId}${lines.join('')}`;
}
