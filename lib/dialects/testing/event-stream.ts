import fc from "fast-check";

/** One way to write an event that means the same as any other (WHATWG HTML, server-sent events). */
type EventForm = {
  lineEnd: "\n" | "\r" | "\r\n";
  /** Lines before the data: comments and fields that clients ignore. */
  before: string[];
  after: string[];
  space: "" | " ";
  /** Whether the payload takes several `data:` lines, if it can. */
  severalLines: boolean;
  /** Blank lines that end no event. */
  blankLines: number;
};

const idle = fc.constantFrom(": keep-alive", ":", "event: chunk", "id: 7", "id", "retry: 5", "unknown: x");

const eventForm: fc.Arbitrary<EventForm> = fc.record({
  lineEnd: fc.constantFrom("\n", "\r", "\r\n"),
  before: fc.array(idle, { maxLength: 2 }),
  after: fc.array(idle, { maxLength: 2 }),
  space: fc.constantFrom("", " "),
  severalLines: fc.boolean(),
  blankLines: fc.nat(2),
});

function eventText(payload: string, form: EventForm): string {
  const spread = form.severalLines && payload.startsWith("{");
  const lines = spread ? JSON.stringify(JSON.parse(payload), null, 1).split("\n") : [payload];
  const data = lines.map((line) => `data:${form.space}${line}`);
  return [...form.before, ...data, ...form.after, "", ...Array.from({ length: form.blankLines }, () => "")]
    .map((line) => line + form.lineEnd)
    .join("");
}

/** Any legal text of an event stream with these payloads; the last blank line may be missing. */
export const legalStream = (payloads: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.array(eventForm, { minLength: payloads.length, maxLength: payloads.length }),
      fc.constantFrom("", "\uFEFF"),
      fc.boolean(),
    )
    .map(([forms, mark, isTrimmed]) => {
      const text = forms.map((form, at) => eventText(payloads[at] ?? "", form)).join("");
      return mark + (isTrimmed ? text.trimEnd() : text);
    });

/** Cuts bytes at any positions, also within characters. */
export function cutAt(bytes: Buffer, positions: readonly number[]): Buffer[] {
  const at = [...new Set(positions.map((position) => position % (bytes.length + 1)))].toSorted(
    (a, b) => a - b,
  );
  return [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length));
}
