import type { WireFormat } from "#lib/translation/format";
import { encodeGemini } from "./encode";
import { geminiReader } from "./read";

/** Google's `generateContent`, on Google AI and on Vertex (ai.google.dev/api/generate-content). */
export const geminiWire: WireFormat = {
  name: "gemini",
  makerOf: () => "google",
  encode: encodeGemini,
  reader: geminiReader,
};
