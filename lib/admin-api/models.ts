import { createModel } from "#lib/services/models/create-model";
import { deleteModel } from "#lib/services/models/delete-model";
import { explainModelRequest } from "#lib/services/models/explain-request";
import { getModel } from "#lib/services/models/get-model";
import { listModelPrices } from "#lib/services/models/list-model-prices";
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
  operation("GET /models/{id}/prices", listModelPrices, {
    summary: "List the prices of a model",
    description: "Of each of its targets, with their sources and since when they apply, newest first.",
    tag,
  }),
  operation("POST /models/{id}/explain", explainModelRequest, {
    summary: "Explain a request",
    description:
      "What would happen to a request of a key or an app, and why: budgets and what they have left, the order of targets with the states of their breakers, and the decision. Nothing is sent, held or counted. Addresses and sessions are not judged.",
    tag,
  }),
  operation("DELETE /models/{id}", deleteModel, {
    summary: "Delete a model",
    description: "Ledger rows keep its name and prices.",
    tag,
  }),
];
