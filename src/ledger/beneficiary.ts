import { fromHex, type Hex, toHex } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';
import type { ChainGateway } from './state.ts';

const ACCOUNT_BYTES = 32;
const PADDING_BYTES = 12;

/**
 * The address that a commit's beneficiary stands for, 20 bytes. Until there are accounts it is an address padded on the
 * left, and is paid on every chain that has fees for it.
 *
 * @param beneficiary 32 bytes (untrusted: the host that asks for the transition names it)
 * @param chains      the ledger's: a share paid to a gateway could be claimed by nobody
 * @throws {BeneficiaryError} no padded address, the zero address, or a gateway's
 * @throws {HexError} not 32 bytes
 */
export function beneficiaryAddress(beneficiary: Hex, chains: readonly ChainGateway[]): Hex {
  const bytes = fromHex(beneficiary, ACCOUNT_BYTES);
  const isPadded = bytes.subarray(0, PADDING_BYTES).every((byte) => byte === 0);
  const isZero = bytes.every((byte) => byte === 0);
  const address = toHex(bytes.subarray(PADDING_BYTES));
  const isGateway = chains.some(({ gateway }) => gateway === address);
  if (!isPadded || isZero || isGateway) throw new BeneficiaryError({ beneficiary });
  return address;
}

/** The host names a beneficiary who cannot be paid. Another one can, so nothing halts. */
export class BeneficiaryError extends BridgeError<{ beneficiary: Hex }> {
  readonly code = 'LEDGER_BENEFICIARY_INVALID';
  readonly disposition = 'reject';
  constructor(meta: { beneficiary: Hex }) {
    super(
      `Expected a beneficiary that is an address padded to 32 bytes and no gateway, got ${meta.beneficiary}; name another.`,
      meta,
    );
  }
}
