import fc from "fast-check";
import { expect } from "vitest";
import type { Played } from "./play-stream";

/** A dialect's reader of events. */
type Reader = {
  /** Meters the pieces of a stream. */
  play: (pieces: readonly Buffer[]) => Played;
  /** What it counts without parsing. */
  textDeltaBytes: (payload: Buffer) => number | null;
  /** The beginning of a stream. */
  before: string;
};

const RUNS = 1_000;
/** More white space than is in an event that is not parsed. */
const PADDING = " ".repeat(70_000);

/**
 * Checks that events mean the same as when they are parsed: with these payloads, of which a byte may be another one,
 * under this name or another one.
 * @returns how many of them are not parsed
 */
export function checkAsParsed(
  { play, textDeltaBytes, before }: Reader,
  payload: fc.Arbitrary<string>,
  name: string,
): number {
  let counted = 0;
  const payloads = fc.oneof(
    { weight: 3, arbitrary: payload.map((text) => Buffer.from(text)) },
    fc.tuple(payload, fc.nat(), anyByte).map(damaged),
  );
  const names = fc.constantFrom(name, null, "error", "unknown");
  fc.assert(
    fc.property(payloads, names, fc.constantFrom("", before), (bytes, eventName, start) => {
      if (textDeltaBytes(bytes) !== null) counted += 1;
      const scanned = play([Buffer.from(start), eventBytes(eventName, bytes)]);
      const parsed = play([Buffer.from(start), eventBytes(eventName, bytes, PADDING)]);
      expect(scanned.relayed).toBe(parsed.relayed.replace(PADDING, ""));
      const { lines: _, held, ...meter } = parsed.meter;
      expect(scanned.meter).toMatchObject(meter);
      expect(scanned.meter.held).toHaveLength(held.length);
    }),
    { numRuns: RUNS },
  );
  return counted;
}

const anyByte = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(...Buffer.from('",:{}[]\\ tn0')));

function damaged([text, at, byte]: [string, number, number]): Buffer {
  const bytes = Buffer.from(text);
  bytes[at % bytes.length] = byte;
  return bytes;
}

/** The bytes of an event; a payload of several lines has as many `data:` lines. */
function eventBytes(name: string | null, payload: Buffer, padding = ""): Buffer {
  const lines = (payload.toString("latin1") + padding).split("\n").map((line) => `data: ${line}\n`);
  return Buffer.from(`${name === null ? "" : `event: ${name}\n`}${lines.join("")}\n`, "latin1");
}
