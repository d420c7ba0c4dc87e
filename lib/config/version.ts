/** Tollgate's version, the same as in package.json (version.test.ts). A constant, so that bundles read no file. */
export const VERSION = "0.1.0";
