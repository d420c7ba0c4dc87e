import { openApiAnswer } from "#lib/admin-api/openapi-answer";

export const dynamic = "force-dynamic";

/** The description of the APIs, for whoever asks: it holds nothing of this installation. */
export { openApiAnswer as GET };
