import { patchPostgres } from "./postgres-patch";

// Runs after `npm install` if our own files exist by then. A Dockerfile may copy them later; then the build does it.
patchPostgres(process.cwd());
