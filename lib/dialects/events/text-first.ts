import type { PlainTextReader } from "./plain-delta";
import type { EventReader, StreamMeter, Verdict } from "./stream-meter";

/** How a dialect reads its events. */
type Reading = {
  /** The bytes of text in an event that has nothing else; null for others, which are parsed. */
  textBytes: PlainTextReader;
  addContent: (meter: StreamMeter, bytes: number) => void;
  readParsed: (meter: StreamMeter, payload: string, isError: boolean) => Verdict;
};

/** Reads events of text without parsing them, and all others parsed. */
export const textFirst =
  ({ textBytes, addContent, readParsed }: Reading): EventReader["read"] =>
  (meter, bytes, name) => {
    const isError = name === "error";
    const added = isError ? null : textBytes(bytes, meter.rare);
    if (added === null) return readParsed(meter, bytes.toString("utf8").trim(), isError);
    addContent(meter, added);
    return "relay";
  };
