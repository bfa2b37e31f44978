import { createScaleCursor, readByteVector, readU8 } from '../../codec/scale.ts';
import { fromHex, toHex } from '../../shared/bytes.ts';
import type { NodeLine } from '../shared/node-line.ts';

type Call = NodeLine['call'];

/** The metadata that @polkadot/api asks for. */
export interface RuntimeMetadata {
  /** A call of the library's: the first says which form of metadata it can read. */
  note(method: string, params: readonly unknown[]): void;
  /** The metadata of the runtime of now, in that form. @throws as the call that it is given */
  fetch(): Promise<unknown>;
}

/** Gives metadata in the form that the argument names, as `Option<OpaqueMetadata>`. */
const AT_VERSION = 'Metadata_metadata_at_version';

/**
 * When a runtime changes the library asks for metadata in its oldest form, which does not tell of runtime interfaces: with it nothing could
 * be tried any more. It is given the form that it began with.
 *
 * SOURCE: @polkadot/api `base/Init.ts`, `_subscribeUpdates` versus `_retrieveMetadata`.
 */
export function createRuntimeMetadata(call: Call): RuntimeMetadata {
  let form: readonly unknown[] | undefined;
  return {
    note: (method, params) => {
      if (method === 'state_call' && params[0] === AT_VERSION) form ??= params.slice(0, 2);
    },
    fetch: async () => {
      const answer = form && (await call('state_call', form));
      return (
        (typeof answer === 'string' && unwrap(answer)) || (await call('state_getMetadata', []))
      );
    },
  };
}

/** @returns undefined where there is none of that form any more */
function unwrap(answer: string) {
  const cursor = createScaleCursor(fromHex(answer));
  return readU8(cursor) === 1 ? toHex(readByteVector(cursor)) : undefined;
}
