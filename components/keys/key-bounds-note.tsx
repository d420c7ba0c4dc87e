import type { KeyBounds } from "#lib/services/keys/key-bounds";

const listed = (values: readonly string[]) => (values.length === 0 ? "none" : values.join(", "));

/** What a member's key may have at most, in words. */
export function boundWords({ organizationModels, userModels, memberKeys }: KeyBounds): string[] {
  return [
    ...(organizationModels === null ? [] : [`Models of your organization: ${listed(organizationModels)}`]),
    ...(userModels === null ? [] : [`Your models: ${listed(userModels)}`]),
    ...(memberKeys === null ? [] : [`Active keys: at most ${memberKeys.max}`]),
    ...(memberKeys?.allowed_ips === undefined ? [] : [`Addresses: ${listed(memberKeys.allowed_ips)}`]),
    ...(memberKeys?.max_days === undefined ? [] : [`Expires: within ${memberKeys.max_days} days`]),
  ];
}

/** Tells a member the bounds of a new key; nothing without any. */
export function KeyBoundsNote({ bounds }: { bounds: KeyBounds }) {
  const words = boundWords(bounds);
  if (words.length === 0) return null;
  return (
    <ul aria-label="Bounds of your keys" className="text-ink-2 text-sm">
      {words.map((word) => (
        <li key={word}>{word}</li>
      ))}
    </ul>
  );
}
