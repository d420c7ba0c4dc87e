import { createLoader, createSerializer, parseAsBoolean } from "nuqs/server";
import { parseAsCursor } from "../address-parsers";

/** The query parameters of the notices. */
const parsers = { unread: parseAsBoolean.withDefault(false), cursor: parseAsCursor };

export const loadNoticeParams = createLoader(parsers);
export const noticesHref = createSerializer(parsers);
