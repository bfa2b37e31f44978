import { describe, expect, it } from 'vitest';
import {
  holdSubjectOf,
  laneOfId,
  requireAnyLane,
  requireHeldLane,
} from '../../../src/cli/hold-subject.ts';
import { clientChain } from '../../support/client-chain.ts';
import { refusal } from '../../support/refusal.ts';

const { registry: _, ...chain } = clientChain(7n, { name: 'ethereum' });
const CONFIG = { chains: [{ ...chain, signer: undefined as never }] };

describe('what is held', () => {
  it.each([
    ['batch/7/4', 'batch 7/4'],
    ['7:4', 'message 7/4'],
    ['message/7/4', 'message 7/4'],
    ['lane release ethereum', 'lane release ethereum'],
  ])('%s is %s', (text, subject) => {
    expect(holdSubjectOf(text)).toBe(subject);
  });

  it('is no release, which is in a batch, and nothing without a place', () => {
    for (const text of ['release/7/4', 'commit/4', 'x']) {
      expect(refusal(() => holdSubjectOf(text))).toMatchObject({ code: 'CONFIG_COMMAND_LINE' });
    }
  });
});

describe('the lane that is tried again', () => {
  it.each([
    ['*', '*'],
    ['release ethereum', 'release ethereum'],
    ['7/4', 'prove ethereum'],
    ['batch/7/4', 'release ethereum'],
    ['release/7/4', 'release ethereum'],
    ['commit/4', 'commit'],
  ])('of %s is %s', (text, lane) => {
    expect(laneOfId(text, CONFIG)).toBe(lane);
  });

  it.each([
    ['deposit-final', 'prove ethereum'],
    ['message-fails', 'prove ethereum'],
    ['replayed-to-proven-head', 'commit'],
    ['ledger-refused', 'commit'],
    ['commit-final', 'confirm'],
  ] as const)('of a message after %s is %s', (reason, lane) => {
    expect(laneOfId('7/4', CONFIG, reason)).toBe(lane);
  });

  it('is of a chain that is configured', () => {
    expect(refusal(() => laneOfId('8/4', CONFIG))).toMatchObject({ code: 'CONFIG_COMMAND_LINE' });
  });
});

describe('a lane that is named', () => {
  const config = {
    chains: [{ name: 'ethereum' }],
    lightClients: [{ id: 'beacon' }],
    enclaves: ['a.sock', 'b.sock'],
  };

  it.each([
    'lane *',
    'lane release ethereum',
    'lane prove ethereum',
    'lane prove ethereum @ enclave-2',
    'lane follow beacon',
    'batch 7/4',
  ])('is held as %s', (subject) => {
    expect(() => requireHeldLane(subject, config)).not.toThrow();
  });

  it.each([
    'lane relase ethereum',
    'lane release polkadot',
    'lane prove ethereum @ enclave-3',
    'lane settle ethereum',
  ])('is not held as %s, which would hold nothing', (subject) => {
    expect(refusal(() => requireHeldLane(subject, config))).toMatchObject({
      code: 'CONFIG_COMMAND_LINE',
      message: expect.stringContaining('release ethereum, snapshot'),
    });
  });

  it('is tried again if there is such a lane, also one that goes on in a pause', () => {
    expect(() => requireAnyLane('settle ethereum', config)).not.toThrow();
    expect(() => requireAnyLane('ask enclave-2', config)).not.toThrow();
    expect(refusal(() => requireAnyLane('settle', config)).code).toBe('CONFIG_COMMAND_LINE');
  });
});
