import { expect, test } from "vitest";
import { importPrices } from "#lib/services/prices/import-prices";
import { UNKNOWN_ID } from "#lib/services/testing/context";
import { worldOfFile } from "#lib/services/testing/world";
import { createProvider } from "./create-provider";
import { providerPrice } from "./provider-price";

const world = await worldOfFile();
const admin = world.as(world.admin);
const { id } = await createProvider(admin, {
  name: "azure",
  type: "azure-openai",
  base_url: "https://eu.openai.azure.com",
  credentials: { api_key: "k" },
});
const priceOf = (model: string) => providerPrice(admin, { id, model });

test("a model at a provider has the built-in catalogue's price, or an imported one", async () => {
  expect(await priceOf("gpt-4o-mini")).toMatchObject({
    model: "gpt-4o-mini",
    price: { input_per_mtok: "0.15", output_per_mtok: "0.6" },
    context_window: expect.any(Number),
  });
  await importPrices(admin, {
    "azure/gpt-4o-mini": {
      mode: "chat",
      litellm_provider: "azure",
      input_cost_per_token: 3e-6,
      output_cost_per_token: 7e-6,
      max_output_tokens: 500,
    },
  });
  expect(await priceOf("gpt-4o-mini")).toMatchObject({
    price: { input_per_mtok: "3", output_per_mtok: "7" },
    max_output_tokens: 500,
  });
});

test("an unknown model, and a provider that is not there, have none", async () => {
  await expect(priceOf("my-deployment")).rejects.toMatchObject({ code: "not_found" });
  await expect(providerPrice(admin, { id: UNKNOWN_ID, model: "gpt-4o-mini" })).rejects.toMatchObject({
    message: "Provider not found.",
  });
});
