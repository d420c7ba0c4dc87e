import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { Encoded, EncodeOptions, Turn } from "#lib/translation/turn";
import { closedSchema } from "#lib/translation/wires/closed-schema";
import {
  atMost,
  dropDetails,
  dropPenalties,
  encodedWith,
  type Notes,
  notesOn,
  plainValue,
} from "#lib/translation/wires/notes";
import { PLAIN_NAME } from "#lib/translation/wires/openai-fields";
import { namesIn, toolNames } from "#lib/translation/wires/tool-names";
import { conversationOf } from "./content";
import { type ConverseTraits, converseTraits } from "./models";
import { isToolless } from "./own-words";
import { type Asked, reasoningOf } from "./reasoning";
import { answerTool, claudesChoice, toolConfig } from "./tools";

/** docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InferenceConfiguration.html */
const MOST_TEMPERATURE = 1;
/** Where Claude says which stop sequence it has come to, whole and in a stream. */
const STOP_SEQUENCE_PATHS = ["/stop_sequence", "/delta/stop_sequence"];

/** A request for Converse and ConverseStream, which take the same body. */
export function encodeConverse(turn: Turn, options: EncodeOptions): Encoded {
  const notes = notesOn(turn);
  dropDetails(turn, notes);
  const traits = converseTraits(options.upstreamModel);
  const names = toolNames(namesIn(turn), PLAIN_NAME);
  const answering = answerTool(turn, traits);
  const { system, messages } = conversationOf(turn, options, traits, names, notes, isToolless(turn));
  const asked = reasoningOf(turn, traits, options, messages, notes);
  for (const offer of [turn.verbosity, turn.cacheKey, turn.seed, turn.user]) notes.drop(offer);
  dropPenalties(turn, notes);
  const additional = {
    ...topKField(turn, traits, asked, notes),
    ...asked.additional,
    ...claudesChoice(turn, traits, names),
  };
  return encodedWith(notes, names, {
    messages,
    ...(system.length === 0 ? {} : { system }),
    inferenceConfig: inferenceConfig(turn, options, asked, traits, notes),
    toolConfig: answering ?? toolConfig(turn, traits, names, notes),
    outputConfig: outputConfig(turn, traits, asked, answering !== null, notes),
    ...(Object.keys(additional).length === 0 ? {} : { additionalModelRequestFields: additional }),
    ...(turn.stop !== null && traits.claude !== null
      ? { additionalModelResponseFieldPaths: STOP_SEQUENCE_PATHS }
      : {}),
  });
}

function inferenceConfig(
  { temperature, topP, stop }: Turn,
  { maxTokens }: EncodeOptions,
  { hasOwnSampling }: Asked,
  { claude }: ConverseTraits,
  notes: Notes,
): JsonObject {
  const sampling = hasOwnSampling ? "none" : (claude?.sampling ?? "all");
  if (sampling === "none") for (const given of [temperature, topP]) notes.drop(given);
  const isOnlyOne = sampling === "one" && temperature !== null;
  if (isOnlyOne) notes.drop(topP);
  return {
    maxTokens: maxTokens ?? undefined,
    temperature: sampling === "none" ? undefined : atMost(temperature, MOST_TEMPERATURE, notes),
    topP: sampling === "none" || isOnlyOne ? undefined : plainValue(topP),
    stopSequences: plainValue(stop),
  };
}

function topKField({ topK }: Turn, traits: ConverseTraits, asked: Asked, notes: Notes): JsonObject {
  if (topK === null) return {};
  if (traits.topK === null || asked.hasOwnSampling || traits.claude?.sampling === "none") {
    notes.drop(topK);
    return {};
  }
  return traits.topK === "top_k" ? { top_k: topK.value } : { inferenceConfig: { topK: topK.value } };
}

function outputConfig(
  { format }: Turn,
  { hasSchemas, claude }: ConverseTraits,
  { effort }: Asked,
  isAnsweredByTool: boolean,
  notes: Notes,
): JsonObject | undefined {
  const schema = hasSchemas && format?.value.kind === "schema" ? format.value : null;
  if (format !== null && schema === null && !isAnsweredByTool)
    notes.refuse(format, "this form of an answer is not supported by the model");
  if (schema === null && effort === undefined) return undefined;
  return {
    ...(effort === undefined ? {} : { effort }),
    ...(schema === null
      ? {}
      : {
          textFormat: {
            type: "json_schema",
            structure: {
              jsonSchema: {
                schema: JSON.stringify(claude === null ? schema.schema : closedSchema(schema.schema)),
                name: schema.name || undefined,
                description: schema.description ?? undefined,
              },
            },
          },
        }),
  };
}
