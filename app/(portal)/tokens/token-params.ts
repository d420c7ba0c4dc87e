import { createLoader, createSerializer, parseAsBoolean } from "nuqs/server";
import { parseAsCursor } from "../address-parsers";

/** The query parameters of the list of admin tokens. */
const tokenParsers = {
  cursor: parseAsCursor,
  /** Opens the dialog that creates one. */
  new: parseAsBoolean.withDefault(false),
};

export const loadTokenParams = createLoader(tokenParsers);
export const tokensHref = createSerializer(tokenParsers);

export type TokenParams = Awaited<ReturnType<typeof loadTokenParams>>;
