import { aggregatePublicKeys, aggregateSignatures, verify } from '@chainsafe/blst';
import { describe, expect, it } from 'vitest';
import {
  choosePresent,
  computeCommittee,
  createValidators,
  signAggregate,
} from '../../../../devnet/ethereum/validators.ts';

const validators = createValidators();

describe('the dev validators', () => {
  it('are the same 64 different keys in every process', () => {
    const again = createValidators();
    expect(again.map(({ pubkey }) => pubkey)).toEqual(validators.map(({ pubkey }) => pubkey));
    const keys = new Set(validators.map(({ pubkey }) => Buffer.from(pubkey).toString('hex')));
    expect(keys.size).toBe(64);
  });

  it('form a committee of 32 different members, another in every period', () => {
    const committees = [0, 1, 2].map((period) => computeCommittee(validators, period));
    for (const { members, aggregatePubkey } of committees) {
      expect(new Set(members.map(({ index }) => index)).size).toBe(32);
      const sum = aggregatePublicKeys(members.map(({ publicKey }) => publicKey));
      expect(aggregatePubkey).toEqual(sum.toBytes());
    }
    const seats = committees.map(({ members }) => members.map(({ index }) => index).join());
    expect(new Set(seats).size).toBe(3);
    expect(computeCommittee(validators, 1)).toEqual(committees[1]);
  });

  it('sign with the sum of their keys what aggregating their signatures gives', () => {
    const message = new Uint8Array(32).fill(7);
    const signers = validators.slice(3, 24);
    const aggregate = aggregateSignatures(signers.map(({ secretKey }) => secretKey.sign(message)));
    expect(signAggregate(signers, message)).toEqual(aggregate.toBytes());
    const sum = aggregatePublicKeys(signers.map(({ publicKey }) => publicKey));
    expect(verify(message, sum, aggregate)).toBe(true);
  });

  it('sign with the point at infinity when nobody is present', () => {
    const signature = signAggregate([], new Uint8Array(32));
    expect(signature).toHaveLength(96);
    expect(signature[0]).toBe(0xc0);
    expect(signature.slice(1).every((byte) => byte === 0)).toBe(true);
  });
});

describe('choosePresent', () => {
  it.each([0, 2, 11, 32])('leaves %i of 32 seats empty', (absentees) => {
    const present = choosePresent(5, absentees);
    expect(present).toHaveLength(32);
    expect(present.filter((isPresent) => !isPresent)).toHaveLength(absentees);
  });

  it('sends others away in another slot, and the same ones in the same', () => {
    expect(choosePresent(5, 8)).toEqual(choosePresent(5, 8));
    expect(choosePresent(5, 8)).not.toEqual(choosePresent(6, 8));
  });
});
