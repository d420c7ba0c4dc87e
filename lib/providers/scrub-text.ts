import type { Target } from "./wire";

const MAX_CHARACTERS = 2_000;
/** How much of a text is scanned: the patterns below are too slow for megabytes. */
const MAX_SCANNED = 8_000;
/** A shorter "key" is a placeholder such as EMPTY, which may occur anywhere. */
const MIN_SECRET = 6;
/** Providers do not quote parts of shorter keys. */
const MIN_QUOTED = 16;

const HIDDEN = "[hidden]";

/** What identifies, unlocks or locates our account at a provider. Each pattern is bounded, so that none is slow. */
const SENSITIVE: readonly RegExp[] = [
  // Keys with the prefixes of known providers, in full or masked; tokens; anything masked.
  /\b(?:sk|pk|rk|ak|key|gsk|xai|hf|nvapi|pplx|r8|fw|csk|tgp|AIza|glpat|ghp)[-_][\w*.-]{6,200}|\bAIza[\w-]{10,100}/g,
  /\bBearer\s{1,4}[\w.~+/=*-]{6,2000}/gi,
  /\beyJ[\w-]{8,2000}\.[\w.-]{1,2000}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{12,40}\b/g,
  /[\w-]{0,40}\*{3,60}[\w-]{0,40}/g,
  // URLs, e-mail addresses, hosts, IP addresses.
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>)`]{1,2000}/gi,
  /\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g,
  /\b(?:[a-z0-9-]{1,63}\.){1,8}(?:com|net|org|io|ai|dev|app|cloud|co|eu|us|uk|de|fr|cn|internal|local|localdomain|lan|corp|intra|svc|cluster|arpa)\b(?::\d{1,5})?/gi,
  /\blocalhost(?::\d{1,5})?\b/gi,
  /\b(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?\b/g,
  /\b(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}\b|\b(?:[0-9a-f]{1,4}:){1,6}:(?:[0-9a-f]{1,4}:?){0,6}|(?<![\w:])::1\b/gi,
  // Ids of organizations, projects, people and requests; cloud resources; UUIDs; anything long and random.
  /\b(?:org|proj|acct|wrkspc)[-_][A-Za-z0-9]{6,64}/g,
  /\b(?:user|team|ws|req)[-_](?=[A-Za-z]{0,64}\d)[A-Za-z0-9]{6,64}/g,
  /\brequest[ _-]?id\b['"]?[\s:=]{1,4}['"]?[\w-]{6,100}/gi,
  /\barn:aws[\w-]{0,20}:[^\s"'`,)]{1,300}/g,
  /\bprojects\/[\w-]{1,64}(?:\/[\w.-]{1,64}){0,8}|\bproject\s{1,4}(?:(?:id|number)\s{1,4})?\d{6,20}\b/gi,
  /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi,
  /\b(?=[A-Za-z]{0,200}\d)[A-Za-z0-9]{32,200}\b/g,
  // Paths on the machine that serves the model.
  /(?<![\w.])\/(?:usr|home|root|opt|var|app|mnt|srv|data|tmp|etc|workspace|models|Users|private)\/[^\s"'`,;)]{0,300}/g,
  /\b[A-Z]:\\[^\s"'`,;)]{1,300}/g,
];

/** A part of an account, with its name in quotes. */
const NAMED =
  /\b(organization|project|account|workspace|team|tenant|subscription|deployment|resource)((?:\s{1,4}(?:id|name))?[\s:=]{1,4})([`'"])[^`'"\n]{1,100}\3/gi;

const STACK = /\bTraceback \(most recent call last\)[\s\S]*/;

/** Removes credentials, hosts and everything else about our account from a provider's message. */
export function scrubText(text: string, provider: Pick<Target, "secrets" | "signer" | "baseUrl">): string {
  const secrets = [...provider.secrets, ...(provider.signer?.secrets() ?? [])];
  let scrubbed = text.length > MAX_SCANNED ? wholeWords(text) : text;
  for (const secret of [...secrets, ...hostsOf(provider.baseUrl)]) {
    if (secret.length >= MIN_SECRET) scrubbed = scrubbed.replaceAll(secret, HIDDEN);
  }
  for (const part of secrets.flatMap(partsOf)) scrubbed = scrubbed.replace(part, HIDDEN);
  scrubbed = scrubbed.replace(STACK, "").replace(NAMED, `$1$2${HIDDEN}`);
  for (const pattern of SENSITIVE) scrubbed = scrubbed.replace(pattern, HIDDEN);
  return scrubbed.trim().slice(0, MAX_CHARACTERS);
}

/** How providers quote a key so that its owner recognizes it: its start with a suffix, or its last four characters. */
function partsOf(key: string): RegExp[] {
  if (key.length < MIN_QUOTED) return [];
  const end = key.slice(-4);
  const parts = [new RegExp(`${literal(key.slice(0, 8))}[\\w*.…-]{0,200}`, "g")];
  // Four lower-case letters may be a word.
  if (/\d|[a-z][A-Z]/.test(end))
    parts.push(new RegExp(`[.…*]{0,60}(?<![A-Za-z0-9])${literal(end)}(?![A-Za-z0-9])`, "g"));
  return parts;
}

const literal = (text: string) => text.replace(/[^A-Za-z0-9]/g, "\\$&");

/** The scanned part, cut at a space: half a secret would not be recognized. */
function wholeWords(text: string): string {
  const read = text.slice(0, MAX_SCANNED);
  return read.slice(0, Math.max(0, read.search(/\s\S*$/)));
}

function hostsOf(url: string): string[] {
  if (!URL.canParse(url)) return [];
  const { host, hostname } = new URL(url);
  return [host, hostname];
}
