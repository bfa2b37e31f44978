import * as z from 'zod';
import { bytesUpTo, hexOf } from '../../shared/hex-schema.ts';
import type { EthereumConfig } from './config.ts';
import { ethereumBlockSchema } from './final-block.ts';
import { type KnownBlocks, proveAccount } from './prove-account.ts';
import type { LightClientStore } from './types.ts';
import { verifyStorageProof } from './verify-storage-proof.ts';

const bytes = bytesUpTo(64 * 1024);
const nodes = z.array(bytes).max(4096);

/** An account, and words of its storage, under the header of a final block. */
export const accountStatementSchema = z.strictObject({
  /** RLP of the execution header. */
  header: bytes,
  address: hexOf(20),
  accountProof: nodes,
  slots: z.array(z.strictObject({ slot: hexOf(32), proof: nodes })).max(64),
});

/** See {@link accountStatementSchema}. */
export type AccountStatement = z.output<typeof accountStatementSchema>;

/** What proof bundles hold of this kind of chain, and how it is put. */
export const ethereumEvidence = {
  blockSchema: ethereumBlockSchema,
  statementSchema: accountStatementSchema,
  checkpoint: describeCheckpoint,
  progress: (_: unknown, store: LightClientStore) => describeFinal(store),
  prove: (statement: AccountStatement, _: unknown, known: KnownBlocks) =>
    describeAccount(statement, known),
};

function describeCheckpoint(config: EthereumConfig): string[] {
  return [
    `beacon block ${config.checkpointRoot}`,
    `of the network ${config.genesisValidatorsRoot}`,
  ];
}

function describeFinal({ finalizedHeader: { beacon, execution } }: LightClientStore): string {
  const number = execution.stated === undefined ? '' : `${execution.stated.blockNumber} `;
  return `block ${number}${execution.blockHash} is final (slot ${beacon.slot})`;
}

function describeAccount(
  { address, slots, ...proof }: AccountStatement,
  known: KnownBlocks,
): string {
  const { header, account } = proveAccount(proof, address, known);
  const where = `block ${header.number} ${address}`;
  if (account === undefined) return `${where} does not exist`;
  const words = slots.map(
    ({ slot, proof: path }) =>
      `\n       slot ${slot} holds ${verifyStorageProof(account.storageRoot, slot, path)}`,
  );
  return `${where} has ${account.balanceWei} wei and code ${account.codeHash}${words.join('')}`;
}
