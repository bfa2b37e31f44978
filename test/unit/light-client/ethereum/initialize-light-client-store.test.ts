import { describe, expect, it } from 'vitest';
import { initializeLightClientStore } from '../../../../src/light-client/ethereum/initialize-light-client-store.ts';
import type { LightClientBootstrap } from '../../../../src/light-client/ethereum/types.ts';
import { toHex } from '../../../../src/shared/bytes.ts';
import { makeBootstrap, makeSigners, WORLD } from '../../../support/ethereum-world.ts';
import { makeExecutionBlock } from '../../../support/execution-block.ts';
import { refusal } from '../../../support/refusal.ts';

const { committee } = makeSigners(1);
const { committee: other } = makeSigners(2);

function refuse(
  slot: number,
  change: (bootstrap: LightClientBootstrap) => LightClientBootstrap,
): object {
  const { bootstrap, config } = makeBootstrap(slot, committee);
  const { code, meta } = refusal(() => initializeLightClientStore(config, change(bootstrap)));
  return { code, ...meta };
}

describe('starting from a checkpoint', () => {
  it.each([
    ['Capella', 8],
    ['Deneb', 40],
    ['Electra', 88],
    ['Fulu', 168],
  ])('works in %s', (_, slot) => {
    const { bootstrap, config } = makeBootstrap(slot, committee);
    const store = initializeLightClientStore(config, bootstrap);
    expect(store.finalizedHeader.execution.stated?.blockNumber).toBe(BigInt(slot + 1000));
    expect(store.currentSyncCommittee).toBe(committee);
    expect(store.nextSyncCommittee).toBeUndefined();
  });

  it('works in Gloas, from the hash of an execution block', () => {
    const { bootstrap, config } = makeBootstrap(328, committee);
    const { finalizedHeader, currentSyncCommittee } = initializeLightClientStore(config, bootstrap);
    const { blockHash } = makeExecutionBlock(327, WORLD).payload;
    expect(finalizedHeader.execution.blockHash).toBe(toHex(blockHash));
    expect(currentSyncCommittee).toBe(committee);
  });

  it('refuses another block than the pinned one before it looks at anything else', () => {
    const { bootstrap: elsewhere } = makeBootstrap(96, other);
    expect(refuse(88, () => ({ ...elsewhere, currentSyncCommitteeBranch: [] }))).toMatchObject({
      code: 'ETHEREUM_CHECKPOINT_MISMATCH',
      subject: 'checkpointRoot',
    });
  });

  it('refuses a committee that the checkpoint does not prove', () => {
    expect(refuse(88, (made) => ({ ...made, currentSyncCommittee: other }))).toMatchObject({
      code: 'ETHEREUM_BRANCH_INVALID',
      subject: 'current sync committee branch',
    });
  });

  it.each([
    ['Deneb', 40, 5],
    ['Electra', 88, 6],
    ['Gloas', 328, 11],
  ])('refuses a branch of another length in %s', (_, slot, depth) => {
    const shorter = (made: LightClientBootstrap) => made.currentSyncCommitteeBranch.slice(1);
    expect(
      refuse(slot, (made) => ({ ...made, currentSyncCommitteeBranch: shorter(made) })),
    ).toMatchObject({
      code: 'ETHEREUM_BRANCH_LENGTH',
      expected: `${depth} siblings`,
      got: `${depth - 1}`,
    });
  });

  it('refuses an execution header that is not in the block', () => {
    expect(
      refuse(88, (made) => {
        const execution = { ...made.header.execution, blockNumber: 1n };
        return { ...made, header: { ...made.header, execution } };
      }),
    ).toMatchObject({
      code: 'ETHEREUM_BRANCH_INVALID',
      subject: 'bootstrap header: execution branch',
    });
  });
});
