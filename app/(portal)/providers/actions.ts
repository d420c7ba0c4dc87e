"use server";

import { createProvider } from "#lib/services/providers/create-provider";
import { deleteProvider } from "#lib/services/providers/delete-provider";
import { listProviderModels } from "#lib/services/providers/list-provider-models";
import { testProvider } from "#lib/services/providers/test-provider";
import { updateProvider } from "#lib/services/providers/update-provider";
import { action } from "../action";

export const createProviderAction = action(createProvider, { page: "/providers" });
export const updateProviderAction = action(updateProvider, { page: "/providers" });
export const deleteProviderAction = action(deleteProvider, { page: "/providers", refresh: false });
export const testProviderAction = action(testProvider, { page: "/providers", refresh: false });
export const listProviderModelsAction = action(listProviderModels, { page: "/providers", refresh: false });
