import { z } from 'zod';
import { createRpcClient } from '../../src/chains/shared/json-rpc.ts';
import { hash, hexBytes, quantity } from '../../src/chains/shared/node-hex.ts';
import { encodeByteVector, encodeU32 } from '../../src/codec/scale.ts';
import { twox64 } from '../../src/crypto/twox.ts';
import { concatBytes, fromHex, type Hex } from '../../src/shared/bytes.ts';
import { deriveAccountKey } from './authority-keys.ts';
import { encodeBytes, encodeCompact } from './compact.ts';
import { encodeHeader } from './header.ts';
import { signExtrinsic } from './sign-extrinsic.ts';

/** A chain's JSON-RPC over HTTP. */
interface Endpoint {
  readonly httpUrl: string;
  readonly genesisHash: Hex;
}

/** A parachain by its id on the relay chain. */
export interface RegisteredParachain {
  readonly paraId: number;
  readonly chain: Endpoint;
}

export interface HeadsRequest {
  readonly relay: Endpoint;
  readonly parachains: readonly RegisteredParachain[];
  /** Who holds sudo on the relay chain. */
  readonly sudoUri: string;
}

/** Call 0 of pallet 7 (`Sudo.sudo`) around call 4 of pallet 0 (`System.set_storage`). */
const SUDO_SET_STORAGE = Uint8Array.of(7, 0, 0, 4);
/** twox128("Paras") ++ twox128("Heads"). */
const PARAS_HEADS = fromHex('0xcd710b30bd2eab0352ddcc26417aa1941b3c252fcb29d88eff4f3de5de4476c3');

/**
 * Has the relay chain's next block take the newest block of every parachain as its head: written where the `paras`
 * pallet would write it, by sudo, all in one extrinsic.
 *
 * @throws {ChainError} a chain does not answer, or the relay chain does not take the extrinsic
 */
export async function registerHeads(request: HeadsRequest): Promise<void> {
  const { relay, parachains, sudoUri } = request;
  const signer = deriveAccountKey(sudoUri);
  const rpc = createRpcClient('relay chain', relay.httpUrl);
  const nonce = await rpc('system_accountNextIndex', [signer.address], z.int());
  const items = await Promise.all(parachains.map(encodeHeadItem));
  const call = concatBytes(SUDO_SET_STORAGE, encodeCompact(items.length), ...items);
  const extrinsic = signExtrinsic(signer, { call, nonce, genesisHash: relay.genesisHash });
  await rpc('author_submitExtrinsic', [extrinsic], hash);
}

/** A storage item: key and value, the value being the header as a byte vector. */
async function encodeHeadItem({ paraId, chain }: RegisteredParachain): Promise<Uint8Array> {
  const id = encodeU32(paraId);
  const key = concatBytes(PARAS_HEADS, twox64(id), id);
  const head = encodeByteVector(await fetchBestHeader(chain));
  return concatBytes(encodeBytes(key), encodeBytes(head));
}

const headerSchema = z.object({
  parentHash: hash,
  number: quantity.transform(Number),
  stateRoot: hash,
  extrinsicsRoot: hash,
  digest: z.object({ logs: z.array(hexBytes) }),
});

async function fetchBestHeader({ httpUrl }: Endpoint): Promise<Uint8Array> {
  const rpc = createRpcClient('parachain', httpUrl);
  const { digest, ...header } = await rpc('chain_getHeader', [], headerSchema);
  return encodeHeader({ ...header, logs: digest.logs });
}
