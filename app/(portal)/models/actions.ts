"use server";

import { createModel } from "#lib/services/models/create-model";
import { deleteModel } from "#lib/services/models/delete-model";
import { updateModel } from "#lib/services/models/update-model";
import { action } from "../action";

export const createModelAction = action(createModel, { page: "/models" });
export const updateModelAction = action(updateModel, { page: "/models" });
export const deleteModelAction = action(deleteModel, { page: "/models", refresh: false });
