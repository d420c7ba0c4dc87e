import { createLoader, createSerializer, parseAsBoolean } from "nuqs/server";
import { parseAsCursor } from "../address-parsers";

/** The state of the list of admin tokens, which lives in its address. */
const tokenParsers = {
  cursor: parseAsCursor,
  /** Opens the dialog for a new one. */
  new: parseAsBoolean.withDefault(false),
};

export const loadTokenParams = createLoader(tokenParsers);
export const tokensHref = createSerializer(tokenParsers);

export type TokenParams = Awaited<ReturnType<typeof loadTokenParams>>;
