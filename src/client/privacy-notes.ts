import type { Hex } from '../shared/bytes.ts';

/** What of a payment is public, or will be. */
export interface PaymentFacts {
  readonly way: 'transparent' | 'direct' | 'pooled';
  /** The user's own addresses that pay, sign or were seen, 20 bytes each. */
  readonly own: readonly Hex[];
  /** Who is paid, 20 bytes each. */
  readonly recipients: readonly Hex[];
  /** Recipients of public payouts on the destination. */
  readonly paidBefore: ReadonlySet<Hex>;
  /** Of each pooled leg: others among whom it can be expected to leave. */
  readonly expectedOthers: readonly number[];
  /** Different depositors that the pools' floor asks for. */
  readonly leastRoots: number;
  /** The own addresses have deposited this asset within the last day. */
  readonly depositedLately: boolean;
}

/** Where a choice links what is paid in to what is paid out, each in a sentence. Empty if nothing known does. */
export function privacyNotes(facts: PaymentFacts): string[] {
  return [...wayNotes(facts), ...addressNotes(facts), ...poolNotes(facts)];
}

function wayNotes({ way }: PaymentFacts): string[] {
  switch (way) {
    case 'transparent':
      return ['the recipient stands in the open beside the deposit: everybody can link the two'];
    case 'direct':
      return [
        'a direct payout leaves in the round that takes the deposit: amount and time link the two',
      ];
    case 'pooled':
      return [];
  }
}

function addressNotes({ own, recipients, paidBefore }: PaymentFacts): string[] {
  const isOne = recipients.length === 1;
  return recipients.flatMap((recipient) => {
    const who = isOne ? 'the recipient' : recipient;
    if (own.includes(recipient)) {
      return [`${who} is an address of the payer: that alone links the two`];
    }
    return paidBefore.has(recipient)
      ? [`${who} was paid by the bridge before: payouts to one address are linked`]
      : [];
  });
}

function poolNotes(facts: PaymentFacts): string[] {
  const { way, recipients, expectedOthers, leastRoots, depositedLately } = facts;
  if (way !== 'pooled') return [];
  const fewest = Math.min(...expectedOthers);
  return [
    ...(expectedOthers.length > recipients.length
      ? [
          'payouts to one address add up to what is paid in, which is how most such are found: rather leave the rest in the account',
        ]
      : []),
    ...(recipients.length > 1
      ? ['whoever sees these addresses used together can add up what they were paid']
      : []),
    ...(fewest < leastRoots - 1
      ? [
          'few payouts of such an amount were seen lately: it may wait long, and leave among few, or alone if somebody pays for the others there',
        ]
      : []),
    ...(depositedLately
      ? ['you deposited this asset within the last day: the longer you wait, the less that says']
      : []),
  ];
}
