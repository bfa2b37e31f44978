import { describe, expect, it } from 'vitest';
import { createRuntimeMetadata } from '../../../../src/chains/substrate/runtime-metadata.ts';

const FORM = ['Metadata_metadata_at_version', '0x0f000000'] as const;

describe('the metadata of a runtime that has changed', () => {
  const asked: string[] = [];
  const metadataOf = (atVersion: string) =>
    createRuntimeMetadata(async (method, params) => {
      asked.push(`${method} ${params.join(' ')}`);
      return method === 'state_call' ? atVersion : '0x6d6574610e';
    });

  it('is asked for in the form that the library began with, and unwrapped', async () => {
    const metadata = metadataOf('0x01146d6574610f');
    metadata.note('state_call', [...FORM, undefined]);
    metadata.note('state_call', ['Core_version', '0x']);
    expect(await metadata.fetch()).toBe('0x6d6574610f');
    expect(asked.splice(0)).toEqual([`state_call ${FORM.join(' ')}`]);
  });

  it('is the oldest where the runtime has none in that form, or the library began with the oldest', async () => {
    const metadata = metadataOf('0x00');
    metadata.note('state_call', FORM);
    expect(await metadata.fetch()).toBe('0x6d6574610e');
    expect(await metadataOf('0x00').fetch()).toBe('0x6d6574610e');
    expect(asked).toEqual([
      `state_call ${FORM.join(' ')}`,
      'state_getMetadata ',
      'state_getMetadata ',
    ]);
  });
});
