import { patchPostgres } from "./postgres-patch";

// Runs after `npm install`, where our own files are there by then: a Dockerfile may copy them later. Then the build does it.
patchPostgres(process.cwd());
