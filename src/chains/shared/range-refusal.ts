import type { RpcRefusal } from './json-rpc.ts';

// Nodes and providers refuse questions for logs of too many blocks, or with too many logs in the answer, and each says so in
// its own words under its own code: -32000, -32005, -32602, -32614, -32047 and more. The words have more in common.
// SOURCE: eth_getLogs of geth, reth, Infura, Alchemy, QuickNode, Ankr, Cloudflare, PublicNode, Tenderly, BSC, as in their
// documentation and in public bug reports.

const TOO_MUCH = [
  // "query returned more than 10000 results", "query exceeds max results 20000", "too many results"
  /more than \d+ (?:results|logs)|max(?:imum)? results|too many (?:results|logs|blocks)/i,
  // "block range too large", "exceed maximum block range: 50000", "limited to a 10,000 range", "up to a 10 block range"
  /range (?:is |\d+ is )?(?:too|greater|bigger|exceed|limit)|max(?:imum)?(?: allowed)?(?: block)? range|limited to (?:a )?[\d,]+|up to a \S+ block range|ranges over|range \d+ exceeds/i,
  // "Log response size exceeded", "Response is too big", "backend response too large", "content size exceeds"
  /(?:response|result|content)\S*(?: size)?(?: is| should)? (?:exceed|too (?:big|large)|larger|not greater)/i,
  // "query timeout exceeded", "query duration exceeded"
  /query (?:timeout|duration)/i,
  // Of BSC's nodes, and nothing else.
  /^limit exceeded$/i,
];

/** What is said when somebody asks too often, which asking for less at a time makes worse. */
const TOO_OFTEN =
  /\brate\b|too many requests|per (?:second|minute|day)|daily|capacity|credits?|quota|usage/i;

/** Whether a node refuses a question for logs because of how many blocks it covers, or how many logs those have. */
export function isRangeRefusal({ message, data }: RpcRefusal): boolean {
  const said = `${message}${typeof data === 'string' ? ` ${data}` : sayingOf(data)}`;
  return !TOO_OFTEN.test(said) && TOO_MUCH.some((words) => words.test(said.trim()));
}

/** Some say it in the data: Tenderly in `payload`. */
function sayingOf(data: unknown): string {
  if (typeof data !== 'object' || data === null || !('payload' in data)) return '';
  return typeof data.payload === 'string' ? ` ${data.payload}` : '';
}
