import type { Fact } from "#components/ui/facts";
import { TextLink } from "#components/ui/text-link";
import type { Metadata } from "#lib/services/metadata";
import { parseAsPair } from "./address-parsers";

type List = "/organizations" | "/users" | "/keys" | "/apps";

/**
 * The metadata of an entity or a request, a line for each pair; nothing without any.
 * @param list the page that a pair links to, filtered by it, if an address can say it
 */
export function metadataFacts(metadata: Metadata, list?: List): Fact[] {
  const pairs = Object.entries(metadata).toSorted(([a], [b]) => a.localeCompare(b));
  if (pairs.length === 0) return [];
  return [
    {
      label: "Metadata",
      value: pairs.map(([name, value]) => (
        <span key={name} className="block break-all">
          <span className="text-ink-3 text-xs">{name}:</span>{" "}
          {list === undefined || name.includes("=") ? (
            value
          ) : (
            <TextLink href={{ pathname: list, query: { metadata: parseAsPair.serialize({ name, value }) } }}>
              {value || "(empty)"}
            </TextLink>
          )}
        </span>
      )),
    },
  ];
}
