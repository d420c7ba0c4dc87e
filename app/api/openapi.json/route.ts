import { openApiAnswer } from "#lib/admin-api/openapi-answer";

export const dynamic = "force-dynamic";

/** The description of the APIs is public: it says nothing about this installation. */
export { openApiAnswer as GET };
