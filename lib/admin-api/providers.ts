import { createProvider } from "#lib/services/providers/create-provider";
import { deleteProvider } from "#lib/services/providers/delete-provider";
import { getProvider } from "#lib/services/providers/get-provider";
import { listProviderPresets } from "#lib/services/providers/list-presets";
import { listProviderModels } from "#lib/services/providers/list-provider-models";
import { listProviders } from "#lib/services/providers/list-providers";
import { providerPrice } from "#lib/services/providers/provider-price";
import { testProvider } from "#lib/services/providers/test-provider";
import { updateProvider } from "#lib/services/providers/update-provider";
import { type Operation, operation } from "./operation";

const tag = "Providers";

/** Where requests are sent. Administrators only. */
export const providerOperations: readonly Operation[] = [
  operation("POST /providers", createProvider, {
    summary: "Create a provider",
    description: "Its credentials are stored encrypted and never returned.",
    tag,
  }),
  operation("GET /providers", listProviders, { summary: "List providers", tag }),
  operation("GET /providers/{id}", getProvider, { summary: "Get a provider", tag }),
  operation("PATCH /providers/{id}", updateProvider, {
    summary: "Update a provider",
    description:
      "Fields that are left out stay unchanged. When the host of `base_url` changes, give the credentials and the values of `settings.headers` again: they are never sent to a host that they were not given for. Those values are never returned; null for one, as a response has it, keeps what is stored.",
    tag,
  }),
  operation("DELETE /providers/{id}", deleteProvider, {
    summary: "Delete a provider",
    description: "409 while a model targets it or a key is pinned to it.",
    tag,
  }),
  operation("POST /providers/{id}/test", testProvider, {
    summary: "Test a provider",
    description: "Sends a request that costs nothing and waits at most ten seconds.",
    tag,
  }),
  operation("GET /providers/{id}/models", listProviderModels, {
    summary: "List the models of a provider",
    description:
      "Asks the provider which models it offers, for at most fifteen seconds. 502 `upstream_error` if it cannot be reached, rejects the credentials or has no list; 504 `upstream_timeout` if it does not answer in time.",
    tag,
  }),
  operation("GET /providers/{id}/price", providerPrice, {
    summary: "Find the price of a model at a provider",
    description:
      "What the catalogues know of a model of this name, whether it was created or not: the price that a target with it gets. 404 without one.",
    tag,
  }),
  operation("GET /provider-presets", listProviderPresets, {
    summary: "List provider presets",
    description:
      "The base URLs, dialects and quirks of providers that people use. Send one to `POST /providers`, with its placeholders replaced and your credentials.",
    tag,
  }),
];
