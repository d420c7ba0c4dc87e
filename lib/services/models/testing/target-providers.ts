import { createProvider } from "#lib/services/providers/create-provider";
import type { RoutingContext } from "#lib/services/providers/routing-context";

/** Two providers for targets: one whose prices the catalogue knows, and one whose it does not. Returns their ids. */
export async function targetProviders(ctx: RoutingContext): Promise<{ openai: string; local: string }> {
  const openai = await createProvider(ctx, {
    name: "openai",
    type: "openai",
    credentials: { api_key: "sk" },
  });
  const local = await createProvider(ctx, {
    name: "local",
    type: "openai-compatible",
    base_url: "http://127.0.0.1:8000/v1",
  });
  return { openai: openai.id, local: local.id };
}
