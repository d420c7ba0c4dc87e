import type { Target } from "./wire";

/** A shorter "key" is a placeholder, which may be a word of an answer. */
const MIN_SECRET_CHARACTERS = 16;
/** A URL, or words such as the name of an app: headers have them, and so may an answer. */
const NO_SECRET = /^https?:\/\/|^\S+(?: \S+)+$/;
const HIDDEN = Buffer.from("[hidden]");

/** As many as there are providers and tokens of theirs. */
const known = new WeakMap<readonly string[], readonly Buffer[]>();

/**
 * Replaces our credentials at a provider in what it answers. An answer should never contain them, but a proxy may
 * echo the request's headers. In pieces, as parts of several events, they are not recognized.
 * @returns the same buffer if it contains none
 */
export function hideSecrets(bytes: Buffer, { secrets, signer }: Pick<Target, "secrets" | "signer">): Buffer {
  const shown = without(secrets, bytes);
  return signer === null ? shown : without(signer.secrets(), shown);
}

function without(secrets: readonly string[], bytes: Buffer): Buffer {
  let shown = bytes;
  for (const secret of spellingsOf(secrets)) {
    if (shown.indexOf(secret) !== -1) shown = replaced(shown, secret);
  }
  return shown;
}

/** Each secret as it is, and as JSON writes it. */
function spellingsOf(secrets: readonly string[]): readonly Buffer[] {
  const before = known.get(secrets);
  if (before !== undefined) return before;
  const texts = secrets
    .filter((secret) => secret.length >= MIN_SECRET_CHARACTERS && !NO_SECRET.test(secret))
    .flatMap((secret) => {
      const escaped = JSON.stringify(secret).slice(1, -1);
      return [secret, escaped, escaped.replaceAll("/", "\\/")];
    });
  const spellings = [...new Set(texts)].map((text) => Buffer.from(text));
  known.set(secrets, spellings);
  return spellings;
}

function replaced(bytes: Buffer, secret: Buffer): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(secret); at !== -1; at = bytes.indexOf(secret, from)) {
    parts.push(bytes.subarray(from, at), HIDDEN);
    from = at + secret.length;
  }
  parts.push(bytes.subarray(from));
  return Buffer.concat(parts);
}
