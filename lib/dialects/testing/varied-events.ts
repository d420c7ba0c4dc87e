import fc from "fast-check";

/** A member of an object as JSON text: its name with quotes, and its value. */
type Member = readonly [name: string, value: string];

/** The values, most often the first. */
const mostly = <T>(first: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 3 * others.length, arbitrary: fc.constant(first) }, fc.constantFrom(first, ...others));

/** A member with one of these names, most often the first, and a value. */
export const member = (
  names: readonly [string, ...string[]],
  value: fc.Arbitrary<string>,
): fc.Arbitrary<Member> =>
  fc.tuple(
    mostly(...names).map((name) => JSON.stringify(name)),
    value,
  );
export const oneString = (...values: readonly [string, ...string[]]): fc.Arbitrary<string> =>
  mostly(...values).map((value) => JSON.stringify(value));
export const count: fc.Arbitrary<string> = fc.oneof(
  { weight: 9, arbitrary: fc.nat(200).map(String) },
  fc.constantFrom("01", "-1", "1.5"),
);

const ESCAPES =
  String.raw`a \u007f \" \\ \/ \b \n \u0041 \u00E9 \u6f22 \ud83d\ude00 \ud83d \ude00 \u0000`.split(" ");
const partsOf = (...parts: string[]) =>
  fc.array(fc.constantFrom(...parts), { maxLength: 12 }).map((all) => `"${all.join("")}"`);
/** Strings as JSON may write them, of all kinds of characters. */
export const stringText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "grapheme" }).map((text) => JSON.stringify(text)),
  fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
  partsOf(...ESCAPES),
  partsOf(...ESCAPES, "é", "漢", "😀"),
);

/** What no server writes: some of it is no JSON. */
const oddValue: fc.Arbitrary<string> = fc.oneof(
  stringText,
  fc.json(),
  fc.constantFrom(
    "-1",
    "01",
    "1.5",
    "1e3",
    "9".repeat(400),
    "nul",
    '"\\x"',
    '"\t"',
    '"open',
    "{}",
    "[1]",
    "[ ]",
    "",
  ),
);
const oddName = fc.constantFrom(
  '"usage"',
  '"error"',
  '"response"',
  '"__proto__"',
  '"x"',
  '"t\\u0079pe"',
  "type",
  '""',
);

/** White space between the tokens of an object. */
const spaces = fc.oneof(
  { weight: 3, arbitrary: fc.constant([""]) },
  fc.array(fc.constantFrom("", " ", "  ", "\t", "\n"), { minLength: 1 }),
);

/**
 * An object's text, mostly with these members; else in any order, some left out, repeated, with another value, or with
 * others.
 */
export const objectText = (known: readonly fc.Arbitrary<Member>[]): fc.Arbitrary<string> => {
  const usual = fc.tuple(...known);
  const odd = fc.tuple(fc.oneof(oddName, ...known.map((each) => each.map(([name]) => name))), oddValue);
  const members: fc.Arbitrary<readonly Member[]> = fc.oneof(
    { weight: 4, arbitrary: usual },
    usual.chain((all) => fc.shuffledSubarray(all)),
    fc
      .tuple(usual, odd, odd)
      .chain(([all, ...more]) => fc.shuffledSubarray([...all, ...more], { minLength: 3 })),
  );
  return fc.tuple(members, spaces).map(([all, between]) => {
    let at = 0;
    const space = () => between[at++ % between.length];
    const texts = all.map(([name, value]) => `${space()}${name}${space()}:${space()}${value}${space()}`);
    return `{${texts.join(",")}}`;
  });
};
