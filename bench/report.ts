/** A table as it is printed. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What a reader must know to read it. */
  readonly note?: string;
}

/** Prints a table as Markdown. */
export function printTable({ title, columns, rows, note }: Table): void {
  const lines = [columns, columns.map(() => '---'), ...rows];
  print(`\n## ${title}\n`);
  print(lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n'));
  if (note !== undefined) print(`\n${note}`);
}

/** Prints a line. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A time with three digits and a unit that fits it. */
export function formatMs(ms: number): string {
  if (ms < 1) return `${(ms * 1000).toPrecision(3)} µs`;
  return ms < 1000 ? `${ms.toPrecision(3)} ms` : `${(ms / 1000).toPrecision(3)} s`;
}

/** A whole number with separators. */
export function formatCount(count: number | bigint): string {
  return count.toLocaleString('en-US');
}

/** Bytes in MiB. */
export function formatMiB(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
