import { expect, test } from "vitest";
import { expectForAdministrators } from "#lib/services/testing/expect-rejected";
import { worldOfFile } from "#lib/services/testing/world";
import { createProvider } from "./create-provider";
import { listProviderPresets } from "./list-presets";

const world = await worldOfFile();
const admin = world.as(world.admin);

test("each preset becomes a provider as it is, or says what to replace in its base URL", async () => {
  const { data } = await listProviderPresets(admin);
  const incomplete: string[] = [];
  for (const preset of data) {
    const created = createProvider(admin, { ...preset, credentials: { api_key: "k" } });
    if (!preset.base_url.includes("{")) expect(await created).toMatchObject(preset);
    else {
      incomplete.push(preset.name);
      await expect(created).rejects.toMatchObject({
        code: "invalid",
        fields: { base_url: "Replace {account_id} and {gateway_id} in the base URL by your own." },
      });
    }
  }
  expect(incomplete).toEqual(["cloudflare-ai-gateway"]);
});

test("presets are for administrators", async () => {
  await expectForAdministrators(world, (ctx) => [() => listProviderPresets(ctx)]);
});
