import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BridgeError } from '../../src/shared/errors.ts';
import { flipBit, mutateBytes } from './mutate-bytes.ts';
import { duplicateMember, type Json, mutateJson, placesOf } from './mutate-json.ts';
import { createRandom, type Random } from './random.ts';
import { type Input, jsonBytes, type Seed, type Target } from './target.ts';

/** What was not as it must be, and how to repeat it. */
export interface Finding {
  readonly target: string;
  readonly index: number;
  readonly what: string;
}

/** What became of the runs of one target. */
export interface TargetReport {
  readonly target: string;
  runs: number;
  /** Inputs that proved what they may. */
  accepted: number;
  readonly refusals: Map<string, number>;
  slowestMs: number;
  slowestIndex: number;
  /** Heap after the runs less heap after the first few, both swept. */
  heapGrowthBytes: number;
  readonly findings: Finding[];
}

/** How a target is attacked. */
export interface CampaignOptions {
  readonly seed: number;
  readonly runs: number;
  /** No run begins when this time is over. */
  readonly forMs?: number;
  /** Told before each run, for a watchdog. */
  readonly onRun?: (index: number) => void;
}

/** Larger than any input, so that its multiples visit every byte before any twice. */
const LARGE_PRIME = 1_000_003;
/** No input may take more of the processor's time. */
export const MAX_INPUT_MS = 1000;
/** A heap that grows more while a target runs is one that keeps what it should not. */
export const MAX_HEAP_GROWTH_BYTES = 24 * 1024 * 1024;
/** Runs before the heap is first measured: compiled code and caches are in place then. */
const WARM_UP_RUNS = 300;

/** Attacks one target with mutations 0 … runs - 1 of a seed. */
export async function attack(target: Target, options: CampaignOptions): Promise<TargetReport> {
  const { seed, runs, forMs = Number.POSITIVE_INFINITY, onRun } = options;
  const report = emptyReport(target.name);
  const recipes = target.seeds.map((one) => prepare(one, target.form));
  let heapBefore = sweptHeapBytes();
  const deadlineMs = performance.now() + forMs;
  for (let index = 0; index < runs && performance.now() < deadlineMs; index++) {
    onRun?.(index);
    if (index === WARM_UP_RUNS) heapBefore = sweptHeapBytes();
    const recipe = recipes[index % recipes.length];
    const nth = Math.floor(index / recipes.length);
    if (recipe !== undefined) await runOne(recipe, report, { seed, index, nth });
    if (report.findings.length >= 10) break;
  }
  report.heapGrowthBytes = sweptHeapBytes() - heapBefore;
  if (report.heapGrowthBytes > MAX_HEAP_GROWTH_BYTES) {
    const what = `the heap grew by ${report.heapGrowthBytes} bytes over ${report.runs} runs`;
    report.findings.push({ target: target.name, index: report.runs - 1, what });
  }
  return report;
}

/** The input of one run, to repeat it alone. */
export function inputOf(target: Target, seed: number, index: number): Input {
  const one = target.seeds[index % target.seeds.length];
  if (one === undefined) return [];
  const nth = Math.floor(index / target.seeds.length);
  return mutate(prepare(one, target.form), target.name, { seed, index, nth });
}

interface Recipe {
  readonly seed: Seed;
  readonly form: Target['form'];
  readonly document: Json;
  readonly places: ReturnType<typeof placesOf>;
}

function prepare(seed: Seed, form: Target['form']): Recipe {
  const isJson = form === 'json';
  const document = isJson ? (JSON.parse(new TextDecoder().decode(seed.input[0])) as Json) : null;
  return { seed, form, document, places: placesOf(document) };
}

function emptyReport(target: string): TargetReport {
  const counts = { runs: 0, accepted: 0, slowestMs: 0, slowestIndex: 0, heapGrowthBytes: 0 };
  return { target, ...counts, refusals: new Map(), findings: [] };
}

interface Run {
  readonly seed: number;
  readonly index: number;
  /** How many runs this recorded input has had before. */
  readonly nth: number;
}

async function runOne(recipe: Recipe, report: TargetReport, run: Run): Promise<void> {
  const { target } = report;
  const { index } = run;
  const input = mutate(recipe, target, run);
  const before = input.map((bytes) => Uint8Array.from(bytes));
  const started = process.threadCpuUsage();
  const outcome = await judge(recipe.seed, input);
  const tookMs = cpuMsSince(started);
  report.runs++;
  if (tookMs > report.slowestMs) Object.assign(report, { slowestMs: tookMs, slowestIndex: index });
  if (outcome.finding !== undefined) report.findings.push({ target, index, what: outcome.finding });
  if (tookMs > MAX_INPUT_MS) {
    report.findings.push({
      target,
      index,
      what: `it took ${Math.round(tookMs)} ms of processor time`,
    });
  }
  if (!before.every((bytes, i) => Buffer.compare(bytes, input[i] ?? bytes) === 0)) {
    report.findings.push({ target, index, what: 'its input was written to' });
  }
  if (outcome.refusal === undefined) report.accepted++;
  else report.refusals.set(outcome.refusal, (report.refusals.get(outcome.refusal) ?? 0) + 1);
}

/** Time of this thread alone, so that a busy machine makes no findings. What waits for ever, the watchdog sees. */
function cpuMsSince(started: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(started);
  return (user + system) / 1000;
}

interface Outcome {
  readonly refusal?: string;
  readonly finding?: string;
}

async function judge(seed: Seed, input: Input): Promise<Outcome> {
  try {
    const proven = await seed.proves(input);
    if (seed.mayProve(input).includes(proven)) return {};
    return { finding: `it proves something else: ${proven.slice(0, 200)}` };
  } catch (error) {
    if (error instanceof BridgeError) return { refusal: error.code };
    const { stack = String(error) } = error instanceof Error ? error : {};
    return { refusal: 'NO_BRIDGE_ERROR', finding: `it throws ${stack.slice(0, 600)}` };
  }
}

/**
 * Every third run flips one bit, so that over the runs every byte of the recorded input has its turn; the others change
 * it at random, by what they know of its form.
 */
function mutate(recipe: Recipe, target: string, { seed, index, nth }: Run): Input {
  const { input } = recipe.seed;
  const random = createRandom(seed, target, index);
  if (nth % 3 === 0) return flipNth(input, nth / 3);
  if (recipe.form === 'json') return [mutateDocument(recipe, random)];
  if (input.length > 1 && random.below(2) === 0) return mutateList(input, recipe.form, random);
  const part = random.below(input.length);
  return input.with(part, mutateBytes(input[part] ?? new Uint8Array(), random));
}

/** Goes through the bytes of all parts with large steps, and flips another bit of each the next time round. */
function flipNth(input: Input, step: number): Input {
  const total = input.reduce((sum, { length }) => sum + length, 0);
  const round = Math.floor(step / total);
  let at = (step * LARGE_PRIME) % total;
  for (const [part, bytes] of input.entries()) {
    if (at < bytes.length) return input.with(part, flipBit(bytes, at, round % 8));
    at -= bytes.length;
  }
  return input;
}

function mutateDocument({ seed, document, places }: Recipe, random: Random): Uint8Array {
  const [text = new Uint8Array()] = seed.input;
  if (random.below(6) === 0) return mutateBytes(text, random);
  if (random.below(6) === 0) {
    return new TextEncoder().encode(duplicateMember(new TextDecoder().decode(text), random));
  }
  return jsonBytes(mutateJson(document, places, random));
}

/** Parts that belong together keep their number; of a list of nodes some are lost, repeated or added. */
function mutateList(input: Input, form: Target['form'], random: Random): Input {
  const [one, other] = [random.below(input.length), random.below(input.length)];
  const [first = new Uint8Array(), second = new Uint8Array()] = [input[one], input[other]];
  const swapped = input.with(one, second).with(other, first);
  if (form !== 'nodes') return swapped;
  switch (random.below(6)) {
    case 0:
      return input.toSpliced(one, 1);
    case 1:
      return input.toSpliced(one, 0, second);
    case 2:
      return input.toSpliced(one, 0, mutateBytes(second, random));
    case 3:
      return input.slice(0, one);
    case 4:
      return Array.from({ length: 2 + random.below(600) }, () => first);
    default:
      return swapped;
  }
}

/** Bytes in use after everything unreachable is gone. */
function sweptHeapBytes(): number {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}
