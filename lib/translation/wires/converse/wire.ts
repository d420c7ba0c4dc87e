import type { WireFormat } from "#lib/translation/format";
import { encodeConverse } from "./encode";
import { converseTraits } from "./models";
import { converseOwnBytes } from "./own-words";
import { converseReader } from "./read";

/** Bedrock's own form for all its models (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html). */
export const converseWire: WireFormat = {
  name: "converse",
  makerOf: (upstreamModel) => converseTraits(upstreamModel).maker,
  encode: encodeConverse,
  ownBytes: converseOwnBytes,
  reader: converseReader,
};
