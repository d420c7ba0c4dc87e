import { ApiKey, Model, Provider, ProviderTest } from "#lib/cli/api/answers";
import { type AdminClient, segment } from "#lib/cli/api/client";
import { allPages, onePage } from "#lib/cli/api/pages";
import { counted, shellWord } from "#lib/cli/output/format";
import { type Check, failed, failedWith, ok, warning } from "./check";

/** Whether each provider answers with its credentials, and whether there is a model to use it by. */
export async function checkRouting(admin: AdminClient): Promise<Check[]> {
  try {
    const { value: providers } = await allPages(admin, "/providers", Provider);
    const { value: models } = await allPages(admin, "/models", Model);
    return [
      ...(await checkProviders(admin, providers.items)),
      ...(await checkModels(admin, providers.items, models.items)),
    ];
  } catch (error) {
    return [
      failedWith("providers", error, "Run this with ADMIN_API_KEY, or an administrator's token, as --token."),
    ];
  }
}

async function checkProviders(admin: AdminClient, providers: readonly Provider[]): Promise<Check[]> {
  if (providers.length === 0) {
    const fix = "npx tollgate provider create openai --type openai --api-key sk-…";
    return [failed("providers", "there is none", fix)];
  }
  return Promise.all(providers.map((provider) => checkProvider(admin, provider)));
}

async function checkProvider(admin: AdminClient, { id, name, enabled }: Provider): Promise<Check> {
  const what = `provider ${name}`;
  if (enabled === false) {
    return warning(what, "disabled", `npx tollgate provider update ${shellWord(name)} --enable`);
  }
  try {
    const { value } = await admin.post(`/providers/${segment(id)}/test`, ProviderTest);
    if (value.healthy) return ok(what, `answers in ${Math.round(value.latency_ms ?? 0)} ms`);
    return failed(what, value.error ?? "does not answer", fixOf(name, value.error ?? ""));
  } catch (error) {
    return failedWith(what, error);
  }
}

function fixOf(name: string, error: string): string {
  const update = `npx tollgate provider update ${shellWord(name)}`;
  if (/\b40[13]\b|credential|api key|unauthori[sz]ed|forbidden/i.test(error)) {
    return `Its credentials are rejected. Replace them:  ${update} --api-key -`;
  }
  return `Check its address and that this machine may reach it:  ${update} --base-url URL`;
}

async function checkModels(
  admin: AdminClient,
  providers: readonly Provider[],
  models: readonly Model[],
): Promise<Check[]> {
  if (providers.length === 0) return [];
  const off = new Set(providers.filter(({ enabled }) => enabled === false).map(({ id }) => id));
  const usable = models.filter(
    ({ enabled, targets }) =>
      enabled !== false &&
      targets.some(({ provider_id: id, enabled: on }) => on !== false && !off.has(id ?? "")),
  );
  const listing = providers.some(({ settings }) => settings?.list_models === true);
  if (usable.length > 0 || listing) return [ok("models", `${counted(usable.length, "model")} can be used`)];
  const found = models.length === 0 ? "there is none" : "none is enabled";
  if (await someKeyNeedsNone(admin)) return [ok("models", `${found}; keys of one provider use its own`)];
  return [failed("models", found, "npx tollgate model create gpt-5-mini --provider PROVIDER")];
}

/** Whether one of the newest keys reaches the models of its provider, as imported ones do. */
async function someKeyNeedsNone(admin: AdminClient): Promise<boolean> {
  const query = { status: "active", limit: 200 };
  const { value: keys } = await onePage(admin, "/api-keys", ApiKey, query);
  return keys.items.some(({ provider_id: provider }) => provider != null);
}
