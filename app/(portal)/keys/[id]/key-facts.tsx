import Link from "next/link";
import { Day } from "#components/ui/day";
import { type Fact, ShortId } from "#components/ui/facts";
import type { Role } from "#lib/auth/actor";
import type { Key } from "#lib/services/keys/key";
import type { KeyBounds } from "#lib/services/keys/key-bounds";
import { addressesFact, expiryFact, modelsFact } from "../../bound-facts";
import { limitFacts } from "../../limit-facts";
import { metadataFacts } from "../../metadata-fact";

/** A key's settings, with the bounds of its owners. */
export function keyFacts(key: Key, bounds: KeyBounds, reader: Role): Fact[] {
  const own = { from: "key", models: key.allowed_models, addresses: key.allowed_ips } as const;
  return [
    { label: "Key", value: <code className="font-mono text-xs">{key.key_prefix}…</code> },
    {
      label: "Owner",
      value: key.user ? <Owner href={`/users/${key.user.id}`} name={key.user.name} /> : "Organization",
    },
    {
      label: "Organization",
      value:
        reader === "member" ? (
          key.organization.name
        ) : (
          <Owner href={`/organizations/${key.organization.id}`} name={key.organization.name} />
        ),
    },
    modelsFact(bounds, own),
    addressesFact(bounds, own),
    { label: "Expires", value: key.expires_at ? <Day iso={key.expires_at} /> : "Never" },
    ...(bounds.memberKeys?.max_days === undefined ? [] : [expiryFact(bounds)]),
    ...(key.provider_id === null ? [] : [{ label: "Provider", value: <ShortId id={key.provider_id} /> }]),
    ...limitFacts(key),
    ...(key.tags.length === 0 ? [] : [{ label: "Tags", value: key.tags.join(", ") }]),
    ...metadataFacts(key.metadata, "/keys"),
    { label: "Created", value: <Day iso={key.created_at} /> },
  ];
}

const Owner = ({ href, name }: { href: string; name: string }) => (
  <Link
    href={href}
    className="rounded-xs underline decoration-line-strong underline-offset-3 hover:decoration-accent"
  >
    {name}
  </Link>
);
