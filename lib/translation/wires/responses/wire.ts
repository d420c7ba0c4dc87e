import type { WireFormat } from "#lib/translation/format";
import { encodeResponses } from "./encode";
import { responsesReader } from "./read";

/** OpenAI's responses, with nothing kept at the provider. */
export const responsesWire: WireFormat = {
  name: "responses",
  makerOf: () => "openai",
  encode: encodeResponses,
  reader: responsesReader,
  beginsAnswer: (payload) => payload.includes('"response.created"'),
};
