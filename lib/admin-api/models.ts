import { CreateModelInput, createModel } from "#lib/services/models/create-model";
import { deleteModel } from "#lib/services/models/delete-model";
import { getModel, ModelId } from "#lib/services/models/get-model";
import { ListModelsQuery, listModels } from "#lib/services/models/list-models";
import { Model } from "#lib/services/models/model";
import { UpdateModelInput, updateModel } from "#lib/services/models/update-model";
import { pageOf } from "#lib/services/page";
import { type Operation, operation } from "./operation";

const tag = "Models";

/** What clients may ask for, where it is served and what it costs. Everybody reads, administrators change. */
export const modelOperations: readonly Operation[] = [
  operation({
    method: "POST",
    path: "/models",
    summary: "Create a model",
    description:
      "Without a `price`, each target costs what the catalogue says: the imported one, else the built-in one. Where neither knows it, a price must be given.",
    tag,
    status: 201,
    input: CreateModelInput,
    output: Model,
    idempotent: true,
    run: createModel,
  }),
  operation({
    method: "GET",
    path: "/models",
    summary: "List models",
    tag,
    status: 200,
    input: ListModelsQuery,
    output: pageOf(Model),
    run: listModels,
  }),
  operation({
    method: "GET",
    path: "/models/{id}",
    summary: "Read a model",
    tag,
    status: 200,
    input: ModelId,
    output: Model,
    run: getModel,
  }),
  operation({
    method: "PATCH",
    path: "/models/{id}",
    summary: "Change a model",
    description:
      "What is left out stays as it is. `targets` replace those there are; `price: null` goes back to the catalogue's price.",
    tag,
    status: 200,
    input: UpdateModelInput,
    output: Model,
    run: updateModel,
  }),
  operation({
    method: "DELETE",
    path: "/models/{id}",
    summary: "Delete a model",
    description: "The ledger keeps its name and its prices.",
    tag,
    status: 204,
    input: ModelId,
    run: deleteModel,
  }),
];
