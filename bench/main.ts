import { describeMachine } from './machine.ts';
import { type Options, readOptions } from './options.ts';
import { print } from './report.ts';
import { benchAbsence } from './sections/absence.ts';
import { benchContracts } from './sections/contracts.ts';
import { benchDemo } from './sections/demo.ts';
import { benchEnclave } from './sections/enclave.ts';
import { benchLedgerMaps } from './sections/ledger-maps.ts';
import { benchMessages } from './sections/messages.ts';
import { benchOpen } from './sections/open.ts';
import { benchPolkadotDevnet } from './sections/polkadot-devnet.ts';
import { benchSpeed } from './sections/speed.ts';
import { benchTime } from './sections/time.ts';

const SECTIONS = new Map<string, (options: Options) => Promise<void>>([
  ['enclave', benchEnclave],
  ['open', benchOpen],
  ['messages', benchMessages],
  ['speed', benchSpeed],
  ['absence', benchAbsence],
  ['time', benchTime],
  ['ledger-maps', benchLedgerMaps],
  ['contracts', benchContracts],
  ['polkadot', benchPolkadotDevnet],
  ['demo', benchDemo],
]);

const options = readOptions({
  command: 'npm run bench',
  what: 'Measures the bridge, section by section.',
  sections: [...SECTIONS.keys()],
});
const { only } = options;
print(describeMachine(options));
for (const [name, run] of SECTIONS) {
  if (only === undefined || only === name) await run(options);
}
