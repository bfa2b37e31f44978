// A process of its own: makes the files of an embedded database in the folder that it is given, and ends.
import { createPglite } from './open-pglite.ts';

const [, , folder] = process.argv;
if (folder === undefined) throw new TypeError('say in which folder');
const pglite = await createPglite(folder);
await pglite.close();
