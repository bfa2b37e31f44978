import type { ValueCodec } from '../../src/ledger/auth-map.ts';
import { type Hex, toHex } from '../../src/shared/bytes.ts';

/** Values that are any bytes, for maps whose entries mean nothing. */
export const BYTE_VALUES: ValueCodec<Hex> = { digits: (value) => value.slice(2), decode: toHex };
