import "server-only";

const MAX_TEXT = 2_000;

/** Keys, organization and project ids, URLs and e-mail addresses: whatever names our account or its hosts. */
const OURS =
  /\b(?:sk|pk|rk|key|gsk|xai|AIza)[-_][\w*.-]{6,}|\bAIza[\w-]{10,}|\b(?:org|proj|user|acct|ws)[-_][A-Za-z0-9]{6,}|\bhttps?:\/\/[^\s"'<>)]+|\b[\w.+-]+@[\w-]+\.[\w.]+|\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b/g;

/** A provider's own words without its credentials, its host, and whatever else is about our account there. */
export function scrubText(text: string, provider: { apiKey: string | null; baseUrl: string }): string {
  const secrets = [provider.apiKey, hostOf(provider.baseUrl)].filter(
    (secret) => secret !== null && secret !== "",
  );
  const without = secrets.reduce<string>((rest, secret) => rest.replaceAll(String(secret), "[hidden]"), text);
  return without.replace(OURS, "[hidden]").slice(0, MAX_TEXT);
}

function hostOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).host : null;
}
