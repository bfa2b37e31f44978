import { readScriptOptions } from '../support/script-options.ts';

const options = readScriptOptions({
  command: 'npm run chaos',
  what: `Relayers between simulated chains and enclaves, in simulated time: schedules of what befalls them follow from the seed, one after the
other, until the time is over or one of the signals SIGINT and SIGTERM ends it. It ends with code 1 if anything was found.`,
  options: {
    seed: {
      type: 'whole number',
      value: 'S',
      what: 'what all draws follow from; otherwise the time',
    },
    minutes: { type: 'number', value: 'M', what: 'for how long', default: 10 },
    runs: { type: 'whole number', value: 'N', what: 'schedules at most', default: 10_000 },
    first: { type: 'whole number', value: 'I', what: 'the schedule to begin with', default: 0 },
    schedule: { type: 'whole number', value: 'I', what: 'only this one, which tells its story' },
    crashes: {
      type: 'flag',
      what: 'a relayer ends at each call of a day on which all else is well',
    },
    mutants: {
      type: 'flag',
      what: 'relayers that are broken on purpose, each of which has to be found',
    },
    every: {
      type: 'whole number',
      value: 'K',
      what: 'of calls or mutants only each K-th',
      default: 1,
      least: 1,
    },
    real: { type: 'flag', what: 'with real chains, a real enclave, real stores and processes' },
  },
});

// What is called wrongly is told so before any of that is loaded.
const { runChaos } = await import('./run-chaos.ts');
process.exit(await runChaos(options));
