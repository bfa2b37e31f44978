// What all bundles have in common.

/**
 * For esbuild: code of modules for the Node that the project pins, without the comments of packages.
 *
 * @type {import('esbuild').BuildOptions}
 */
export const FOR_NODE = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node26',
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'warning',
};

/**
 * As {@link FOR_NODE}, in several files. Packages of the older kind ask for Node's own modules by `require`, which each of the files makes.
 *
 * @param {string} maker what makes it is called so: one bundle may take in another, and then has two
 * @returns {import('esbuild').BuildOptions}
 */
export function inFiles(maker) {
  return {
    ...FOR_NODE,
    splitting: true,
    outExtension: { '.js': '.mjs' },
    minifyWhitespace: true,
    banner: {
      js: `import { createRequire as ${maker} } from 'node:module'; const require = ${maker}(import.meta.url);`,
    },
  };
}
