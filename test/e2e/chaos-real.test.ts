import { expect, it } from 'vitest';
import { attackRealParts } from '../chaos/real-parts.ts';
import { Tally } from '../chaos/tally.ts';

// The short form of `npm run chaos -- --real`: a relayer process between real chains, a real enclave and real stores, or with what it embeds where
// there are none.

it('a relayer comes to rest after what befalls it and all that it talks to', async () => {
  const said: string[] = [];
  const campaign = { seed: 20_261_128, first: 8, schedules: 2, tally: new Tally() };
  const print = (line: string) => void said.push(line);
  const { done, broken } = await attackRealParts({ ...campaign, isOver: () => false, print });
  expect(broken, said.join('\n')).toEqual([]);
  expect(done).toBe(2);
  expect(campaign.tally.lines().join()).toContain('happening: ');
});
