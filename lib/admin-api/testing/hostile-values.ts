/** A value that fields may meet, as the JSON that is sent: JSON.stringify does not write all of them. */
export type HostileValue = { what: string; json: string };

const text = (what: string, value: string): HostileValue => ({ what, json: JSON.stringify(value) });
const quoted = (value: string): HostileValue => text(`the text ${value}`, value);
const raw = (json: string): HostileValue => ({ what: json, json });

/** What no field stores: PostgreSQL cannot keep it. */
const UNSTORABLE = [
  text("U+0000", "a\0b"),
  text("an unpaired high surrogate", "a\ud800"),
  text("an unpaired low surrogate", "\udfffa"),
];

/** What some fields accept, and then give back as it was, and the others reject. */
const GENERAL = [
  text("an empty text", ""),
  text("a text of 1 MB", "x".repeat(1_000_000)),
  text("40 digits", "9".repeat(40)),
  ...["1e400", "9007199254740993", "{}", "[[]]"].map(raw),
  quoted("10000-01-01T00:00:00Z"),
];
const MORE = [
  text("white space", " \t\n"),
  ...["0", "-1", "2147483648", "null", "true", "[]", '{"a":1}'].map(raw),
  ...["1e30", "0000-00-00", "00000000-0000-0000-0000-000000000000"].map(quoted),
  text("an id with more after it", "7c9e6679-7425-40de-944b-e07fc1f90ae7\n"),
  quoted("::ffff:10.0.0.1/200"),
];
const NUMBERS = [
  ...["0.5", "-1e400", "1e-400", "2147483647", "4294967296", "9007199254740991", "9223372036854775808"],
  ...["1e30", '"5"', '" 5 "', '"1e2"', '"0x10"'],
].map(raw);
const AMOUNTS = [
  ...["NaN", "Infinity", "-0", "+1", "-1", "0x10", "1,5", ".5", "5.", "1 ", "\u0663"].map(quoted),
  text("15 digits and 12 decimals", `${"9".repeat(15)}.${"9".repeat(12)}`),
  text("13 decimals", "0.0000000000001"),
  text("20 decimals", `0.${"0".repeat(19)}1`),
];
const TIMES = [
  ...["+010000-01-01T00:00:00Z", "-000001-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z"],
  ...[
    "0099-12-31T23:59:59Z",
    "1000-01-01T00:00:00Z",
    "1000-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59.999Z",
  ],
  ...["9999-12-31T23:59:59-01:00", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "infinity", "now"],
  ...["0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30"],
].map(quoted);

/**
 * What a field with this JSON schema is sent.
 * @param isKnown another operation has the same field, which is sent everything
 */
export function hostileValuesFor(schema: string, isKnown: boolean): readonly HostileValue[] {
  if (isKnown) return [...UNSTORABLE, ...GENERAL];
  return [
    ...UNSTORABLE,
    ...GENERAL,
    ...MORE,
    ...(/"(integer|number)"/.test(schema) ? NUMBERS : []),
    ...(/\\\\d\{1,/.test(schema) ? AMOUNTS : []),
    ...(/"date/.test(schema) ? TIMES : []),
  ];
}
