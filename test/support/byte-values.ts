import type { ValueCodec } from '../../src/ledger/auth-map.ts';
import { fromHex, type Hex, toHex } from '../../src/shared/bytes.ts';

/** Values that are any bytes, for maps whose entries mean nothing. */
export const BYTE_VALUES: ValueCodec<Hex> = { encode: (value) => fromHex(value), decode: toHex };
