import { InvalidArgumentError } from 'commander';
import { describe, expect, test } from 'vitest';
import { CommandLineError } from '../../../src/cli/command-line-error.ts';
import { checkRecipients, collectAddress } from '../../../src/cli/recipients.ts';
import type { Hex } from '../../../src/shared/bytes.ts';
import { addressOf } from '../../support/ledger.ts';

const collect = (...texts: readonly string[]) =>
  texts.reduce<readonly Hex[]>((former, text) => collectAddress(text, former), []);

describe('--to', () => {
  test('may be given for up to six addresses', () => {
    const six = [1, 2, 3, 4, 5, 6].map((name) => addressOf(name));
    expect(collect(...six)).toEqual(six);
    expect(() => collect(...six, addressOf(7))).toThrow(/at most 6/);
  });

  test('is refused an address that it was given before, however it is written', () => {
    const address = `0x${'ab'.repeat(20)}`;
    const attempt = () => collect(address, `0x${'AB'.repeat(20)}`);
    expect(attempt).toThrow(InvalidArgumentError);
    expect(attempt).toThrow(/given twice/);
  });

  test('is refused what is no address', () => {
    expect(() => collect(addressOf(1), '0x12')).toThrow(/40 hex digits/);
  });
});

describe('what is one payout', () => {
  const [first, second] = [addressOf(1), addressOf(2)];
  test.each(['direct', 'transparent'] as const)('takes one address if it is %s', (way) => {
    expect(() => checkRecipients(way, { to: [first] })).not.toThrow();
    expect(() => checkRecipients(way, { to: [first, second] })).toThrow(CommandLineError);
    expect(() => checkRecipients(way, { to: [first], sameAddress: true })).toThrow(
      /--same-address/,
    );
  });

  test('is not what leaves by pools', () => {
    expect(() => checkRecipients('pooled', { to: [first, second] })).not.toThrow();
    expect(() => checkRecipients('pooled', { to: [first], sameAddress: true })).not.toThrow();
  });
});
