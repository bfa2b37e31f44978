import { Interface } from 'ethers';
import { GATEWAY_ABI } from '../chains/shared/abi.ts';
import type {
  BridgedChain,
  ChainSigner,
  ContractLog,
  Receipt,
} from '../chains/shared/bridged-chain.ts';
import { decodeLogs } from '../chains/shared/decode-logs.ts';
import { readContract } from '../chains/shared/read-contract.ts';
import { NATIVE_TOKEN, originChainId } from '../protocol/asset.ts';
import { sealDeposit, transparentEnvelope } from '../protocol/envelope.ts';
import type { DepositOrder } from '../protocol/order.ts';
import type { TransferRef } from '../protocol/transfer-tags.ts';
import type { Hex } from '../shared/bytes.ts';
import { BridgeError } from '../shared/errors.ts';
import type { Rng } from '../shared/rng.ts';
import { fetchEpochKey } from './epoch-key.ts';

const TOKEN_ABI = new Interface([
  'function approve(address spender,uint256 amount) returns (bool)',
  'function allowance(address owner,address spender) view returns (uint256)',
]);

/** The end of the bridge that a user pays in at. */
export interface SourceSide {
  readonly chain: BridgedChain;
  readonly signer: ChainSigner;
  readonly gateway: Hex;
  readonly registry: Hex;
}

/** What is to cross. */
export interface DepositRequest {
  readonly asset: Hex;
  /** The asset's token on the source chain; the zero address is the native coin. */
  readonly token: Hex;
  /** Fee included. */
  readonly amount: bigint;
  /** What the user was shown as the fee, and the most that is paid; what the gateway asks for now, unless given. */
  readonly maxFee?: bigint;
  /** Chain id of the chain that pays out; 0 where the order says so, as a sealed one does. */
  readonly destination: bigint;
  /** Who is paid on the source chain if the message cannot be carried out; the sender unless given. 20 bytes. */
  readonly refundTo?: Hex;
  readonly content: EnvelopeContent;
}

/** What is to become of it: hidden, in the open, or as bytes made elsewhere. */
export type EnvelopeContent =
  | { readonly kind: 'sealed'; readonly order: DepositOrder; readonly rng: Rng }
  | { readonly kind: 'transparent'; readonly recipient: Hex }
  | { readonly kind: 'raw'; readonly envelope: Uint8Array };

/** A deposit that a block includes. */
export interface Deposit {
  readonly transfer: TransferRef;
  readonly fee: bigint;
  readonly receipt: Receipt;
}

/** Asks what the gateway's fee is now, approves the token if need be, seals and deposits. */
export async function makeDeposit(source: SourceSide, request: DepositRequest): Promise<Deposit> {
  const { chain, signer, gateway } = source;
  const fee = await quoteFee(source, request.asset);
  const isNative = request.token === NATIVE_TOKEN;
  // What the gateway minted it burns, and needs no allowance.
  const isLocked = originChainId(request.asset) === chain.chainId;
  if (isLocked && !isNative) await approve(source, request);
  const envelope = await envelopeOf(source, request);
  const { asset, amount, destination } = request;
  const maxFee = request.maxFee ?? fee;
  const args = [asset, amount, maxFee, destination, refundToOf(source, request), envelope];
  const data = GATEWAY_ABI.encodeFunctionData('deposit', args) as Hex;
  const valueWei = isNative ? amount : 0n;
  const receipt = await chain.submit(signer, { to: gateway, data, valueWei });
  const transfer = transferOf(source, receipt.logs);
  if (!transfer) throw new DepositUnseenError({ transaction: receipt.transactionHash });
  return { transfer, fee, receipt };
}

/** The transfer that a deposit's receipt made. */
export function transferOf(
  { chain, gateway }: Pick<SourceSide, 'chain' | 'gateway'>,
  logs: readonly ContractLog[],
): TransferRef | undefined {
  const { name, chainId } = chain;
  const ours = logs.filter(({ address }) => address === gateway);
  const [message] = decodeLogs(ours, { chain: name, chainId, gateway, isFinal: false }).messages;
  return message && { chainId, index: message.index };
}

/** What the gateway keeps of a deposit of `asset` to have the message carried, in the asset's smallest unit. */
export async function quoteFee(
  { chain, gateway }: Pick<SourceSide, 'chain' | 'gateway'>,
  asset: Hex,
): Promise<bigint> {
  const contract = { chain, address: gateway, abi: GATEWAY_ABI };
  const [fee] = await readContract(contract, 'quoteFee', [asset]);
  return BigInt(fee as bigint);
}

function refundToOf({ signer }: SourceSide, { refundTo }: DepositRequest): Hex {
  return refundTo ?? signer.address;
}

async function approve(source: SourceSide, request: DepositRequest): Promise<void> {
  const { chain, signer, gateway } = source;
  const asked = TOKEN_ABI.encodeFunctionData('allowance', [signer.address, gateway]) as Hex;
  if (BigInt(await chain.call(request.token, asked)) >= request.amount) return;
  const data = TOKEN_ABI.encodeFunctionData('approve', [gateway, request.amount]) as Hex;
  await chain.submit(signer, { to: request.token, data, valueWei: 0n });
}

async function envelopeOf(source: SourceSide, request: DepositRequest): Promise<Uint8Array> {
  const { content } = request;
  switch (content.kind) {
    case 'raw':
      return content.envelope;
    case 'transparent':
      return transparentEnvelope(content.recipient);
    case 'sealed': {
      const { asset, amount, destination } = request;
      const sender = source.signer.address;
      const binding = {
        chainId: source.chain.chainId,
        gateway: source.gateway,
        sender,
        refundTo: refundToOf(source, request),
        asset,
        amount,
        destination,
      };
      return sealDeposit(content.order, await fetchEpochKey(source), binding, content.rng);
    }
  }
}

export class DepositUnseenError extends BridgeError<{ transaction: Hex }> {
  readonly code = 'DEPOSIT_UNSEEN';
  readonly disposition = 'reject';
  constructor(meta: { transaction: Hex }) {
    super(
      `Transaction ${meta.transaction} was included but logged no deposit: is the configured gateway the right one?`,
      meta,
    );
  }
}
