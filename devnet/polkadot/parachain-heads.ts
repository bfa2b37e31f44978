import { encodeByteVector, encodeU32 } from '../../src/codec/scale.ts';
import { twox64 } from '../../src/crypto/twox.ts';
import { concatBytes, fromHex, type Hex } from '../../src/shared/bytes.ts';
import { BridgeError } from '../../src/shared/errors.ts';
import { callRpc } from '../call-rpc.ts';
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
 */
export async function registerHeads(request: HeadsRequest): Promise<void> {
  const { relay, parachains, sudoUri } = request;
  const signer = deriveAccountKey(sudoUri);
  const nonce = await rpc<number>(relay, 'system_accountNextIndex', [signer.address]);
  const items = await Promise.all(parachains.map(encodeHeadItem));
  const call = concatBytes(SUDO_SET_STORAGE, encodeCompact(items.length), ...items);
  const extrinsic = signExtrinsic(signer, { call, nonce, genesisHash: relay.genesisHash });
  await rpc<Hex>(relay, 'author_submitExtrinsic', [extrinsic]);
}

/** A storage item: key and value, the value being the header as a byte vector. */
async function encodeHeadItem({ paraId, chain }: RegisteredParachain): Promise<Uint8Array> {
  const id = encodeU32(paraId);
  const key = concatBytes(PARAS_HEADS, twox64(id), id);
  const head = encodeByteVector(await fetchBestHeader(chain));
  return concatBytes(encodeBytes(key), encodeBytes(head));
}

interface HeaderJson {
  readonly parentHash: Hex;
  readonly number: Hex;
  readonly stateRoot: Hex;
  readonly extrinsicsRoot: Hex;
  readonly digest: { readonly logs: readonly Hex[] };
}

async function fetchBestHeader(chain: Endpoint): Promise<Uint8Array> {
  const { digest, number, ...header } = await rpc<HeaderJson>(chain, 'chain_getHeader', []);
  return encodeHeader({ ...header, number: Number(number), logs: digest.logs });
}

function rpc<T>({ httpUrl }: Endpoint, method: string, params: readonly unknown[]): Promise<T> {
  const refused = (what: string) => new ParachainHeadRefusedError(what);
  return callRpc(httpUrl, { method, params, refused });
}

export class ParachainHeadRefusedError extends BridgeError<{ what: string }> {
  readonly code = 'DEVNET_PARACHAIN_HEAD_REFUSED';
  readonly disposition = 'retry';
  constructor(what: string) {
    super(`The relay chain did not take the parachain's head: ${what}.`, { what });
  }
}
