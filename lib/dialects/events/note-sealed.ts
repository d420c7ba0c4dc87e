import { addSealed, sealedBytes } from "#lib/dialects/text/sealed-texts";
import { noteContent, type StreamMeter } from "./stream-meter";

/** Notes that what follows is another part of an answer. */
export function beginPart({ part, contentBytes }: StreamMeter): void {
  part.startBytes = contentBytes;
  part.sealedCharacters = 0;
}

/** Notes encrypted reasoning of the part that is read: it counts as far as it is more than what the part has shown. */
export function noteSealed(meter: StreamMeter, characters: number): void {
  const { part, contentBytes, rare } = meter;
  part.sealedCharacters += characters;
  noteContent(meter, sealedBytes(part.sealedCharacters, contentBytes - part.startBytes));
  addSealed(rare, characters);
}
