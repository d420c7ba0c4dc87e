import {
  type EventReader,
  type MeterOptions,
  pushBytes,
  type StreamMeter,
  streamMeter,
} from "#lib/dialects/events/stream-meter";

export type Played = { relayed: string; meter: StreamMeter };

/** Meters the pieces of a stream; returns what is relayed of it, and its meter. */
export function playStream(
  reader: EventReader,
  pieces: readonly Buffer[],
  options: MeterOptions = { passUsage: true, answers: 1 },
): Played {
  const meter = streamMeter(reader, options);
  const relayed = Buffer.concat(pieces.flatMap((piece) => pushBytes(meter, piece))).toString("utf8");
  return { relayed, meter };
}
