import { vi } from 'vitest';

// Before each test file: a process runs many of them, and each has the project's modules, and what they remember, for
// itself. Packages stay as they are, which is what makes it quick.
vi.resetModules();
