import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

// Modules with a change in them, in memory: what is imported as `x.ts?mutant=3` is read with the edits of mutant 3, and so is all that it
// imports of the relayer and of this folder. Everything else is the same for all.

/** A change of one file's text. */
export interface Edit {
  /** Below the repository's root. */
  readonly file: string;
  /** Stands in the file once. */
  readonly from: string;
  readonly to: string;
}

const ROOT = new URL('../../', import.meta.url).href;
const CHANGED_FOLDERS = [`${ROOT}src/relayer/`, `${ROOT}test/chaos/`];

/** Has modules with `?mutant=` and a number be read with the edits of that place in `mutants`. */
export function mutateModules(mutants: readonly (readonly Edit[])[]): void {
  registerHooks({
    resolve: (specifier, context, next) => {
      const found = next(specifier, context);
      const number = numberOf(context.parentURL);
      const isOurs = CHANGED_FOLDERS.some((folder) => found.url.startsWith(folder));
      if (number === undefined || !isOurs || numberOf(found.url) !== undefined) return found;
      return { ...found, url: `${found.url}?mutant=${number}` };
    },
    load: (url, context, next) => {
      const loaded = next(url, context);
      const number = numberOf(url);
      if (number === undefined) return loaded;
      const file = fileURLToPath(url).slice(fileURLToPath(ROOT).length);
      const edits = mutants[number]?.filter((edit) => edit.file === file) ?? [];
      return { ...loaded, source: edits.reduce(applyEdit, String(loaded.source)) };
    },
  });
}

function numberOf(url: string | undefined): number | undefined {
  const number = url && new URL(url).searchParams.get('mutant');
  return number ? Number(number) : undefined;
}

/** @throws {RangeError} the text is not there once: the mutant is of another day's relayer */
export function applyEdit(source: string, { file, from, to }: Edit): string {
  const places = source.split(from).length - 1;
  if (places !== 1) throw new RangeError(`${file} has ${places} times: ${from}`);
  return source.replace(from, () => to);
}
