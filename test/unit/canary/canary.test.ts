import { describe, expect, it } from 'vitest';
import { toHex, utf8 } from '../../../src/shared/bytes.ts';
import {
  insideOf,
  leaksInto,
  markOfBytes,
  markOfNumber,
  markOfText,
  marksIn,
} from '../../support/canary.ts';

// A search that finds nothing must be known to find.

const bytes = Uint8Array.from({ length: 32 }, (_, i) => (i * 89 + 17) % 251);
const marks = [markOfBytes('tagSecret', bytes)];
const padded = Buffer.concat([utf8('x'), bytes, utf8('yy')]);

describe('the search for marks', () => {
  it.each([
    ['digits', `{"a":"${toHex(bytes)}"}`],
    ['upper case', toHex(bytes).toUpperCase()],
    ['base64', Buffer.from(bytes).toString('base64')],
    ['base64 inside something longer', padded.toString('base64')],
    ['a list', `Uint8Array(32) [ ${[...bytes].join(', ')} ]`],
    ['JSON of an array', JSON.stringify([...bytes])],
    ['JSON of bytes', JSON.stringify(bytes)],
  ])('finds bytes as %s', (_, text) => {
    expect(marksIn(text, marks)).toEqual(['tagSecret']);
  });

  it('finds bytes among bytes', () => {
    expect(marksIn(padded, marks)).toEqual(['tagSecret']);
  });

  it('finds numbers and texts in what holds them', () => {
    const some = [markOfNumber('amount', 123_456_789_012n), markOfText('memo', 'for the boat')];
    expect(marksIn('{"amount":"123456789012"}', some)).toEqual(['amount']);
    expect(marksIn(`0x${123_456_789_012n.toString(16).padStart(64, '0')}`, some)).toEqual([
      'amount',
    ]);
    expect(marksIn(toHex(utf8('it is for the boat.')), some)).toEqual(['memo']);
  });

  it('finds nothing where nothing is', () => {
    expect(marksIn('', marks)).toEqual([]);
    expect(marksIn(toHex(bytes.toReversed()), marks)).toEqual([]);
  });

  it('looks into errors and what they come from', () => {
    const cause = Object.assign(new Error('x'), { params: [toHex(bytes)] });
    expect(marksIn(insideOf(new Error('y', { cause })), marks)).toEqual(['tagSecret']);
  });

  it('lets stand what belongs', () => {
    const envelope = [markOfBytes('envelope', bytes)];
    expect(leaksInto('journal', toHex(bytes), envelope)).toEqual([]);
    expect(leaksInto('relayer output', toHex(bytes), envelope)).toEqual(['envelope']);
  });
});
