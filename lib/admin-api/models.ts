import { createModel } from "#lib/services/models/create-model";
import { deleteModel } from "#lib/services/models/delete-model";
import { getModel } from "#lib/services/models/get-model";
import { listModels } from "#lib/services/models/list-models";
import { updateModel } from "#lib/services/models/update-model";
import { type Operation, operation } from "./operation";

const tag = "Models";

/** The models that clients can request, where they are served and their prices. Only administrators change them. */
export const modelOperations: readonly Operation[] = [
  operation("POST /models", createModel, {
    summary: "Create a model",
    description:
      "Without a `price`, each target has the catalogue's price: the imported one, or else the built-in one. If neither catalogue has one, a price is required.",
    tag,
  }),
  operation("GET /models", listModels, { summary: "List models", tag }),
  operation("GET /models/{id}", getModel, { summary: "Get a model", tag }),
  operation("PATCH /models/{id}", updateModel, {
    summary: "Update a model",
    description:
      "Fields that are left out stay unchanged. `targets` replaces the existing targets; `price: null` returns to the catalogue's price.",
    tag,
  }),
  operation("DELETE /models/{id}", deleteModel, {
    summary: "Delete a model",
    description: "Ledger rows keep its name and prices.",
    tag,
  }),
];
