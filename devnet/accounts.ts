/** The secret of an account of the local world: an index into anvil's list, or a derivation path. All are public. */
export type DevAccount = number | string;

/** Who does what on which kind of chain. */
export const ACCOUNTS = {
  owner: { ethereum: 0, substrate: '//Ferdie' },
  relayer: { ethereum: 1, substrate: '//Bob' },
  depositor: { ethereum: 2, substrate: '//Charlie' },
} as const satisfies Record<string, { readonly ethereum: number; readonly substrate: string }>;
