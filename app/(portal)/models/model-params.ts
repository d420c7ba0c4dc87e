import { createLoader, createSerializer, parseAsBoolean } from "nuqs/server";
import { parseAsCursor, parseAsUuid, parseAsWord } from "../address-parsers";

/** The query parameters of the list of models. */
const modelParsers = {
  cursor: parseAsCursor,
  /** Opens the dialog that creates one, with this target. */
  new: parseAsBoolean.withDefault(false),
  provider: parseAsUuid,
  upstream: parseAsWord,
};

export const loadModelParams = createLoader(modelParsers);
export const modelsHref = createSerializer(modelParsers);

export type ModelParams = Awaited<ReturnType<typeof loadModelParams>>;
