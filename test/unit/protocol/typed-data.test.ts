import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AbiCoder, computeAddress, keccak256, TypedDataEncoder, ZeroHash } from 'ethers';
import { describe, expect, it } from 'vitest';
import {
  typedDataVectors,
  VECTOR_BATCHES,
  VECTOR_COMMITS,
  VECTOR_DOMAINS,
  VECTOR_EPOCH,
  VECTOR_KEYS,
  VECTOR_MESSAGES,
  VECTOR_SUBMITTER,
} from '../../../scripts/lib/typed-data.ts';
import { commitDigest } from '../../../src/protocol/commit.ts';
import { messageLeaf } from '../../../src/protocol/message.ts';
import {
  positionAfterBatch,
  type ReleaseBatch,
  releaseBatchDigest,
} from '../../../src/protocol/release.ts';
import { toHex } from '../../../src/shared/bytes.ts';

const RELEASE_TYPES = {
  ReleaseBatch: fields(
    'uint256 chainId,address gateway,uint64 epoch,uint64 firstIndex,bytes32 prevHead,Release[] releases,Fee[] fees,uint64 consumedCount,address submitter',
  ),
  Release: fields('bytes32 tag,bytes32 asset,address recipient,uint256 amount,uint64 refundOf'),
  Fee: fields('bytes32 asset,uint256 amount'),
};

const COMMIT_TYPES = {
  Commit: fields(
    'uint64 epoch,uint64 number,uint64 round,uint64 asOf,bytes32 prevState,bytes32 postState,Cursor[] inputs,uint64 control,Cursor[] paid,bytes32 beneficiary',
  ),
  Cursor: fields('uint256 chainId,uint64 count'),
};

describe('the signed types', () => {
  it('equal the committed vectors, which the contracts are held to', () => {
    const path = join(import.meta.dirname, '../../vectors/typed-data.json');
    expect(typedDataVectors()).toEqual(JSON.parse(readFileSync(path, 'utf8')));
  });

  it.each([0, 1])('give the digest of commit %i that another implementation gives', (at) => {
    const commit = VECTOR_COMMITS[at]!;
    const ours = commitDigest(VECTOR_DOMAINS.commit, VECTOR_EPOCH, commit);
    const value = { epoch: VECTOR_EPOCH, ...commit };
    expect(toHex(ours)).toBe(
      TypedDataEncoder.hash(domainOf(VECTOR_DOMAINS.commit), COMMIT_TYPES, value),
    );
  });

  it.each([0, 1, 2])('give the digest of batch %i that another implementation gives', (at) => {
    const batch = VECTOR_BATCHES[at]!;
    const value = { epoch: VECTOR_EPOCH, submitter: VECTOR_SUBMITTER, ...batch };
    expect(toHex(releaseBatchDigest(VECTOR_EPOCH, VECTOR_SUBMITTER, batch))).toBe(
      TypedDataEncoder.hash(domainOf(VECTOR_DOMAINS.release), RELEASE_TYPES, value),
    );
  });

  it('give the leaf that the ABI encoding of a message hashes to', () => {
    for (const m of VECTOR_MESSAGES) {
      const types =
        'uint8 uint256 address uint64 uint64 address address bytes32 uint256 uint256 uint256 bytes32';
      const encoded = AbiCoder.defaultAbiCoder().encode(types.split(' '), [
        2,
        m.chainId,
        m.gateway,
        m.index,
        m.sentAtSec,
        m.sender,
        m.refundTo,
        m.asset,
        m.amount,
        m.fee,
        m.destination,
        keccak256(m.envelope),
      ]);
      expect(toHex(messageLeaf(m))).toBe(keccak256(encoded));
    }
  });

  it('name epoch, submitter and consumed count in what is signed but not in the released head', () => {
    const batch = VECTOR_BATCHES[1]!;
    const other = { ...batch, consumedCount: batch.consumedCount + 1n };
    const digests = [
      releaseBatchDigest(VECTOR_EPOCH, VECTOR_SUBMITTER, batch),
      releaseBatchDigest(4n, VECTOR_SUBMITTER, batch),
      releaseBatchDigest(VECTOR_EPOCH, batch.gateway, batch),
      releaseBatchDigest(VECTOR_EPOCH, VECTOR_SUBMITTER, other),
    ].map(toHex);
    expect(new Set(digests).size).toBe(4);
    expect(positionAfterBatch(other)).toEqual(positionAfterBatch(batch));
  });

  it('tell batches apart that differ in one member', () => {
    const batch = VECTOR_BATCHES[2]!;
    const [first, ...rest] = batch.releases;
    const variants: ReleaseBatch[] = [
      batch,
      { ...batch, chainId: 1n },
      { ...batch, gateway: `0x${'00'.repeat(20)}` },
      { ...batch, firstIndex: batch.firstIndex + 1n },
      { ...batch, prevHead: ZeroHash as `0x${string}` },
      { ...batch, releases: rest },
      { ...batch, releases: [...rest, first!] },
      { ...batch, releases: [{ ...first!, refundOf: 7n }, ...rest] },
      { ...batch, fees: [...batch.fees].reverse() },
    ];
    const digests = variants.map((variant) =>
      toHex(releaseBatchDigest(VECTOR_EPOCH, VECTOR_SUBMITTER, variant)),
    );
    expect(new Set(digests).size).toBe(variants.length);
  });

  it('are signed in ascending order of the signers', () => {
    const signers = VECTOR_KEYS.map((key) => computeAddress(key).toLowerCase());
    expect(signers).toEqual([...signers].sort());
  });
});

function fields(list: string): { type: string; name: string }[] {
  return list.split(',').map((field) => {
    const [type = '', name = ''] = field.split(' ');
    return { type, name };
  });
}

function domainOf(domain: { chainId: bigint; verifyingContract: string }): object {
  return { name: 'Veilspan', version: '1', ...domain };
}
