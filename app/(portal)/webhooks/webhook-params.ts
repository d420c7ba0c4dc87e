import { createLoader, createSerializer, parseAsBoolean } from "nuqs/server";
import { parseAsCursor } from "../address-parsers";

/** The query parameters of the list of webhooks. */
const webhookParsers = {
  cursor: parseAsCursor,
  /** Opens the dialog that creates one. */
  new: parseAsBoolean.withDefault(false),
};

export const loadWebhookParams = createLoader(webhookParsers);
export const webhooksHref = createSerializer(webhookParsers);

export type WebhookParams = Awaited<ReturnType<typeof loadWebhookParams>>;
