import { Transaction, Wallet } from 'ethers';
import { z } from 'zod';
import type { Hex } from '../../shared/bytes.ts';
import {
  type ChainCall,
  ChainCallReverted,
  ChainError,
  type ChainSigner,
  type Receipt,
  type SignedCall,
} from '../shared/bridged-chain.ts';
import type { RpcClient } from '../shared/json-rpc.ts';
import { hash, hexBytes, quantity } from '../shared/node-hex.ts';
import type { TransactionSender } from '../shared/submit-and-wait.ts';
import { translateRefusal } from './refusal.ts';
import { blockSchema, count, receiptSchema } from './schema.ts';

/** EIP-7825: no transaction may ask for more. */
const MAX_TRANSACTION_GAS = 16_777_216n;
const TIP_WEI = 1_000_000_000n;

interface SenderOptions {
  /** What the configuration calls the chain; stands in errors. */
  readonly chain: string;
  readonly chainId: bigint;
  readonly rpc: RpcClient;
}

/** The part of an Ethereum chain that signs and sends. */
export function createEthereumSender(options: SenderOptions): TransactionSender {
  const { chain, rpc } = options;
  // Secrets stay out of the objects that travel: a signer that is logged shows its address.
  const wallets = new WeakMap<ChainSigner, Wallet>();
  return {
    signer: async (secret) => {
      const wallet = readSecret(chain, secret);
      const signer = { address: wallet.address.toLowerCase() as Hex };
      wallets.set(signer, wallet);
      return signer;
    },
    nonceOf: ({ address }) => rpc('eth_getTransactionCount', [address, 'latest'], count),
    sign: async (signer, call) => {
      const wallet = wallets.get(signer);
      if (wallet === undefined) throw invalidSigner(chain, 'another chain has made the signer');
      return await signCall(options, wallet, call);
    },
    broadcast: (signed) => broadcast(options, signed),
    receiptOf: (signed) => fetchReceipt(options, signed),
  };
}

function readSecret(chain: string, secret: string): Wallet {
  try {
    return new Wallet(secret);
  } catch {
    // The cause would carry the secret.
    throw invalidSigner(chain, 'the secret is no private key; give 32 bytes of hex');
  }
}

function invalidSigner(chain: string, what: string): ChainError {
  return new ChainError('CHAIN_SIGNER_INVALID', { chain, what });
}

async function signCall(
  { chain, chainId, rpc }: SenderOptions,
  wallet: Wallet,
  call: ChainCall,
): Promise<SignedCall> {
  const request = {
    from: wallet.address,
    to: call.to ?? undefined,
    data: call.data,
    value: `0x${call.valueWei.toString(16)}`,
  };
  const [nonce, gas, head] = await Promise.all([
    // 'latest': this process sends one transaction at a time, so a pending one of ours is being replaced.
    rpc('eth_getTransactionCount', [wallet.address, 'latest'], count),
    translateRefusal(chain, rpc('eth_estimateGas', [request], quantity)),
    rpc('eth_getBlockByNumber', ['latest', false], blockSchema),
  ]);
  const withMargin = (gas * 5n) / 4n;
  const raw = await wallet.signTransaction({
    type: 2,
    chainId,
    nonce,
    to: call.to,
    data: call.data,
    value: call.valueWei,
    gasLimit: withMargin < MAX_TRANSACTION_GAS ? withMargin : MAX_TRANSACTION_GAS,
    ...feesFor(head.baseFeePerGas ?? TIP_WEI, call.outbids),
  });
  const signedHash = Transaction.from(raw).hash as Hex;
  return { hash: signedHash, nonce, raw: raw as Hex, signedAt: head.number };
}

/** Twice the running base fee, and a quarter above both fees of what it is to replace: nodes ask for a tenth. */
function feesFor(baseFeeWei: bigint, outbids: Hex | undefined) {
  const old = outbids === undefined ? undefined : Transaction.from(outbids);
  const raise = (oldWei: bigint | null | undefined) => ((oldWei ?? 0n) * 5n) / 4n;
  const most = (a: bigint, b: bigint) => (a > b ? a : b);
  return {
    maxFeePerGas: most(2n * baseFeeWei + TIP_WEI, raise(old?.maxFeePerGas)),
    maxPriorityFeePerGas: most(TIP_WEI, raise(old?.maxPriorityFeePerGas)),
  };
}

/** Whatever comes back: what the node knows it has taken, and only what it does not know can it have refused. */
async function broadcast(
  { chain, rpc }: SenderOptions,
  { raw, hash: expected }: SignedCall,
): Promise<void> {
  try {
    await translateRefusal(chain, rpc('eth_sendRawTransaction', [raw], hash));
  } catch (error) {
    const known = await rpc('eth_getTransactionByHash', [expected], z.object({ hash }).nullable());
    if (known === null) throw error;
  }
}

async function fetchReceipt(
  options: SenderOptions,
  signed: SignedCall,
): Promise<Receipt | undefined> {
  const receipt = await options.rpc('eth_getTransactionReceipt', [signed.hash], receiptSchema);
  if (receipt === null) return undefined;
  if (receipt.status !== 1) throw await explainFailure(options, signed, receipt.blockNumber);
  const { transactionHash, blockNumber, blockHash, contractAddress, logs } = receipt;
  const created = contractAddress ? { contractAddress } : {};
  const gasFeeWei = receipt.gasUsed * receipt.effectiveGasPrice;
  return { transactionHash, blockNumber, blockHash, gasFeeWei, logs, ...created };
}

/** Receipts carry no revert data: the call runs again on the state before its block. */
async function explainFailure(
  { chain, rpc }: SenderOptions,
  signed: SignedCall,
  blockNumber: number,
): Promise<unknown> {
  const { from, to, data, value } = Transaction.from(signed.raw);
  const request = { from, to: to ?? undefined, data, value: `0x${value.toString(16)}` };
  const before = `0x${(blockNumber - 1).toString(16)}`;
  try {
    await translateRefusal(chain, rpc('eth_call', [request, before], hexBytes));
  } catch (error) {
    if (error instanceof ChainCallReverted) return error;
  }
  const reason = `transaction ${signed.hash} failed in block ${blockNumber}`;
  return new ChainCallReverted({ chain, data: '0x', reason });
}
