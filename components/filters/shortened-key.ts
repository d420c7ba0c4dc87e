/** A key that Tollgate has made: the part that lists show, and the rest. */
const OWN_KEY = /(tg_[a-z]+_[0-9A-Za-z]{4})[0-9A-Za-z]{34}/g;

/** A text with the keys in it cut to the part that lists show, so that no key gets into an address. */
export const shortenedKey = (text: string): string => text.replaceAll(OWN_KEY, "$1");

/**
 * The secret in a pasted text; null for an ordinary search. Besides a key of ours that is any word as long and as mixed as
 * a key that was imported.
 */
export function secretIn(pasted: string): string | null {
  const [own] = pasted.match(OWN_KEY) ?? [];
  if (own !== undefined) return own;
  const word = pasted.trim();
  return /^[\w.+/=-]{20,1024}$/.test(word) && /[a-z]/i.test(word) && /\d/.test(word) ? word : null;
}
