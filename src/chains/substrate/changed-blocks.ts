/** Blocks that follow on each other, both ends included. */
export interface BlockSpan {
  readonly fromBlock: number;
  readonly toBlock: number;
}

/** Says what some storage is after a block; undefined if that is not known, or there is none yet. */
export type StateAt = (blockNumber: number) => Promise<string | undefined>;

/** So few blocks are not looked into: to ask about the middle of them costs as much as to read them. */
const FEW_BLOCKS = 4;
const CONCURRENT_HALVINGS = 16;

interface Stretch extends BlockSpan {
  /** After the block before the first. */
  readonly before: string | undefined;
  /** After the last block. */
  readonly after: string | undefined;
}

/**
 * Finds where storage has changed within a span, by halves: what is the same before and after some blocks none of them has changed, if
 * nothing takes back what another has done. For each block that changes it that takes as many questions as the number of blocks has
 * binary digits, however many there are.
 *
 * @returns spans in order that hold all blocks which change it, of a few blocks each but where it is not known what it was
 */
export async function findChangedBlocks(span: BlockSpan, stateAt: StateAt): Promise<BlockSpan[]> {
  const { fromBlock, toBlock } = span;
  if (isShort(span)) return [span];
  const [before, after] = await Promise.all([
    fromBlock === 0 ? undefined : stateAt(fromBlock - 1),
    stateAt(toBlock),
  ]);
  const found: BlockSpan[] = [];
  const open: Stretch[] = [{ fromBlock, toBlock, before, after }];
  while (open.length > 0) {
    const some = open.splice(-CONCURRENT_HALVINGS).filter((one) => !isQuiet(one));
    found.push(...some.filter((one) => isShort(one) || isUnknown(one)));
    const long = some.filter((one) => !isShort(one) && !isUnknown(one));
    open.push(...(await Promise.all(long.map((one) => halve(one, stateAt)))).flat());
  }
  return found
    .map((one) => ({ fromBlock: one.fromBlock, toBlock: one.toBlock }))
    .sort((a, b) => a.fromBlock - b.fromBlock);
}

function isQuiet({ before, after }: Stretch): boolean {
  return before !== undefined && before === after;
}

/** What a node does not tell at either end it does not tell between them: nothing is asked there, and nothing left out. */
function isUnknown({ before, after }: Stretch): boolean {
  return before === undefined && after === undefined;
}

function isShort({ fromBlock, toBlock }: BlockSpan): boolean {
  return toBlock - fromBlock < FEW_BLOCKS;
}

async function halve(whole: Stretch, stateAt: StateAt): Promise<readonly Stretch[]> {
  const middle = Math.floor((whole.fromBlock + whole.toBlock) / 2);
  const state = await stateAt(middle);
  return [
    { ...whole, toBlock: middle, after: state },
    { ...whole, fromBlock: middle + 1, before: state },
  ];
}
