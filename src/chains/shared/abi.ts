import { type ErrorDescription, Interface, id } from 'ethers';
import type { Hex } from '../../shared/bytes.ts';
import { ChainCallReverted } from './bridged-chain.ts';

// KEEP IN SYNC: contracts-evm/src/interfaces; test/unit/chains/shared/abi.test.ts compares them.

const RELEASE = '(bytes32 tag,bytes32 asset,address recipient,uint256 amount,uint64 refundOf)';
const FEE = '(bytes32 asset,uint256 amount)';
const BATCH = `(uint256 chainId,address gateway,uint64 epoch,uint64 firstIndex,bytes32 prevHead,${RELEASE}[] releases,${FEE}[] fees,uint64 consumedCount,address submitter)`;
const CURSOR = '(uint256 chainId,uint64 count)';
const COMMIT = `(uint64 epoch,uint64 number,uint64 round,uint64 asOf,bytes32 prevState,bytes32 postState,${CURSOR}[] inputs,uint64 control,${CURSOR}[] paid,bytes32 beneficiary)`;
const PROGRESS = '(uint64 round,uint64 asOf,uint64 control,uint64 suspendedThrough)';
const ASSET_CONFIG =
  '(address token,uint128 cap,uint128 windowLimit,uint128 feeFlat,uint128 leastCredit)';
const ASSET_STATE = `(bool registered,${ASSET_CONFIG} config,uint256 outstanding,uint256 windowAvailable)`;
const CLAIM = '(bytes32 tag,bytes32 asset,address recipient,uint64 deferredAtSec,uint256 amount)';

/**
 * An ABI whose functions, events and errors remember what their signatures are hashed to. ethers hashes that of each anew, one after the other,
 * whenever it looks for one, which is most of what reading a log takes.
 */
function createAbi(signatures: readonly string[]): Interface {
  const abi = new Interface(signatures);
  abi.forEachEvent((event) => keepHash(event, 'topicHash', () => id(event.format())));
  abi.forEachFunction((called) => keepHash(called, 'selector', () => selectorOf(called.format())));
  abi.forEachError((error) => keepHash(error, 'selector', () => selectorOf(error.format())));
  return abi;
}

/** Hashes when it is asked for: a program that starts asks for few. */
function keepHash(fragment: object, name: string, hash: () => string): void {
  const get = () => {
    const value = hash();
    Object.defineProperty(fragment, name, { value });
    return value;
  };
  Object.defineProperty(fragment, name, { configurable: true, get });
}

/** The first four bytes of a signature's hash. */
function selectorOf(signature: string): string {
  return id(signature).slice(0, 10);
}

/** What the bridge calls and reads of a gateway. */
export const GATEWAY_ABI = createAbi([
  'function deposit(bytes32 asset,uint256 amount,uint256 maxFee,uint256 destination,address refundTo,bytes envelope) payable returns (uint64 index)',
  'function post(bytes[] envelopes) payable returns (uint64 firstIndex)',
  `function release(${BATCH} batch,bytes[] signatures)`,
  'function claim(uint64 index)',
  'function claimTo(uint64 index,address to)',
  'function quoteFee(bytes32 asset) view returns (uint256)',
  'function postFee() view returns (uint128)',
  `function assetOf(bytes32 asset) view returns (${ASSET_STATE})`,
  `function claimOf(uint64 index) view returns (${CLAIM})`,
  'function isPaused(bytes32 scope) view returns (bool)',
  'function sentHead() view returns (bytes32)',
  'function sentCount() view returns (uint64)',
  'function releasedHead() view returns (bytes32)',
  'function releasedCount() view returns (uint64)',
  'event Deposited(uint64 indexed index,address indexed sender,bytes32 indexed asset,uint256 amount,uint256 fee,uint256 destination,uint64 sentAtSec,address refundTo,bytes envelope,bytes32 sentHead)',
  'event Released(uint64 indexed index,bytes32 indexed tag,bytes32 indexed asset,address recipient,uint256 amount)',
  'event ReleaseDeferred(uint64 indexed index,bytes32 indexed tag,bytes32 indexed asset,address recipient,uint256 amount,uint8 reason)',
  'event ReleaseSkipped(uint64 indexed index,bytes32 indexed tag,uint64 indexed refundOf,uint8 reason)',
  'event BatchReleased(uint64 indexed firstIndex,uint64 count,bytes32 releasedHead,address submitter)',
  'event Claimed(uint64 indexed index,bytes32 indexed tag,address to,uint256 amount,uint256 left)',
  'event ClaimAssigned(uint64 indexed index,address indexed to)',
]);

/** What the bridge calls and reads of the anchor. */
export const ANCHOR_ABI = createAbi([
  `function commit(${COMMIT} commit_,bytes[] signatures)`,
  'function stateId() view returns (bytes32)',
  'function number() view returns (uint64)',
  `function progress() view returns (${PROGRESS})`,
  'function controlHead() view returns (bytes32)',
  'function controlCount() view returns (uint64)',
  'event ControlSent(uint64 indexed index,uint8 indexed kind,uint64 round,uint64 sentAtSec,bytes payload,bytes32 head)',
  `event Committed(uint64 indexed number,bytes32 indexed postState,bytes32 prevState,uint64 round,uint64 asOf,${CURSOR}[] inputs,uint64 control,${CURSOR}[] paid,bytes32 beneficiary)`,
]);

/** What a gateway, and the anchor, say of the registry that they hold signatures to. */
export const REGISTERED_ABI = createAbi(['function registry() view returns (address)']);

/** What the bridge reads of a registry of enclaves. */
export const REGISTRY_ABI = createAbi([
  'function epoch() view returns (uint64)',
  'function threshold() view returns (uint16)',
  'function currentKey() view returns (uint64 keyEpoch,bytes32 key)',
  'function enclaveOf(uint64 epoch,address enclave) view returns ((uint64 expiresAt,bytes32 measurement))',
  'function isRevoked(address enclave) view returns (bool)',
  'event EnclaveAdmitted(address indexed enclave,uint64 indexed epoch,uint64 expiresAt,bytes32 measurement)',
  'event EnclaveRevoked(address indexed enclave)',
]);

/** The contracts' refusals: what a revert's four bytes stand for. */
export const REFUSALS_ABI = createAbi([
  'error AnchorAlreadyInitialized()',
  'error AnchorNotInitialized()',
  'error AnchorStateZero()',
  'error AnchorWrongNumber(uint64 number,uint64 expected)',
  'error AnchorStaleState(bytes32 prevState,bytes32 expected)',
  'error AnchorCursorsNotAscending(uint256 previous,uint256 chainId)',
  'error AnchorBeneficiaryZero()',
  'error AnchorRoundNotAscending(uint64 round,uint64 previous)',
  'error AnchorAsOfBackwards(uint64 asOf,uint64 previous)',
  'error AnchorAsOfOutOfTime(uint64 asOf,uint256 nowSec)',
  'error AnchorControlOutOfRange(uint64 control,uint64 least,uint64 most)',
  'error RegistryWrongEpoch(uint64 epoch,uint64 current)',
  'error RegistryTooFewSignatures(uint256 given,uint16 threshold)',
  'error RegistrySignersNotAscending(address previous,address signer)',
  'error RegistryInvalidSignature(uint256 position)',
  'error RegistrySignerUnknown(address signer,uint64 epoch)',
  'error RegistrySignerRevoked(address signer)',
  'error RegistrySignerExpired(address signer,uint64 expiresAt)',
  'error GatewayAssetUnknown(bytes32 asset)',
  'error GatewayPaused(bytes32 scope)',
  'error GatewayEnvelopeLength(uint256 length)',
  'error GatewayAmountTooLarge(uint256 amount)',
  'error GatewayFeeAboveMax(uint256 fee,uint256 maxFee)',
  'error GatewayAmountTooSmall(uint256 amount,uint256 least)',
  'error GatewayPostFeeZero()',
  'error GatewayPostEmpty()',
  'error GatewayWrongDestination(uint256 destination)',
  'error GatewayWrongRefundTo(address refundTo)',
  'error GatewayWrongValue(uint256 value,uint256 expected)',
  'error GatewayTransferInexact(uint256 moved,uint256 amount)',
  'error GatewayCapExceeded(uint256 outstanding,uint256 cap)',
  'error GatewayWrongChain(uint256 chainId,uint256 expected)',
  'error GatewayWrongGateway(address gateway)',
  'error GatewayCallerNotSubmitter(address caller,address submitter)',
  'error GatewayConsumedAboveSent(uint64 consumedCount,uint64 sentCount)',
  'error GatewayWrongIndex(uint64 firstIndex,uint64 expected)',
  'error GatewayWrongHead(bytes32 prevHead,bytes32 expected)',
  'error GatewayBatchTooLarge(uint256 releases,uint256 fees)',
  'error GatewayGasTooLow(uint256 gasLeft,uint256 needed)',
  'error GatewayClaimUnknown(uint64 index)',
  'error GatewayCallerNotRecipient(address caller,address recipient)',
  'error GatewayClaimFailed(uint8 reason)',
]);

/** Name and arguments of a refusal, or the bytes themselves if no contract of ours made them. */
export function describeRevert(data: Hex): string {
  if (data === '0x') return 'it gave no reason';
  const known = parseRefusal(data);
  if (known === undefined) return `it gave ${data.slice(0, 138)}`;
  return `${known.name}(${known.args.map(String).join(', ')})`;
}

/** Name of the refusal in `data`, if it is one of our contracts'. */
export function revertName(data: Hex): string | undefined {
  return parseRefusal(data)?.name;
}

/** Name of the refusal, if one of our contracts refused a call; undefined for any other failure. */
export function revertNameOf(error: unknown): string | undefined {
  return error instanceof ChainCallReverted ? revertName(error.meta.data) : undefined;
}

const SELECTOR_HEX_CHARS = 2 + 8;

function parseRefusal(data: Hex): ErrorDescription | undefined {
  return data.length < SELECTOR_HEX_CHARS
    ? undefined
    : (REFUSALS_ABI.parseError(data) ?? undefined);
}
