import { describeMachine } from './machine.ts';
import { readOptions } from './options.ts';
import { print } from './report.ts';
import { benchEnclave } from './sections/enclave.ts';
import { benchMessages } from './sections/messages.ts';

const SECTIONS = new Map([
  ['enclave', benchEnclave],
  ['messages', benchMessages],
]);

const options = readOptions();
const { only } = options;
if (only !== undefined && !SECTIONS.has(only)) {
  print(`--only takes one of: ${[...SECTIONS.keys()].join(', ')}`);
  process.exit(2);
}
print(describeMachine(options));
for (const [name, run] of SECTIONS) {
  if (only === undefined || only === name) await run(options);
}
