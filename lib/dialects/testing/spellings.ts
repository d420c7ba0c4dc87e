import fc from "fast-check";

/** Names quoted as JSON, as a lenient server may still read them: in another case, with other separators, escaped. */
export const spellingsOf = (names: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      names,
      fc.constantFrom<(name: string) => string>(
        (name) => name,
        (name) => name.toUpperCase(),
        (name) => name.replaceAll("_", "-"),
        (name) => name.replaceAll("_", ""),
        (name) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
        (name) => name.replace("m", "\uff4d").replace("s", "\u017f"),
      ),
      fc.boolean(),
    )
    .map(([name, respell, isEscaped]) => {
      const text = JSON.stringify(respell(name));
      return isEscaped
        ? text.replace(/[a-z]/, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`)
        : text;
    });
