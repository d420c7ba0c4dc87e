/** The payloads of a whole event stream, as WHATWG HTML reads them; the last blank line may be missing. */
export function eventPayloads(text: string): string[] {
  const payloads: string[] = [];
  let data: string[] = [];
  for (const line of `${text.replace(/^\uFEFF/, "")}\n\n`.split(/\r\n|\r|\n/)) {
    if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
    if (line !== "" || data.length === 0) continue;
    payloads.push(data.join("\n"));
    data = [];
  }
  return payloads;
}

/** An event with this payload. */
export const eventOf = (payload: unknown): string => `data: ${JSON.stringify(payload)}\n\n`;

/** The same with its type as its name, as dialects write it whose events have types. */
export const typedEvent = (type: string, fields: object): string =>
  `event: ${type}\n${eventOf({ type, ...fields })}`;
