import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { worldOfFile } from "#lib/services/testing/world";
import { stopwatch } from "#lib/testing/promptness";
import { litellmCataloguePath } from "#lib/testing/shared-data";
import { importPrices } from "./import-prices";

const world = await worldOfFile();

const chat = {
  litellm_provider: "openai",
  mode: "chat",
  max_tokens: 16_384,
  max_input_tokens: 128_000,
  max_output_tokens: 16_384,
  input_cost_per_token: 2.5e-6,
  output_cost_per_token: 1e-5,
  supports_function_calling: true,
};

/** The kinds of entry in LiteLLM's documentation, in about its proportions. */
const BILLED_BY_TOKEN: object[] = [
  chat,
  { ...chat, input_cost_per_token: 0, output_cost_per_token: 0 },
  { ...chat, cache_read_input_token_cost: 1.25e-6, input_cost_per_token_batches: 1.25e-6 },
  { ...chat, cache_creation_input_token_cost: 3.75e-6, cache_read_input_token_cost: 3e-7 },
  { ...chat, input_cost_per_token_above_200k_tokens: 5e-6, output_cost_per_token_above_200k_tokens: 1.5e-5 },
  { ...chat, output_cost_per_reasoning_token: 1e-5, search_context_cost_per_query: { low: 0.03 } },
  { ...chat, input_cost_per_audio_token: 4e-5, output_cost_per_audio_token: 8e-5 },
  { ...chat, mode: "completion" },
  { mode: "embedding", litellm_provider: "openai", input_cost_per_token: 2e-8, output_vector_size: 1536 },
];
const BILLED_OTHERWISE: object[] = [
  { mode: "image_generation", litellm_provider: "openai", input_cost_per_pixel: 1.9e-8 },
  { mode: "audio_transcription", litellm_provider: "openai", input_cost_per_second: 1e-4 },
  { mode: "rerank", litellm_provider: "cohere", input_cost_per_query: 0.002 },
];

/** A catalogue in LiteLLM's format with more entries than LiteLLM's own. */
function documentedCatalogue(): Record<string, object> {
  const copies = Array.from({ length: 150 }, (_, copy) =>
    [...BILLED_BY_TOKEN, ...BILLED_OTHERWISE].map((entry, kind): [string, object] => [
      `provider-${copy}/model-${kind}`,
      entry,
    ]),
  );
  return Object.fromEntries(copies.flat());
}

/** LiteLLM's own file is not part of the repository: the last line of `npm test` says when it is left out. */
const litellmPath = litellmCataloguePath();
const CATALOGUES = [
  { name: "a catalogue of every documented kind of entry", read: documentedCatalogue, billable: 1350 },
  ...(litellmPath === null
    ? []
    : [
        {
          name: "LiteLLM's own catalogue",
          read: (): Record<string, object> => JSON.parse(readFileSync(litellmPath, "utf8")),
          billable: 1201,
        },
      ]),
];

test.each(CATALOGUES)("imports $name in seconds, and once", async ({ read, billable }) => {
  const admin = world.as(world.admin);
  const catalogue = read();
  const took = stopwatch();
  const first = await importPrices(admin, catalogue);
  expect(took()).toBeLessThan(10_000);
  expect(first.imported + first.unchanged + first.skipped_total).toBe(Object.keys(catalogue).length);
  expect(first.imported).toBeGreaterThanOrEqual(billable);
  const reasons = new Set(first.skipped.map(({ reason }) => reason));
  expect([...reasons].filter((reason) => /digits|is not a valid rate|not an object/.test(reason))).toEqual(
    [],
  );
  expect(await importPrices(admin, catalogue)).toMatchObject({
    imported: 0,
    skipped_total: first.skipped_total,
  });
});
