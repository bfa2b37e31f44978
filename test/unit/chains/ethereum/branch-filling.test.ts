import { expect, test } from 'vitest';
import { stripBranchFilling } from '../../../../src/chains/ethereum/branch-filling.ts';

const ZERO = `0x${'00'.repeat(32)}`;
const ONE = `0x${'11'.repeat(32)}`;
const TWO = `0x${'22'.repeat(32)}`;

const gloas = (branch: readonly string[]) => ({
  beacon: { slot: '9' },
  execution_block_hash: ONE,
  execution_branch: branch,
});

test('zeros in front of an execution branch are taken out, those inside it are not', () => {
  const served = {
    version: 'gloas',
    data: {
      attested_header: gloas([ONE, ZERO, TWO]),
      finalized_header: gloas([ZERO, ZERO, ONE, ZERO, TWO]),
      finality_branch: [ZERO, ONE],
    },
  };
  expect(stripBranchFilling(served)).toEqual({
    version: 'gloas',
    data: {
      attested_header: gloas([ONE, ZERO, TWO]),
      finalized_header: gloas([ONE, ZERO, TWO]),
      finality_branch: [ZERO, ONE],
    },
  });
});

test('the header of a bootstrap is one of them', () => {
  const served = { data: { header: gloas([ZERO, ONE]), current_sync_committee: {} } };
  expect(stripBranchFilling(served)).toEqual({
    data: { header: gloas([ONE]), current_sync_committee: {} },
  });
});

test('a branch of nothing but zeros is no filling', () => {
  const served = { data: { header: gloas([ZERO, ZERO]) } };
  expect(stripBranchFilling(served)).toEqual(served);
});

test.each([
  ['an older form', { data: { header: { execution: {}, execution_branch: [ZERO, ONE] } } }],
  ['what is no header', { data: { header: 7 } }],
  ['what is no document', [ZERO]],
  ['nothing', undefined],
])('%s is left as it is', (_, served) => {
  expect(stripBranchFilling(served)).toEqual(served);
});
