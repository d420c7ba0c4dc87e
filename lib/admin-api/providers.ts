import { pageOf } from "#lib/services/page";
import { CreateProviderInput, createProvider } from "#lib/services/providers/create-provider";
import { deleteProvider } from "#lib/services/providers/delete-provider";
import { getProvider, ProviderId } from "#lib/services/providers/get-provider";
import { ListProvidersQuery, listProviders } from "#lib/services/providers/list-providers";
import { Provider } from "#lib/services/providers/provider";
import { ProviderTest, testProvider } from "#lib/services/providers/test-provider";
import { UpdateProviderInput, updateProvider } from "#lib/services/providers/update-provider";
import { type Operation, operation } from "./operation";

const tag = "Providers";

/** Where requests are sent. Administrators only. */
export const providerOperations: readonly Operation[] = [
  operation({
    method: "POST",
    path: "/providers",
    summary: "Create a provider",
    description: "Its credentials are kept encrypted and never shown again.",
    tag,
    status: 201,
    input: CreateProviderInput,
    output: Provider,
    idempotent: true,
    run: createProvider,
  }),
  operation({
    method: "GET",
    path: "/providers",
    summary: "List providers",
    tag,
    status: 200,
    input: ListProvidersQuery,
    output: pageOf(Provider),
    run: listProviders,
  }),
  operation({
    method: "GET",
    path: "/providers/{id}",
    summary: "Read a provider",
    tag,
    status: 200,
    input: ProviderId,
    output: Provider,
    run: getProvider,
  }),
  operation({
    method: "PATCH",
    path: "/providers/{id}",
    summary: "Change a provider",
    description:
      "What is left out stays as it is. When the host of `base_url` changes, the credentials must be given again: they are never sent to a host that they were not given for.",
    tag,
    status: 200,
    input: UpdateProviderInput,
    output: Provider,
    run: updateProvider,
  }),
  operation({
    method: "DELETE",
    path: "/providers/{id}",
    summary: "Delete a provider",
    description: "Refused with 409 while a model targets it or a key is pinned to it.",
    tag,
    status: 204,
    input: ProviderId,
    run: deleteProvider,
  }),
  operation({
    method: "POST",
    path: "/providers/{id}/test",
    summary: "Test a provider",
    description: "Sends it a request that costs nothing and waits at most ten seconds.",
    tag,
    status: 200,
    input: ProviderId,
    output: ProviderTest,
    run: testProvider,
  }),
];
