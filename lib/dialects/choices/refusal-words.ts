/** A field that the words of an error refuse, and what the server has written around its name. */
export type RefusedName = { name: string; around: readonly string[] };

/** No server needs more words to say it. */
const MOST_CHARACTERS = 1_000;

/** What proxies and frameworks put before an error; the client wrote no part of it. */
const BEFORE =
  "(?:[\\w.]{1,60}(?:Error|Exception)(?::| -) ?){0,3}(?:1 validation error for [\\w.]{1,80}\\s{1,4}|invalid JSON payload received\\. |failed to deserialize the JSON body into the target type: |malformed input request: #: |[\\w.]{1,60}\\(\\) got an )?";
const KIND = "(?:parameter|argument|field|property|option|key|input|name)s?";
const NAME = "[\"'`[(]{0,2}(?:body\\.)?(?<name>\\w{1,60}(?:\\.\\w{1,60})?)[\"'`\\])]{0,2}";
const REFUSED =
  "(?:not supported|unsupported|not permitted|not allowed|not recogni[sz]ed|unknown)(?: (?:with|by|for|in|on) (?:this|the) \\w{1,40})?";
/** Where what is said about the name ends: a value that is refused has more to say. */
const END = "(?=\\W{0,4}$|\\W{0,2}[.,;] )";

/**
 * How servers word it, from the start of the message: a text that they quote comes later. An error that only holds the
 * name somewhere may quote the client, a URL or what the model has generated.
 */
const WORDINGS: readonly RegExp[] = [
  // Unsupported parameter: 'x'; Unrecognized request argument supplied: x; f() got an unexpected keyword argument 'x';
  // Unknown name "x": Cannot find field; unknown field `x`, expected one of …; extraneous key [x] is not permitted
  `(?:unsupported|unknown|unrecogni[sz]ed|unexpected|extra|extraneous|additional)(?: (?:request|keyword|body))? ${KIND}(?: (?:supplied|provided))?:? ${NAME}(?:(?: is)? ${REFUSED}|: cannot find field)?${END}`,
  // 'x' is not supported with this model; property 'x' is unsupported
  `(?:(?:the )?${KIND} )?${NAME}:?(?: (?:is|are))? ${REFUSED}${END}`,
  // x: Extra inputs are not permitted
  `${NAME}\\W{1,4}extra (?:inputs|fields)(?: are)? not permitted(?=\\W{0,4}$|\\W{0,2}[.,;] | \\[type=extra_forbidden)`,
  // [{'type': 'extra_forbidden', 'loc': ('body', 'x'), 'msg': 'Extra inputs are not permitted', …
  `\\[\\{'type': 'extra_forbidden', 'loc': \\('body', ${NAME}, 'msg': 'extra inputs are not permitted'`,
  // openai does not support parameters: ['x'], for model=…
  `(?:(?:this|the) (?:model|endpoint|provider|server)|[\\w.-]{1,40}) does not support (?:the )?(?:${KIND}:? )?${NAME}${END}`,
  // 'x' is deprecated. Use 'y' instead.
  `(?:(?:the )?${KIND} )?${NAME} is (?:deprecated|no longer supported)(?=[.,;:]? (?:please )?use\\W{1,3}\\w{1,60}\\W{0,3}(?: instead)?\\W{0,2}$)`,
].map((wording) => new RegExp(`^${BEFORE}${wording}`, "i"));

/** Which field the words of an error refuse by its name, and not for its value; null: none. */
export function refusedName(message: string): RefusedName | null {
  const text = message.trim();
  if (text.length > MOST_CHARACTERS) return null;
  for (const wording of WORDINGS) {
    const found = wording.exec(text);
    const name = found?.groups?.name;
    if (!found || name === undefined) continue;
    const at = found[0].lastIndexOf(name);
    const around = [found[0].slice(0, at), found[0].slice(at + name.length)];
    return { name, around: around.map((part) => part.replace(/^\W+|\W+$/g, "")) };
  }
  return null;
}
