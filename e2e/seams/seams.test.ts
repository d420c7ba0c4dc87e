import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createThrowawayCopy, type Edit, type ThrowawayCopy } from "./throwaway-copy";

/**
 * Proves that an endpoint and a provider type can be added by new files and very few changes: a dummy of each is
 * added in a throwaway copy of the repository, which must then lint, compile and serve a request through it.
 * A seam is a folder here: `added/` holds the new files at their paths.
 */
type Seam = { name: string; edits: readonly Edit[]; test: string };

const MOST_CHANGED_FILES = 3;

const SEAMS: readonly Seam[] = [
  {
    name: "endpoint",
    edits: [
      {
        file: "lib/dialects/registry.ts",
        text: 'import type { Dialect } from "./dialect";',
        by: 'import type { Dialect } from "./dialect";\nimport { dummy } from "./dummy/dialect";',
      },
      {
        file: "lib/dialects/registry.ts",
        text: "[chat, completions, embeddings, responses, messages]",
        by: "[chat, completions, embeddings, responses, messages, dummy]",
      },
      {
        file: "lib/providers/openai-wires.ts",
        text: `    { dialect: "chat", path: () => "chat/completions", outputLimitField: chatOutputLimitField, streamUsage },`,
        by: `    { dialect: "chat", path: () => "chat/completions", outputLimitField: chatOutputLimitField, streamUsage },
    { dialect: "dummy", path: () => "dummies", outputLimitField: null, streamUsage: false },`,
      },
      {
        file: "lib/admin-api/data-plane-document.ts",
        text: "export const dataPlanePaths: ZodOpenApiPathsObject = {",
        by: `export const dataPlanePaths: ZodOpenApiPathsObject = {
  "/v1/dummies": { post: { operationId: "createDummy", responses: { "200": { description: "A dummy." } } } },`,
      },
    ],
    test: "lib/gateway/pipeline/dummy-endpoint.db.test.ts",
  },
  {
    name: "provider",
    edits: [
      {
        file: "lib/providers/registry.ts",
        text: 'import { google } from "./types/google";',
        by: 'import { dummy } from "./types/dummy";\nimport { google } from "./types/google";',
      },
      { file: "lib/providers/registry.ts", text: "  openai: openAi,", by: "  dummy,\n  openai: openAi," },
    ],
    test: "lib/services/providers/dummy-provider.db.test.ts",
  },
];

describe.each(SEAMS)("a dummy $name", ({ name, edits, test: servingTest }) => {
  let copy: ThrowawayCopy;
  beforeAll(() => {
    copy = createThrowawayCopy();
    copy.change(join(import.meta.dirname, name, "added"), edits);
  });
  afterAll(() => copy.remove());

  test(`changes at most ${MOST_CHANGED_FILES} existing files`, () => {
    const changed = copy.changedFiles();
    console.log(`A dummy ${name} changes ${changed.length} existing files: ${changed.join(", ")}`);
    expect(changed.length).toBeLessThanOrEqual(MOST_CHANGED_FILES);
  });

  test.concurrent("lints and compiles", async () => {
    await copy.run("biome", "ci", "--diagnostic-level=error");
    await copy.run("tsc", "--noEmit", "--incremental", "false");
  });

  test.concurrent("serves requests", async () => {
    await copy.run(
      "vitest",
      "run",
      servingTest,
      "app/proxied-pages.test.ts",
      "lib/dialects/paths.test.ts",
      "lib/gateway/structure.test.ts",
      "lib/admin-api/openapi.test.ts",
    );
  });
});
