import { responses } from "#lib/dialects/responses/dialect";
import type { ClientFormat } from "#lib/translation/format";
import { decodeResponses } from "./decode";
import { responsesWriter } from "./write";

/** OpenAI's responses. */
export const responsesClient: ClientFormat = {
  dialect: responses,
  decode: decodeResponses,
  writer: responsesWriter,
};
