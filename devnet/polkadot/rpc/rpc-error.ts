import { BridgeError } from '../../../src/shared/errors.ts';

/** An answer with an error, with the number a Substrate node uses. */
export class RpcError extends BridgeError<{ rpcCode: number; data?: unknown }> {
  readonly code = 'DEVNET_RPC_REFUSED';
  readonly disposition = 'reject';
  constructor(rpcCode: number, message: string, data?: unknown) {
    super(message, data === undefined ? { rpcCode } : { rpcCode, data });
  }
}

/** JSON-RPC 2.0: the parameters are not what the method takes. */
export function invalidParams(data: string): RpcError {
  return new RpcError(-32602, 'Invalid params', data);
}
