import { expect, it } from 'vitest';
import * as limits from '../../../../src/light-client/polkadot/limits.ts';

// A limit that slips lets a host burden the enclave, or stops the client at an honest proof: each is written twice.
it('the limits are these, and no others', () => {
  expect({ ...limits }).toEqual({
    MAX_AUTHORITIES: 2048,
    MAX_VOTE_ANCESTRIES: 1024,
    MAX_DIGEST_ITEMS: 1024,
    MAX_HEADER_BYTES: 262_144,
    MAX_JUSTIFICATION_BYTES: 2_097_152,
    MAX_PROOF_NODES: 4096,
    MAX_PROOF_BYTES: 4_194_304,
    MAX_WARP_SYNC_FRAGMENTS: 4096,
    MAX_FINALITY_PROOF_BYTES: 8_388_608,
    MAX_PARENT_HEADERS: 1024,
  });
});

it('the longest set fits the header that announces it and the justification that it signs', () => {
  expect(limits.MAX_AUTHORITIES * 40).toBeLessThan(limits.MAX_HEADER_BYTES);
  expect(limits.MAX_AUTHORITIES * 132).toBeLessThan(limits.MAX_JUSTIFICATION_BYTES);
  expect(limits.MAX_JUSTIFICATION_BYTES).toBeLessThan(limits.MAX_FINALITY_PROOF_BYTES);
});
