import { formatTable } from '../client/format-table.ts';

/** How wide the terminal is that standard output goes to, in columns; undefined where it goes elsewhere. */
function columnsOf({ isTTY, columns }: NodeJS.WriteStream): number | undefined {
  return isTTY ? columns : undefined;
}

/**
 * A table for whoever sits before a terminal: where it is wider than that, a block for each row with a line for each of its cells, since a row that
 * breaks anywhere can be read by nobody. Anything but a terminal gets the table.
 *
 * @param right columns that are aligned to the right
 */
export function terminalTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const table = formatTable(header, rows, right);
  const width = columnsOf(process.stdout);
  if (width === undefined || widestOf(table) <= width) return table;
  return rows.map((row) => `${blockOf(header, row)}\n`).join('\n');
}

function widestOf(text: string): number {
  return Math.max(...text.split('\n').map((line) => line.length));
}

function blockOf(header: readonly string[], row: readonly string[]): string {
  const titleWidth = Math.max(...header.map((title) => title.length));
  const told = header.flatMap((title, column) => {
    const cell = row[column] ?? '';
    return cell === '' ? [] : [`${title.padEnd(titleWidth)}  ${cell}`];
  });
  return told.join('\n');
}
