/** One JSON-RPC method of a chain of this machine, and what to throw if the chain does not do it. */
export interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
  readonly refused: (what: string) => Error;
}

/** Calls a method over HTTP. The node is one of ours, so its answers' shapes are believed. */
export async function callRpc<T>(
  httpUrl: string,
  { method, params, refused }: RpcCall,
): Promise<T> {
  const response = await fetch(httpUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const answer = (await response.json()) as { result?: T; error?: { message: string } };
  if (answer.result !== undefined) return answer.result;
  throw refused(`${method}: ${answer.error?.message ?? 'no result'}`);
}
