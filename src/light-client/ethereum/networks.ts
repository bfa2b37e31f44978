import type { EthereumConfig } from './config.ts';

/** A public network: all of its configuration but the checkpoint, which an operator pins. */
export type EthereumNetwork = Omit<EthereumConfig, 'checkpointRoot'>;

// SPEC: consensus-specs@a08d8a6 configs/mainnet.yaml; sepolia and hoodi as in @lodestar/config 1.48.0; Gloas on Sepolia:
// ethereum/pm#2205. It has no date on the other two and so no row there: a header of it is refused.

/** Ethereum mainnet. */
export const MAINNET: EthereumNetwork = {
  preset: 'mainnet',
  genesisValidatorsRoot: '0x4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95',
  genesisTimeSec: 1606824023,
  forks: [
    { name: 'altair', version: '0x01000000', epoch: 74240 },
    { name: 'bellatrix', version: '0x02000000', epoch: 144896 },
    { name: 'capella', version: '0x03000000', epoch: 194048 },
    { name: 'deneb', version: '0x04000000', epoch: 269568 },
    { name: 'electra', version: '0x05000000', epoch: 364032 },
    { name: 'fulu', version: '0x06000000', epoch: 411392 },
  ],
};

/** The Sepolia test network. */
export const SEPOLIA: EthereumNetwork = {
  preset: 'mainnet',
  genesisValidatorsRoot: '0xd8ea171f3c94aea21ebc42a1ed61052acf3f9209c00e4efbaaddac09ed9b8078',
  genesisTimeSec: 1655733600,
  forks: [
    { name: 'altair', version: '0x90000070', epoch: 50 },
    { name: 'bellatrix', version: '0x90000071', epoch: 100 },
    { name: 'capella', version: '0x90000072', epoch: 56832 },
    { name: 'deneb', version: '0x90000073', epoch: 132608 },
    { name: 'electra', version: '0x90000074', epoch: 222464 },
    { name: 'fulu', version: '0x90000075', epoch: 272640 },
    { name: 'gloas', version: '0x90000076', epoch: 353024 },
  ],
};

/** The Hoodi test network. */
export const HOODI: EthereumNetwork = {
  preset: 'mainnet',
  genesisValidatorsRoot: '0x212f13fc4df078b6cb7db228f1c8307566dcecf900867401a92023d7ba99cb5f',
  genesisTimeSec: 1742213400,
  forks: [
    { name: 'altair', version: '0x20000910', epoch: 0 },
    { name: 'bellatrix', version: '0x30000910', epoch: 0 },
    { name: 'capella', version: '0x40000910', epoch: 0 },
    { name: 'deneb', version: '0x50000910', epoch: 0 },
    { name: 'electra', version: '0x60000910', epoch: 2048 },
    { name: 'fulu', version: '0x70000910', epoch: 50688 },
  ],
};
