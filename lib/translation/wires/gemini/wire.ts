import type { WireFormat } from "#lib/translation/format";
import { encodeGemini, reboundGemini } from "./encode";
import { geminiReader } from "./read";

/** Google's `generateContent`, on Google AI and on Vertex (ai.google.dev/api/generate-content). */
export const geminiWire: WireFormat = {
  name: "gemini",
  makerOf: () => "google",
  encode: encodeGemini,
  rebound: reboundGemini,
  reader: geminiReader,
};
