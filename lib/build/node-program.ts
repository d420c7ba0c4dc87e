import { join } from "node:path";
import type { BuildOptions } from "esbuild";

/** How esbuild bundles our TypeScript for Node: packages stay outside the bundle. */
export const nodeProgram = (root: string) =>
  ({
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: true,
    // server-only throws outside Next, whose own build checks what it guards against.
    alias: { "server-only": join(root, "node_modules/server-only/empty.js") },
    logLevel: "error",
  }) satisfies BuildOptions;
