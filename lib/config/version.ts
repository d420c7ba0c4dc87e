/** Tollgate's version, as package.json has it (version.test.ts). A constant, so that no bundle reads a file for it. */
export const VERSION = "0.1.0";
