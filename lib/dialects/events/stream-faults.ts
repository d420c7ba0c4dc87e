import { readNotJson } from "#lib/dialects/errors/not-json";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { StreamMeter } from "./stream-meter";

/** Ends a stream in a provider's error; null: in nothing that can be read. */
export function endInFault(meter: StreamMeter, detail: JsonObject | null): "drop" {
  if (detail !== null) return endInError(meter, detail);
  meter.fault = { kind: "broken" };
  return "drop";
}

/** Words or a page instead of a first event are an error; later, and for half an event, the stream is broken. */
export function endInWords(meter: StreamMeter, payload: string): "drop" {
  const { said, error } = readNotJson(payload);
  if (said !== "error" || meter.hasContent) return endInFault(meter, null);
  return endInError(meter, error);
}

function endInError(meter: StreamMeter, detail: unknown): "drop" {
  meter.fault = { kind: "provider_error", detail };
  return "drop";
}
