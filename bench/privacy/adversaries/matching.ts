// Which row goes with which column, if every row takes one column or none and every column one row at most: the marginals, by belief
// propagation. Exact on trees; elsewhere the usual approximation of a permanent, which nobody can compute.

/** A row's weight for a column. */
export interface Edge {
  readonly column: number;
  readonly weight: number;
}

/** What a row may be explained by. */
export interface Row {
  readonly edges: readonly Edge[];
  /** The weight of being explained by none of the columns. */
  readonly elsewhere: number;
}

const ROUNDS = 12;

/**
 * For each row the probabilities of its edges, in their order; what is missing to 1 is elsewhere.
 *
 * @param unmatched by column, the weight of its staying without a row, above 0
 */
export function matchRows(rows: readonly Row[], unmatched: Float64Array): Float64Array[] {
  const scaled = rows.map(({ edges }) =>
    Float64Array.from(edges, ({ column, weight }) => weight / (unmatched[column] ?? 1)),
  );
  // To each edge's row: how free its column is of the others.
  const free = rows.map(({ edges }) => new Float64Array(edges.length).fill(1));
  const claims = rows.map(({ edges }) => new Float64Array(edges.length));
  const claimed = new Float64Array(unmatched.length);
  for (let i = 0; i < ROUNDS; i++) {
    claimed.fill(0);
    rows.forEach((row, r) => {
      claimColumns(row, { scaled: scaled[r], free: free[r], claims: claims[r], claimed });
    });
    rows.forEach(({ edges }, r) => {
      edges.forEach(({ column }, e) => {
        const others = (claimed[column] ?? 0) - (claims[r]?.[e] ?? 0);
        const mine = free[r];
        if (mine) mine[e] = 1 / (1 + Math.max(0, others));
      });
    });
  }
  return rows.map((row, r) => marginals(row, scaled[r], free[r]));
}

interface RowMessages {
  readonly scaled: Float64Array | undefined;
  readonly free: Float64Array | undefined;
  readonly claims: Float64Array | undefined;
  readonly claimed: Float64Array;
}

/** How much a row wants each column, given how free all the others are. */
function claimColumns(row: Row, { scaled, free, claims, claimed }: RowMessages): void {
  if (!scaled || !free || !claims) return;
  let total = row.elsewhere;
  for (let e = 0; e < scaled.length; e++) total += (scaled[e] ?? 0) * (free[e] ?? 0);
  row.edges.forEach(({ column }, e) => {
    const own = scaled[e] ?? 0;
    const rest = total - own * (free[e] ?? 0);
    claims[e] = own / Math.max(rest, own * LEAST_REST);
    claimed[column] = (claimed[column] ?? 0) + (claims[e] ?? 0);
  });
}

/** A row with one column and nothing else claims it this much. */
const LEAST_REST = 1e-9;

function marginals(
  { elsewhere }: Row,
  scaled: Float64Array | undefined,
  free: Float64Array | undefined,
): Float64Array {
  const weights = (scaled ?? new Float64Array()).map((weight, e) => weight * (free?.[e] ?? 0));
  const total = weights.reduce((sum, weight) => sum + weight, elsewhere);
  return total === 0 ? weights : weights.map((weight) => weight / total);
}
